#include "engine/session/session.h"

#include "engine/session/engine.h"

#include <algorithm>
#include <utility>

namespace hs::session {

Session::Session(std::function<std::unique_ptr<Training>(std::uint64_t)> make, Options options)
    : engine_(std::make_unique<Engine>(std::move(make), options)) {}

Session::~Session() = default;

void Session::run() {
    engine_->commands.post_mode(Mode::run);
}

void Session::pause() {
    engine_->commands.post_mode(Mode::pause);
}

void Session::step() {
    engine_->commands.post_mode(Mode::step);
}

void Session::step_to(Goal goal, trace::Id node, std::optional<std::size_t> from) {
    engine_->commands.post_mode(Mode::step_to, goal, node, from);
}

void Session::reset(std::uint64_t seed) {
    engine_->commands.post([seed](Commands& waiting) { waiting.reset = seed; });
}

void Session::set_learning_rate(double value) {
    engine_->commands.post([value](Commands& waiting) { waiting.learning_rate = value; });
}

void Session::set_watch(const Watch& watch) {
    engine_->commands.post([watch = Watch(watch)](Commands& waiting) mutable { waiting.watch = std::move(watch); });
}

void Session::set_pause_on_non_finite(bool pause) {
    engine_->commands.post([pause](Commands& waiting) { waiting.pause_on_non_finite = pause; });
}

bool Session::ready() const {
    return engine_->info.get() != nullptr;
}

TrainingInfo Session::info() const {
    const auto info = engine_->info.get();
    return info ? *info : TrainingInfo();
}

Status Session::status() const {
    // First, so that what is published after the status was read calls the listener again.
    engine_->told = false;
    return *engine_->status.get();
}

std::shared_ptr<const trace::Trace> Session::trace() const {
    return engine_->last_trace.get();
}

std::shared_ptr<const trace::Trace> Session::values_trace() const {
    return engine_->last_values.get();
}

std::shared_ptr<const trace::History> Session::history() const {
    return engine_->history;
}

Microscope& Session::microscope() const {
    return engine_->microscope;
}

void Session::set_listener(std::function<void()> listener) {
    engine_->set_listener(std::move(listener));
}

bool Session::wait_until_stopped(double seconds) {
    constexpr double years = 1e8; // the clock cannot count much further
    return engine_->commands.wait_until_idle(std::chrono::duration<double>(std::min(seconds, years)));
}

} // namespace hs::session
