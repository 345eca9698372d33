#pragma once

#include "engine/session/aim.h"
#include "engine/session/watch.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace hs::session {

/// What to do next. A newer one replaces one that still waits.
enum class Mode : std::uint8_t { run, pause, step, step_to };

/// Commands that wait to be taken up, the newest of each kind.
struct Commands {
    bool quit = false;
    std::optional<std::uint64_t> reset;
    std::optional<Mode> mode;
    std::chrono::steady_clock::time_point mode_at; ///< when `mode` was asked for
    Goal goal = Goal::event;                       ///< of Mode::step_to, as the next
    trace::Id goal_node = trace::none;
    std::optional<std::size_t> goal_from; ///< the moment from which it is seen; without: where the engine stands
    std::optional<double> learning_rate;
    std::optional<Watch> watch;
    std::optional<bool> pause_on_non_finite;
    std::vector<std::function<void()>> tasks; ///< run in their order on the engine's thread; none replaces another

    bool any() const {
        return quit || reset || mode || learning_rate || watch || pause_on_non_finite || !tasks.empty();
    }
    /// Puts `newer` over these.
    void take_over(Commands newer);
};

/// From any thread to the engine's. The mutex is held only to move a command in or all of them out; the engine looks
/// at one atomic flag an event and takes it only when something waits.
class CommandQueue {
  public:
    /// `put` sets members of the Commands it is given.
    template <class Put>
    void post(Put put) {
        const std::lock_guard lock(mutex_);
        put(waiting_);
        pending_.store(true, std::memory_order_release);
        changed_.notify_all();
    }

    void post_task(std::function<void()> task) {
        post([&](Commands& waiting) { waiting.tasks.push_back(std::move(task)); });
    }

    void post_mode(Mode mode, Goal goal = Goal::event, trace::Id node = trace::none,
                   std::optional<std::size_t> from = std::nullopt) {
        post([=, now = std::chrono::steady_clock::now()](Commands& waiting) {
            waiting.mode = mode;
            waiting.mode_at = now;
            waiting.goal = goal;
            waiting.goal_node = node;
            waiting.goal_from = from;
        });
    }

    bool pending() const { return pending_.load(std::memory_order_acquire); }

    // The engine's side.
    Commands take();
    /// Waits until there is a command. The engine counts as idle meanwhile.
    Commands wait();

    /// Blocks until the engine is idle with no command waiting, or the time is over. True: it is idle.
    bool wait_until_idle(std::chrono::duration<double> timeout);

  private:
    Commands take_locked();

    std::mutex mutex_;
    std::condition_variable changed_;
    Commands waiting_;
    std::atomic<bool> pending_{false};
    bool idle_ = false;
};

} // namespace hs::session
