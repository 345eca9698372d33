#include "app/open_session.h"

#include "engine/session/session.h"
#include "engine/session/training.h"

#include <algorithm>
#include <thread>

namespace hs::app {

namespace {

/// Four times an epoch of Fashion-MNIST: often enough for a curve, and under a tenth of the time.
constexpr std::int64_t steps_between_tests = 234;
constexpr int useful_threads = 16;

} // namespace

void BadInput::set(const std::string& text) {
    const std::lock_guard lock(mutex_);
    text_ = text;
}

std::optional<std::string> BadInput::text() const {
    const std::lock_guard lock(mutex_);
    return text_;
}

int engine_threads(const Options& options) {
    if (options.threads > 0) return options.threads;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return std::clamp(options.headless ? cores : cores - 1, 1, useful_threads);
}

std::unique_ptr<session::Session> open_session(const MakeTraining& make, const Options& options, std::uint64_t seed,
                                               const std::shared_ptr<BadInput>& bad_input) {
    session::Session::Options asked;
    asked.seed = seed;
    asked.threads = engine_threads(options);
    asked.stop_after = options.steps;
    asked.test_every = steps_between_tests;
    auto make_and_remember = [make, bad_input](std::uint64_t with_seed) {
        try {
            return make(with_seed);
        } catch (const InputError& error) {
            bad_input->set(error.what());
            throw;
        }
    };
    return std::make_unique<session::Session>(make_and_remember, asked);
}

} // namespace hs::app
