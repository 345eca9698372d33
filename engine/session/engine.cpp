#include "engine/session/engine.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/optim/optimizer.h"
#include "engine/session/edits_impl.h"
#include "engine/session/event_text.h"
#include "engine/session/hook_bench_impl.h"
#include "engine/tensor/block.h"
#include "engine/trace/moment.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace hs::session {

Session::Engine::Engine(Make make, const Options& options)
    : past(std::make_unique<Past>(std::make_unique<Past::Inside>(std::move(make), [this] { tell_listener(); }))),
      options_(options) {
    now_.seed = options.seed;
    status.set(std::make_shared<const Status>(now_));
    connect_parts();
    thread_ = std::thread([this] { main(); });
}

Session::Engine::~Engine() {
    commands.post([](Commands& waiting) { waiting.quit = true; });
    past->cancel();
    thread_.join();
    past.reset(); // its thread calls the listener
}

void Session::Engine::set_listener(std::function<void()> listener) {
    const std::lock_guard lock(listener_mutex_);
    listener_ = std::move(listener);
    told = false;
}

void Session::Engine::publish_status() {
    now_.tensor_bytes = block_memory().current;
    status.set(std::make_shared<const Status>(now_));
    tell_listener();
}

void Session::Engine::tell_listener() {
    if (told.exchange(true)) return;
    const std::lock_guard lock(listener_mutex_);
    if (listener_) listener_();
}

void Session::Engine::set_state(State state, const std::string& message) {
    now_.state = state;
    now_.message = message;
    now_.event.clear();
    if (state == State::running) return;
    single_step_ = pause_wanted_ = false;
    pause_message_.clear();
    aim_.reset();
}

void Session::Engine::fail(const std::string& why) {
    if (recorder_) recorder_->abandon_step();
    set_state(State::failed, why);
    publish_status();
}

void Session::Engine::main() {
    if (options_.threads > 0) set_num_threads(options_.threads);
    make_training();
    while (!held_.quit) {
        settle();
        if (!held_.quit && now_.state == State::running) run_one_step();
    }
    let_go(); // hooks belong to this thread
    microscope.retention().stop();
}

/// Nobody looks at the training any more, and it is gone.
void Session::Engine::let_go() {
    hook_bench->impl().attach(nullptr, nullptr);
    edits->impl().attach(nullptr, nullptr);
    past->inside().begin(nullptr, now_.seed);
    microscope.element().stop();
    recorder_.reset();
    training_.reset();
}

bool Session::Engine::make_training() {
    let_go();
    history->clear();
    last_trace.set(nullptr);
    last_values.set(nullptr);
    const Status before = std::exchange(now_, {});
    now_.seed = before.seed;
    now_.state = before.state == State::running && !aim_ ? State::running : State::paused;
    aim_.reset();
    stood_at_ = trace::none;
    test_due_ = false;
    tested_at_ = -1;
    mean_step_seconds_ = mean_unobserved_seconds_ = 0;
    try {
        training_ = past->inside().make(now_.seed);
        if (!training_) throw std::runtime_error("no training was made");
        TrainingInfo about = training_->info();
        about.threads = get_num_threads();
        steps_per_epoch_ = about.steps_per_epoch;
        now_.learning_rate = training_->optimizer().learning_rate();
        recorder_ = std::make_unique<record::Recorder>(training_->model(), training_->optimizer(), *history);
        recorder_->set_on_event([this](trace::Id event) { on_event(event); });
        recorder_->set_on_node([this](trace::Id node, std::span<const Tensor> sent) { on_node(node, sent); });
        set_recorder_watch();
        hook_bench->impl().attach(training_.get(), recorder_.get());
        edits->impl().attach(training_.get(), recorder_.get());
        last_trace.set(recorder_->describe());
        checks_.forget_signs();
        breakpoints.forget_hits();
        past->inside().begin(training_.get(), now_.seed);
        watches.forget();
        info.set(std::make_shared<const TrainingInfo>(std::move(about)));
        publish_status();
        return true;
    } catch (const std::exception& error) {
        let_go();
        info.set(nullptr);
        fail(error.what());
        return false;
    }
}

/// Between two steps: takes commands up, and waits for them while nothing runs.
void Session::Engine::settle() {
    const bool running = now_.state == State::running;
    if (running && !commands.pending() && !held_.any()) return;
    held_.take_over(running || held_.any() ? commands.take() : commands.wait());
    if (held_.quit) return;
    obey(std::exchange(held_, {}));
    publish_status();
}

void Session::Engine::obey(Commands taken) {
    if (taken.pause_on_non_finite) options_.pause_on_non_finite = *taken.pause_on_non_finite;
    if (taken.watch) {
        watch_ = std::move(*taken.watch);
        if (recorder_) set_recorder_watch();
    }
    if (taken.reset) {
        now_.seed = *taken.reset;
        if (!make_training()) return;
    }
    if (taken.learning_rate && training_) {
        training_->optimizer().set_learning_rate(*taken.learning_rate);
        past->inside().note_change(inside_step_, "the learning rate was set");
        now_.learning_rate = *taken.learning_rate;
    }
    for (const auto& task : taken.tasks)
        task();
    if (!taken.tasks.empty()) past->inside().note_change(inside_step_, "a tensor or a hook was changed");
    if (taken.mode && now_.state != State::failed) change_mode(taken);
}

