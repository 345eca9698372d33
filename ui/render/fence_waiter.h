#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace hs::ui {

class RenderTarget;

/// One thread that waits for submitted pictures in their order, so that no one else has to.
class FenceWaiter {
  public:
    FenceWaiter();
    /// Waits for all that was handed over, then joins the thread.
    ~FenceWaiter();
    FenceWaiter(const FenceWaiter&) = delete;
    FenceWaiter& operator=(const FenceWaiter&) = delete;

    /// Calls `done` on the waiting thread. The target lives at least until then.
    void watch(std::shared_ptr<RenderTarget> target, std::function<void(bool ok)> done);

  private:
    struct Entry {
        std::shared_ptr<RenderTarget> target;
        std::function<void(bool ok)> done;
    };
    void run();

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Entry> m_entries;
    bool m_stopping = false;
    std::thread m_thread;
};

} // namespace hs::ui
