#include "ui/render/fence_waiter.h"

#include "ui/render/render_target.h"

namespace hs::ui {

FenceWaiter::FenceWaiter() : m_thread([this] { run(); }) {}

FenceWaiter::~FenceWaiter() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_changed.notify_one();
    m_thread.join();
}

void FenceWaiter::watch(std::shared_ptr<RenderTarget> target, std::function<void(bool ok)> done) {
    {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back({std::move(target), std::move(done)});
    }
    m_changed.notify_one();
}

void FenceWaiter::run() {
    for (;;) {
        Entry entry;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return m_stopping || !m_entries.empty(); });
            if (m_entries.empty()) return;
            entry = std::move(m_entries.front());
            m_entries.pop_front();
        }
        entry.done(entry.target->wait());
    }
}

} // namespace hs::ui