void Session::Engine::change_mode(const Commands& taken) {
    const Mode mode = *taken.mode;
    if (mode == Mode::pause) {
        if (now_.state != State::running || pause_wanted_) return;
        pause_wanted_ = true;
        pause_since_ = taken.mode_at;
        if (inside_step_) return;
        // One more short step keeps everything, so that all of it can be looked at during the pause.
        if (has_short_steps() && !test_due_)
            single_step_ = true;
        else
            set_state(State::paused);
        return;
    }
    if (now_.state == State::finished) options_.stop_after = 0;
    if (now_.state != State::running) set_state(State::running);
    pause_wanted_ = false;
    single_step_ = mode == Mode::step;
    aim_.reset();
    if (mode == Mode::step_to) take_aim(taken);
}

void Session::Engine::take_aim(const Commands& taken) {
    const auto trace = recorder_->trace();
    if (!trace || stood_at_ == trace::none || !inside_step_) {
        aim_.emplace(taken.goal, nullptr, trace::none, taken.goal_node);
        return;
    }
    const std::size_t here = stood_at_ + std::size_t{1};
    const std::size_t from = std::min(taken.goal_from.value_or(here), here);
    aim_.emplace(taken.goal, trace.get(), trace::last_event(*trace, from), taken.goal_node);
    for (std::size_t event = from; event < here; ++event)
        aim_->reached(*trace, static_cast<trace::Id>(event));
}

void Session::Engine::connect_parts() {
    hook_bench->impl().stop = [this](const std::string& why) { stop_at_next_event(why); };
    hook_bench->impl().last_step = [this] { return last_trace.get(); };
    edits->impl().noted = [this](std::shared_ptr<const trace::Trace> trace) {
        if (last_values.get() == last_trace.get()) last_values.set(trace);
        last_trace.set(std::move(trace));
    };
    edits->impl().last_step = [this] { return last_trace.get(); };
}

void Session::Engine::stop_at_next_event(const std::string& why) {
    pause_wanted_ = true;
    pause_since_ = {};
    pause_message_ = why;
}

void Session::Engine::on_event(trace::Id event) {
    const bool checked = checks_.any() || breakpoints.revision() != checks_revision_;
    if (!commands.pending() && !aim_ && !pause_wanted_ && !checked) return;
    bool aimed = aim_ && aim_->reached(*recorder_->trace(), event);
    if (commands.pending()) {
        stood_at_ = event; // an Aim that is taken now begins here
        Commands taken = commands.take();
        if (taken.mode && *taken.mode != Mode::pause) aimed = false;
        obey_inside_step(std::move(taken));
    }
    const bool pause_now = pause_wanted_ && Clock::now() - pause_since_ > patience;
    bool stops = false;
    if (checked) {
        take_breakpoints();
        checks_.after(*recorder_->trace(), event, recorder_->told(), holding_);
        stops = stops_at_breakpoint();
    }
    if (aimed || pause_now || stops) wait_at_gate(event, stops ? stop_message_ : std::string());
}

/// Before a node runs; where it stands then is after the last event.
void Session::Engine::on_node(trace::Id node, std::span<const Tensor> gradients) {
    take_breakpoints();
    const trace::Trace& trace = *recorder_->trace();
    const std::size_t position = trace.events.size();
    if (position == 0) return;
    checks_.before(trace, position, node, gradients, holding_);
    if (stops_at_breakpoint()) wait_at_gate(trace::last_event(trace, position), stop_message_);
}

/// What the views want, and what the watches need.
void Session::Engine::set_recorder_watch() {
    Watch all = watch_;
    all.values.insert(watched_.begin(), watched_.end());
    recorder_->set_watch(all);
}

void Session::Engine::take_watches() {
    const std::uint64_t newest = watches.revision();
    if (newest == watches_revision_) return;
    watches_revision_ = newest;
    watched_ = watches.keys();
    set_recorder_watch();
}

void Session::Engine::take_breakpoints() {
    const std::uint64_t newest = breakpoints.revision();
    if (newest == checks_revision_) return;
    checks_revision_ = newest;
    checks_.set(breakpoints.active());
    recorder_->tell_nodes(checks_.wants_nodes());
}

/// Counts what holds now. True: one of them is to stop; the message says which and why.
bool Session::Engine::stops_at_breakpoint() {
    stop_message_.clear();
    for (const Breakpoints::Stop& stop : holding_)
        if (breakpoints.count_hit(stop.breakpoint, stop, now_.step) && stop_message_.empty())
            stop_message_ = stop.message;
    holding_.clear();
    return !stop_message_.empty();
}

/// Obeys what can be obeyed inside a step and holds the rest until its end.
void Session::Engine::obey_inside_step(Commands taken) {
    if (taken.watch) held_.watch = std::exchange(taken.watch, std::nullopt);
    if (taken.quit || taken.reset) {
        held_.take_over(std::move(taken));
        throw StepAbandoned();
    }
    obey(std::move(taken));
}

/// The Gate: the engine stands still inside a hook until it is told to go on.
void Session::Engine::wait_at_gate(trace::Id event, const std::string& message) {
    const auto since = Clock::now();
    const auto trace = recorder_->trace();
    last_trace.set(trace);
    stood_at_ = event;
    set_state(State::paused, message.empty() ? std::string(pause_message_) : message);
    now_.event = event_text(*trace, event);
    hook_bench->impl().publish();
    publish_status();
    while (now_.state == State::paused) {
        obey_inside_step(commands.wait());
        publish_status();
    }
    edits->impl().leave_event();
    const auto waited = Clock::now() - since;
    waited_ += waited;
    recorder_->exclude(std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count());
}

} // namespace hs::session
