#include "engine/session/engine.h"

#include "engine/session/event_text.h"
#include "engine/session/hook_bench_impl.h"
#include "engine/session/past_inside.h"
#include "engine/trace/moment.h"

#include <cmath>
#include <exception>
#include <utility>

namespace hs::session {

namespace {

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

bool Session::Engine::stops_after_this_step() const {
    return single_step_ || (options_.stop_after > 0 && now_.step + 1 >= options_.stop_after);
}

/// Whether the views want new values, which is not in every step; the last one before a stop has them too.
bool Session::Engine::values_are_due() const {
    if (stops_after_this_step() || aim_) return true;
    return Clock::now() - values_kept_at_ >= std::chrono::milliseconds(watch_.values_every_ms);
}

record::Keep Session::Engine::what_to_keep(bool due) {
    if (due) values_kept_at_ = Clock::now();
    if (stops_after_this_step() || aim_ || checks_.any()) return record::Keep::all;
    const bool watched = !watched_.empty() || (due && !watch_.values.empty());
    return watched ? record::Keep::watched : record::Keep::nothing;
}

void Session::Engine::run_one_step() {
    take_breakpoints();
    take_watches();
    const bool due = values_are_due();
    const auto keep = what_to_keep(due);
    recorder_->set_event_stepping(aim_.has_value() || checks_.any() || hook_bench->impl().active());
    waited_ = {};
    stood_at_ = trace::none;
    inside_step_ = true;
    const auto start = Clock::now();
    try {
        past->inside().before_step(now_.step, mean_step_seconds_, watch_,
                                   hook_bench->impl().active() ? "a hook of the window was on" : "");
        // Before the step, since a demo runs its model to draw, which does not belong to the Trace.
        std::optional<Tensor> picture;
        if (due && watch_.values.contains({trace::Role::picture, "", ""})) picture = training_->picture();
        microscope.element().begin_step(training_->model(), training_->optimizer(), now_.step);
        hook_bench->impl().begin_step(now_.step);
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

void Session::Engine::leave_step() {
    inside_step_ = false;
    hook_bench->impl().end_step();
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

bool Session::Engine::has_short_steps() const {
    return mean_step_seconds_ > 0 && mean_step_seconds_ < seconds(patience);
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
        if (kept_all || !has_short_steps())
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

} // namespace hs::session
