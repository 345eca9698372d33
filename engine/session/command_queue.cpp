#include "engine/session/command_queue.h"

#include <iterator>
#include <utility>

namespace hs::session {

void Commands::take_over(Commands newer) {
    quit = quit || newer.quit;
    if (newer.reset) reset = newer.reset;
    if (newer.mode) {
        mode = newer.mode;
        mode_at = newer.mode_at;
        goal = newer.goal;
        goal_node = newer.goal_node;
        goal_from = newer.goal_from;
    }
    if (newer.learning_rate) learning_rate = newer.learning_rate;
    if (newer.watch) watch = std::move(newer.watch);
    if (newer.pause_on_non_finite) pause_on_non_finite = newer.pause_on_non_finite;
    tasks.insert(tasks.end(), std::make_move_iterator(newer.tasks.begin()), std::make_move_iterator(newer.tasks.end()));
}

Commands CommandQueue::take_locked() {
    pending_.store(false, std::memory_order_relaxed);
    return std::exchange(waiting_, {});
}

Commands CommandQueue::take() {
    const std::lock_guard lock(mutex_);
    return take_locked();
}

Commands CommandQueue::wait() {
    std::unique_lock lock(mutex_);
    idle_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return waiting_.any(); });
    idle_ = false;
    return take_locked();
}

bool CommandQueue::wait_until_idle(std::chrono::duration<double> timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return idle_ && !waiting_.any(); });
}

} // namespace hs::session
