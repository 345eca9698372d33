#pragma once

#include "engine/session/aim.h"
#include "engine/session/watch.h"
#include "engine/trace/history.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hs::session {

class Training; // what is trained: engine/session/training.h, which no view includes
class Breakpoints;
class Edits;
class HookBench;
class Microscope;
class Past;
class Watches;

/// What is known of a training before it runs.
struct TrainingInfo {
    std::string name;                     ///< `fashion-cnn`
    std::string model;                    ///< `LeNet`
    std::vector<std::string> class_names; ///< empty where there are no classes
    std::int64_t batch_size = 0;
    std::int64_t steps_per_epoch = 0;
    int threads = 1;
};

enum class State : std::uint8_t { paused, running, finished, failed };

/// Where NaN or Inf was seen first.
struct NonFinite {
    std::int64_t step = 0;
    std::string module; ///< path of the first module whose output (or else gradient) was not finite; empty: the loss
    std::string what;   ///< `output`, `gradient of weight`, `loss`
};

/// What the Session says about itself; a plain value, newest at each call of Session::status().
struct Status {
    State state = State::paused;
    std::int64_t step = 0; ///< steps finished
    double epoch = 0;      ///< 1.37: 37 % of the second epoch done
    double loss = 0;       ///< of the last step
    double batch_accuracy = 0;
    double test_accuracy = -1; ///< 0 to 1; negative until it was measured
    double learning_rate = 0;
    double steps_per_second = 0;
    /// Step time observed over not observed; 1 until it was measured. Every step is observed, so that none is missing
    /// in the History; the time it would have taken is what is left without the Recorder's hooks, whose own time is
    /// clocked. What observing pushes out of the processor's caches is not seen by this.
    double observe_ratio = 1;
    std::uint64_t seed = 0;
    std::size_t tensor_bytes = 0;
    std::string event;   ///< where it is paused inside a step: `forward conv2d in stage1.conv1`; else empty
    std::string message; ///< why it failed or paused by itself; else empty
    bool has_non_finite = false;
    NonFinite non_finite;
};

/// Runs a Training on a thread of its own. Every call returns at once; commands are taken up between two events of
/// the engine, a newer command replacing a waiting one of the same kind (run, pause, step and step_to are of one
/// kind). All members may be called from any thread.
///
/// The step before a stop (a single step, the step that ends a pause of short steps, the last one) keeps the bytes of
/// everything, up to record::keep_all_limit, so that all of it can be looked at while nothing runs.
class Session {
  public:
    struct Options {
        std::uint64_t seed = 7;
        int threads = 0; ///< OpenMP threads of the engine; 0: chosen by the machine
        bool pause_on_non_finite = true;
        std::int64_t stop_after = 0; ///< steps; 0: goes on until it is told to stop
        std::int64_t test_every = 0; ///< steps between measurements of the test accuracy; 0: once an epoch
    };

    /// Makes the training on the Session's own thread, since building a model and reading data can take long.
    /// What `make` throws becomes State::failed with its text as message.
    Session(std::function<std::unique_ptr<Training>(std::uint64_t seed)> make, Options options);
    /// Stops the engine at its next event and joins its thread.
    ~Session();

    void run();
    /// At the end of a step; inside it, at the next event, when that takes longer than 20 ms.
    void pause();
    void step(); ///< one training step, then pause
    /// Goes on to `goal` and pauses there, inside the step; between two steps it begins the next one. `node` is for
    /// Goal::this_node: an entry of the nodes of trace(). `from` is the moment of trace() from which the goal is seen,
    /// for whoever looks at an earlier one than that at which the engine stands; advance() has found it not reached
    /// yet.
    void step_to(Goal goal, trace::Id node = trace::none, std::optional<std::size_t> from = std::nullopt);
    /// Makes the training anew, also in the middle of a step. Goes on running if it ran; otherwise it is paused.
    void reset(std::uint64_t seed);
    void set_learning_rate(double value);
    void set_watch(const Watch& watch); ///< from the next step on
    void set_pause_on_non_finite(bool pause);

    /// False until the training is made (see Status::state for failures).
    bool ready() const;
    TrainingInfo info() const;
    Status status() const;
    /// The last finished step, or null. While paused inside a step, the step under way. Before the first step a Trace
    /// of step -1 that holds the modules and parameters.
    std::shared_ptr<const trace::Trace> trace() const;
    /// The last finished step in which the values that the Watch names were kept, or null.
    std::shared_ptr<const trace::Trace> values_trace() const;
    std::shared_ptr<const trace::History> history() const;

    // What can be asked of a training beside running it, each a part of its own with a header of its own name. They
    // live as long as the Session, and may be used from any thread like it.
    Breakpoints& breakpoints() const; ///< where it stops by itself
    Watches& watches() const;         ///< expressions over its tensors
    Past& past() const;               ///< earlier training steps
    Microscope& microscope() const;   ///< what one node did, in numbers
    HookBench& hook_bench() const;    ///< hooks, put on and taken off while it runs
    Edits& edits() const;             ///< changes of tensors and settings, and their undoing

    /// Called on the engine's thread when something new is there: at most once until the next call of status(). When
    /// this returns, the listener before is no longer called. A listener must not call set_listener.
    void set_listener(std::function<void()> listener);
    /// Blocks until the state is not `running`, or the time is over; for programs without a window. True: it stopped.
    bool wait_until_stopped(double seconds);

  private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

} // namespace hs::session
