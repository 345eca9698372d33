#pragma once

#include "engine/session/checkpoints.h"
#include "engine/session/past.h"
#include "engine/session/replay.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hs::session {

/// What the Session's engine tells the Past, and what is kept of it. Where nothing else is said, for the engine's
/// thread.
struct Past::Inside {
    using Make = std::function<std::unique_ptr<Training>(std::uint64_t seed)>;

    /// `tell` may be called on any thread.
    Inside(Make make, std::function<void()> tell);

    /// For the live Training and for the one that runs steps again: any thread, one at a time.
    std::unique_ptr<Training> make(std::uint64_t seed);

    /// A Training was made anew, or (null) is gone: what was kept is forgotten.
    void begin(Training* training, std::uint64_t seed);
    /// Takes a checkpoint if one is due. `usual_seconds` is how long a step takes; 0: not known yet. `disturbed` says
    /// why the step cannot be run again; then no checkpoint is taken, and the next step that can begins anew.
    void before_step(std::int64_t step, double usual_seconds, const trace::Watch& watch,
                     const std::string& disturbed = {});
    void after_step(double loss);
    /// Later steps depend on something that happened now, and that running the earlier ones again does not bring
    /// about. `inside_step`: the step under way cannot be run again; `what` says why ("the learning rate was set").
    void note_change(bool inside_step, const std::string& what = {});

    // Any thread.
    void set_budget(std::size_t bytes);
    Reach reach() const;
    std::uint64_t go_to(std::int64_t step);

    Replayer& replayer() { return replayer_; }

  private:
    void take(std::int64_t step);
    /// In a sentence, why `step` cannot be run again; empty where it can.
    std::string refusal(std::int64_t step) const;
    std::string none_reached() const;

    const Make make_;
    std::mutex making_;
    std::atomic<bool> is_on_{false};

    Training* training_ = nullptr;
    std::int64_t taken_at_ = -1;
    bool is_due_ = false; ///< whatever the distance
    double usual_seconds_ = 0;
    double cost_ = 0; ///< seconds that a checkpoint takes, copies of the next step included

    mutable std::mutex mutex_; // of what follows; held for moments
    Checkpoints kept_;
    std::int64_t every_ = 1;
    std::int64_t last_ = -1; ///< the newest step that was begun
    bool can_replay_ = false;
    std::size_t too_large_ = 0; ///< bytes of a checkpoint that did not fit; 0: they fit
    std::vector<double> losses_;
    std::int64_t first_loss_ = 0; ///< the step of losses_[0]
    struct Disturbed {
        std::int64_t first;
        std::int64_t last;
        std::string what;
    };
    void disturb(std::int64_t step, const std::string& what);
    const Disturbed* disturbed(std::int64_t from, std::int64_t to) const;
    std::vector<Disturbed> disturbed_; ///< steps inside which something was changed, in their order
    Replayer::Job next_;               ///< all that does not depend on the step that is wanted
    std::uint64_t requests_ = 0;

    Replayer replayer_;
};

} // namespace hs::session
