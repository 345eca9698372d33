#include "app/runner.h"

#include "app/process.h"
#include "ui/models/session_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace hs::app {

namespace {

constexpr int look_ms = 20;
constexpr qint64 line_ms = 5000;

template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

std::string percent(double fraction) {
    return std::isfinite(fraction) ? format("%.2f %%", 100 * fraction) : "-";
}

const char* name(session::State state) {
    switch (state) {
    case session::State::paused:
        return "paused";
    case session::State::running:
        return "running";
    case session::State::finished:
        return "finished";
    default:
        return "failed";
    }
}

} // namespace

Runner::Runner(const Options& options, ui::SessionModel& model, std::shared_ptr<BadInput> bad_input)
    : options_(options), model_(model), bad_input_(std::move(bad_input)) {
    connect(&timer_, &QTimer::timeout, this, &Runner::look);
}

void Runner::start() {
    since_start_.start();
    since_line_.start();
    timer_.start(look_ms);
}

void Runner::look() {
    model_.poll();
    const session::Status& status = model_.status();
    // A short training is over before it was ever seen running.
    const bool measured = status.state == session::State::running || status.state == session::State::finished;
    if (measured && status.steps_per_second > 0) steps_per_second_ = status.steps_per_second;
    if (model_.isReady() && !began_) {
        began_ = true;
        if (options_.headless) print_header();
    }
    if (began_ && options_.headless) print_progress();
    const bool time_over =
        options_.run_seconds > 0 && static_cast<double>(since_start_.elapsed()) > 1000 * options_.run_seconds;
    const bool failed_at_once = !began_ && exit_code() == 2;
    const bool stopped = options_.headless && (status.state == session::State::finished ||
                                               status.state == session::State::failed || status.has_non_finite);
    if (over_ || !(time_over || failed_at_once || stopped)) return;
    over_ = true;
    timer_.stop();
    if (status.state == session::State::running) model_.pause();
    emit over();
}

void Runner::print_header() const {
    const session::TrainingInfo& info = model_.info();
    std::printf("%s: %s, batch %lld, %d thread%s, seed %llu\n", info.name.c_str(), info.model.c_str(),
                static_cast<long long>(info.batch_size), info.threads, info.threads == 1 ? "" : "s",
                static_cast<unsigned long long>(model_.status().seed));
}

void Runner::print_progress() {
    const session::Status& status = model_.status();
    const std::int64_t tenth = std::max<std::int64_t>(options_.steps / 10, 1);
    const bool at_tenth = options_.steps > 0 && status.step / tenth > printed_step_ / tenth;
    if (status.step == printed_step_ || !(at_tenth || since_line_.elapsed() > line_ms)) return;
    printed_step_ = status.step;
    since_line_.start();
    const std::string of = options_.steps > 0 ? " of " + std::to_string(options_.steps) : "";
    std::printf("step %lld%s: loss %.4f, batch accuracy %s, %.1f steps/s\n", static_cast<long long>(status.step),
                of.c_str(), status.loss, percent(status.batch_accuracy).c_str(), status.steps_per_second);
    std::fflush(stdout);
}

int Runner::exit_code() const {
    const session::Status& status = model_.status();
    if (status.state == session::State::failed) return bad_input_->text() ? 2 : 1;
    return options_.headless && status.has_non_finite ? 1 : 0;
}

void Runner::print_failure() const {
    const session::Status& status = model_.status();
    if (exit_code() == 2) {
        std::fprintf(stderr, "hookscope: %s\n", bad_input_->text()->c_str());
    } else if (status.state == session::State::failed) {
        std::fprintf(stderr, "hookscope: the training failed at step %lld: %s\n", static_cast<long long>(status.step),
                     status.message.c_str());
    } else if (exit_code() == 1) {
        const session::NonFinite& first = status.non_finite;
        std::fprintf(stderr, "hookscope: stopped at step %lld: NaN or Inf appeared first in the %s%s%s\n",
                     static_cast<long long>(first.step), first.what.c_str(), first.module.empty() ? "" : " of ",
                     first.module.c_str());
    }
}

Report Runner::report() const {
    const session::Status& status = model_.status();
    const session::TrainingInfo& info = model_.info();
    Report report;
    report.demo = options_.demo;
    report.model = info.model;
    report.seed = status.seed;
    report.threads = info.threads;
    report.batch_size = info.batch_size;
    report.state = name(status.state);
    report.message = status.message;
    report.loss = status.loss;
    if (status.test_accuracy >= 0) report.test_accuracy = status.test_accuracy;
    report.steps = status.step;
    report.seconds_per_step = steps_per_second_ > 0 ? 1 / steps_per_second_ : 0;
    report.observe_ratio = status.observe_ratio;
    report.peak_memory_mb = app::peak_memory_mb();
    return report;
}

std::string Runner::result_line() const {
    const session::Status& status = model_.status();
    const std::string accuracy =
        status.test_accuracy >= 0 ? percent(status.test_accuracy) : std::string("not measured");
    return format("%lld steps: loss %.4f, test accuracy %s", static_cast<long long>(status.step), status.loss,
                  accuracy.c_str());
}

} // namespace hs::app
