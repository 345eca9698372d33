#pragma once

#include "engine/record/recorder.h"
#include "engine/session/breakpoint_check.h"
#include "engine/session/breakpoints.h"
#include "engine/session/command_queue.h"
#include "engine/session/edits.h"
#include "engine/session/hook_bench.h"
#include "engine/session/microscope.h"
#include "engine/session/past_inside.h"
#include "engine/session/session.h"
#include "engine/session/training.h"
#include "engine/session/watches.h"
#include "engine/trace/published.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hs::session {

/// The Session's inside. Members below "the engine's thread" belong to that thread; the rest is how other threads talk
/// to it.
struct Session::Engine {
    using Make = std::function<std::unique_ptr<Training>(std::uint64_t seed)>;

    Engine(Make make, const Options& options);
    ~Engine();

    CommandQueue commands;
    trace::Published<std::shared_ptr<const Status>> status;
    trace::Published<std::shared_ptr<const TrainingInfo>> info; // null until the training is made
    trace::Published<std::shared_ptr<const trace::Trace>> last_trace;
    trace::Published<std::shared_ptr<const trace::Trace>> last_values;
    const std::shared_ptr<trace::History> history = std::make_shared<trace::History>();
    Breakpoints breakpoints{last_trace};
    const std::unique_ptr<HookBench> hook_bench = std::make_unique<HookBench>(commands);
    const std::unique_ptr<Edits> edits = std::make_unique<Edits>(commands);
    Microscope microscope;
    Watches watches{last_trace};
    std::atomic<bool> told{false}; // the listener was called and status() not yet
    void set_listener(std::function<void()> listener);
    std::unique_ptr<Past> past;

  private:
    using Clock = std::chrono::steady_clock;
    /// A pause waits this long for the end of the step, where everything is whole; longer steps are paused inside.
    static constexpr std::chrono::milliseconds patience{20};
    struct StepAbandoned {}; // not a std::exception, so that no training swallows it

    // The engine's thread.
    void main();
    bool make_training();
    void let_go();
    void obey(Commands taken);
    void settle();
    void run_one_step();
    void finish_step(const StepOutcome& outcome, double step_seconds, record::Keep keep,
                     const std::optional<Tensor>& picture);
    void after_step(bool kept_all);
    void measure_test_accuracy();
    void look_for_non_finite();
    void on_event(trace::Id event);
    void obey_inside_step(Commands taken);
    void on_node(trace::Id node, std::span<const Tensor> gradients);
    void take_breakpoints();
    void take_watches();
    void set_recorder_watch();
    bool stops_at_breakpoint();
    void wait_at_gate(trace::Id event, const std::string& message = {});
    bool values_are_due() const;
    record::Keep what_to_keep(bool due);
    bool stops_after_this_step() const;
    bool has_short_steps() const;
    void change_mode(const Commands& taken);
    void take_aim(const Commands& taken);
    void connect_parts();
    void leave_step();
    void stop_at_next_event(const std::string& why);
    void stopped_by_hook(const std::string& why);
    void fail(const std::string& why);
    void set_state(State state, const std::string& message = {});
    void publish_status();
    void tell_listener();
    void update_rates(double observed, double unobserved);
    bool interrupted();

    Options options_;
    std::unique_ptr<Training> training_;
    std::unique_ptr<record::Recorder> recorder_;
    Watch watch_;
    std::uint64_t watches_revision_ = 0; ///< of those whose values are kept
    std::set<trace::ValueKey> watched_;  ///< by them
    Commands held_;                      // taken up, but to be obeyed between two steps
    Status now_;
    std::int64_t steps_per_epoch_ = 0;
    bool single_step_ = false; // pause after this step
    std::optional<Aim> aim_;   // where to pause inside a step
    BreakpointCheck checks_;
    std::uint64_t checks_revision_ = 0; ///< of the breakpoints in it
    std::vector<Breakpoints::Stop> holding_;
    std::string stop_message_;
    trace::Id stood_at_ = trace::none;
    bool pause_wanted_ = false; // and since when
    Clock::time_point pause_since_;
    std::string pause_message_; // what a pause inside a step says
    bool inside_step_ = false;
    Clock::duration waited_{}; // at the gate, in this step
    std::int64_t cost_of_step_ = 0;
    bool test_due_ = false;
    std::int64_t tested_at_ = -1;
    Clock::time_point values_kept_at_;
    double mean_step_seconds_ = 0;
    double mean_unobserved_seconds_ = 0;

    std::mutex listener_mutex_;
    std::function<void()> listener_;
    std::thread thread_;
};

} // namespace hs::session
