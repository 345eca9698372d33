#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hs::session {

/// Which training steps can be gone back to, and what that takes.
struct Reach {
    std::string why_not;     ///< in a sentence, why none can be; empty where they can
    std::int64_t first = -1; ///< the first step, from 0
    std::int64_t last = -1;  ///< the last one; it may be under way
    std::size_t bytes = 0;   ///< held for it
    std::size_t budget = 0;  ///< of set_budget()
    std::int64_t every = 1;  ///< a step starts from a checkpoint every so many steps; the others are run from there
};

/// What became of a call of Past::go_to().
struct PastStep {
    enum class State : std::uint8_t { none, working, done, failed, cancelled };

    State state = State::none;
    std::uint64_t request = 0; ///< what go_to() gave
    std::int64_t step = -1;
    std::int64_t steps_done = 0; ///< of steps_needed, the wanted one included
    std::int64_t steps_needed = 0;
    std::string message; ///< why it failed
    /// The step with its values, once it is done. Its events are those of the live step, its values the same to the
    /// last bit; times and numbers of nodes are its own.
    std::shared_ptr<const trace::Trace> trace;
};

/// Goes back over training steps. Now and then the Session keeps what a step starts from (a checkpoint): so seldom that
/// it costs about a fiftieth of the time, and within a budget of bytes. A step that is over is shown again by running
/// it again, from the nearest checkpoint, in a second Training on a thread of its own: the live one is not touched.
///
/// Every call returns at once; all may be called from any thread.
class Past {
  public:
    struct Inside;

    explicit Past(std::unique_ptr<Inside> inside);
    Past(const Past&) = delete;
    Past& operator=(const Past&) = delete;
    ~Past();

    /// Bytes for checkpoints, and for the values of one step that is shown again. 0, as at first: nothing is kept and
    /// nothing costs. Less than before drops the oldest steps. From the step on that comes next.
    void set_budget(std::size_t bytes);
    Reach reach() const;
    /// The first step that can be gone back to, or -1.
    std::int64_t reaches_back_to() const { return reach().first; }

    /// Runs a step again and keeps all its values: one that is over, or the one under way, whose values were not all
    /// kept. Takes the place of what is being run again. Gives the request's number; the Session's listener is told
    /// when newest() has changed.
    std::uint64_t go_to(std::int64_t step);
    /// Stops at the next operation. Of a step that is done, newest() gives the Trace no more.
    void cancel();
    /// How far the newest request is, or what came of it.
    PastStep newest() const;

    Inside& inside() const { return *inside_; }

  private:
    std::unique_ptr<Inside> inside_;
};

} // namespace hs::session
