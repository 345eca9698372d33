#include "engine/session/engine.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/optim/optimizer.h"
#include "engine/session/edits_impl.h"
#include "engine/session/event_text.h"
#include "engine/session/hook_bench_impl.h"
#include "engine/tensor/block.h"
#include "engine/trace/moment.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace hs::session {

namespace {

/// A pause waits this long for the end of the step, where everything is whole; longer steps are paused inside.
constexpr std::chrono::milliseconds patience{20};

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

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
    // Hooks belong to this thread.
    hook_bench->impl().attach(nullptr, nullptr);
    edits->impl().attach(nullptr, nullptr);
    microscope.retention().stop();
    microscope.element().stop();
    recorder_.reset();
    training_.reset();
}

bool Session::Engine::make_training() {
    hook_bench->impl().attach(nullptr, nullptr);
    edits->impl().attach(nullptr, nullptr);
    past->inside().begin(nullptr, now_.seed);
    microscope.element().stop();
    recorder_.reset();
    training_.reset();
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
        recorder_.reset();
        training_.reset();
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
        if (mean_step_seconds_ > 0 && mean_step_seconds_ < seconds(patience) && !test_due_)
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

bool Session::Engine::stops_after_this_step() const {
    return single_step_ || (options_.stop_after > 0 && now_.step + 1 >= options_.stop_after);
}

record::Keep Session::Engine::what_to_keep() {
    const auto now = Clock::now();
    const bool due = now - values_kept_at_ >= std::chrono::milliseconds(watch_.values_every_ms);
    record::Keep keep = !watch_.values.empty() && due ? record::Keep::watched : record::Keep::nothing;
    if (!watched_.empty()) keep = record::Keep::watched;
    if (stops_after_this_step() || aim_ || checks_.any()) keep = record::Keep::all;
    if (keep != record::Keep::nothing) values_kept_at_ = now;
    return keep;
}

void Session::Engine::run_one_step() {
    take_breakpoints();
    take_watches();
    const auto keep = what_to_keep();
    recorder_->set_event_stepping(aim_.has_value() || checks_.any() || hook_bench->impl().active());
    hook_bench->impl().begin_step(now_.step);
    waited_ = {};
    stood_at_ = trace::none;
    inside_step_ = true;
    const auto start = Clock::now();
    try {
        past->inside().before_step(now_.step, mean_step_seconds_, watch_);
        if (hook_bench->impl().active()) past->inside().note_change(true, "a hook of the window was on");
        // Before the step, since a demo runs its model to draw, which does not belong to the Trace.
        std::optional<Tensor> picture;
        if (keep != record::Keep::nothing && watch_.values.contains({trace::Role::picture, "", ""}))
            picture = training_->picture();
        microscope.element().begin_step(training_->model(), training_->optimizer(), now_.step);
        recorder_->begin_step(now_.step, keep);
        microscope.retention().begin_step();
        auto listening = microscope.chain_rules().listen(now_.step, keep == record::Keep::all);
        const auto begun = Clock::now();
        const StepOutcome outcome = training_->step();
        const double step_seconds = seconds(Clock::now() - begun - waited_);
        listening.reset();
        leave_step();
        finish_step(outcome, step_seconds, keep, picture);
        const double unobserved = step_seconds - static_cast<double>(cost_of_step_) * 1e-9;
        update_rates(seconds(Clock::now() - start - waited_), unobserved);
    } catch (const StepAbandoned&) {
        leave_step();
        recorder_->abandon_step();
        return;
    } catch (const HookFailed& failed) {
        return stopped_by_hook(failed.message);
    } catch (const std::exception& error) {
        leave_step();
        return fail(error.what());
    }
    after_step(keep == record::Keep::all);
}

void Session::Engine::finish_step(const StepOutcome& outcome, double step_seconds, record::Keep keep,
                                  const std::optional<Tensor>& picture) {
    cost_of_step_ = recorder_->cost();
    if (recorder_->trace()) {
        if (const Tensor target = training_->last_target(); target.defined())
            recorder_->add(trace::Role::target, target);
        if (picture) recorder_->add(trace::Role::picture, *picture);
    }
    trace::StepResult result;
    result.step = now_.step;
    result.loss = outcome.loss;
    result.batch_accuracy = outcome.accuracy;
    result.seconds = step_seconds;
    const auto finished = recorder_->finish_step(result);
    history->add_scalar("loss", now_.step, outcome.loss);
    if (std::isfinite(outcome.accuracy)) history->add_scalar("batch_accuracy", now_.step, outcome.accuracy);
    history->add_scalar("learning_rate", now_.step, now_.learning_rate);
    history->publish();
    if (finished) {
        last_trace.set(finished);
        if (keep != record::Keep::nothing) last_values.set(finished);
        watches.step_finished(finished);
    }
    past->inside().after_step(outcome.loss);
    ++now_.step;
    now_.loss = outcome.loss;
    now_.batch_accuracy = outcome.accuracy;
    if (steps_per_epoch_ > 0) now_.epoch = static_cast<double>(now_.step) / static_cast<double>(steps_per_epoch_);
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

void Session::Engine::leave_step() {
    inside_step_ = false;
    hook_bench->impl().end_step();
}

void Session::Engine::stop_at_next_event(const std::string& why) {
    pause_wanted_ = true;
    pause_since_ = {};
    pause_message_ = why;
}

/// The step ends here, and its events so far are shown.
void Session::Engine::stopped_by_hook(const std::string& why) {
    const auto trace = recorder_->trace();
    hook_bench->impl().restore_model();
    past->inside().note_change(false);
    leave_step();
    recorder_->abandon_step();
    set_state(State::paused, why);
    if (trace && !trace->events.empty()) {
        last_trace.set(trace);
        now_.event = event_text(*trace, trace::last_event(*trace, trace->events.size()));
    }
    hook_bench->impl().publish();
    publish_status();
}

void Session::Engine::update_rates(double observed, double unobserved) {
    constexpr double share = 0.05;
    const auto follow = [](double& mean, double value) { mean += (value - mean) * (mean == 0 ? 1 : share); };
    follow(mean_step_seconds_, observed);
    follow(mean_unobserved_seconds_, unobserved);
    now_.steps_per_second = 1 / mean_step_seconds_;
    now_.observe_ratio = mean_step_seconds_ / mean_unobserved_seconds_;
}

/// Decides whether another step follows.
void Session::Engine::after_step(bool kept_all) {
    const std::int64_t every = options_.test_every > 0 ? options_.test_every : steps_per_epoch_;
    if (every > 0 && now_.step % every == 0) test_due_ = true;
    look_for_non_finite();
    if (now_.state == State::running && options_.stop_after > 0 && now_.step >= options_.stop_after) {
        test_due_ = test_due_ || tested_at_ != now_.step;
        measure_test_accuracy();
        if (now_.state == State::running) set_state(State::finished);
    } else if (now_.state == State::running && (single_step_ || aim_)) {
        set_state(State::paused);
    } else if (now_.state == State::running && pause_wanted_) {
        if (kept_all || mean_step_seconds_ >= seconds(patience))
            set_state(State::paused);
        else
            single_step_ = true;
    } else if (now_.state == State::running && test_due_) {
        measure_test_accuracy();
    }
    if (now_.state == State::running)
        hook_bench->impl().publish_now_and_then();
    else
        hook_bench->impl().publish();
    publish_status();
}

void Session::Engine::measure_test_accuracy() {
    if (!test_due_) return;
    publish_status();
    try {
        const double accuracy = training_->test_accuracy([this] { return !interrupted(); });
        past->inside().note_change(false);       // it may have drawn numbers
        if (accuracy < 0 && held_.any()) return; // given up; it stays due
        test_due_ = false;
        tested_at_ = now_.step;
        if (accuracy < 0) return;
        now_.test_accuracy = accuracy;
        history->add_scalar("test_accuracy", now_.step - 1, accuracy);
        history->publish();
    } catch (const std::exception& error) {
        test_due_ = false;
        fail(error.what());
    }
}

bool Session::Engine::interrupted() {
    if (commands.pending()) held_.take_over(commands.take());
    return held_.quit || held_.reset || (held_.mode && *held_.mode != Mode::run);
}

void Session::Engine::look_for_non_finite() {
    if (now_.has_non_finite) return;
    const bool bad_loss = !std::isfinite(now_.loss);
    if (!bad_loss && !recorder_->saw_nan()) return;
    now_.has_non_finite = true;
    now_.non_finite = {now_.step - 1, "", "loss"};
    if (const auto& first = recorder_->first_non_finite())
        now_.non_finite = {now_.step - 1, first->module, first->what};
    if (!options_.pause_on_non_finite) return;
    const std::string place = now_.non_finite.module.empty() ? "" : " of " + now_.non_finite.module;
    set_state(State::paused, "NaN or Inf appeared first at step " + std::to_string(now_.non_finite.step) + " in the " +
                                 now_.non_finite.what + place);
}

void Session::Engine::on_event(trace::Id event) {
    const bool checked = checks_.any() || breakpoints.revision() != checks_revision_;
    if (!commands.pending() && !aim_ && !pause_wanted_ && !checked) return;
    bool aimed = false;
    if (commands.pending()) {
        stood_at_ = event; // an Aim that is taken now begins here
        obey_inside_step(commands.take());
    } else {
        aimed = aim_ && aim_->reached(*recorder_->trace(), event);
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
