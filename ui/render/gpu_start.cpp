#include "ui/render/gpu_device.h"

#include <QMetaObject>
#include <QObject>

#include <mutex>
#include <thread>

namespace hs::ui {

struct GpuStart::State {
    std::mutex mutex;
    bool done = false;
    GpuResult result;
    QObject* context = nullptr;
    std::function<void(const GpuResult&)> then;
    std::thread thread;

    /// With the mutex held.
    void deliver() {
        QMetaObject::invokeMethod(
            context, [call = std::move(then), value = result] { call(value); }, Qt::QueuedConnection);
    }
};

GpuStart::GpuStart(const GpuOptions& options) : m_state(std::make_unique<State>()) {
    m_state->thread = std::thread([state = m_state.get(), options] {
        GpuResult result = GpuDevice::create(options);
        const std::lock_guard lock(state->mutex);
        state->result = std::move(result);
        state->done = true;
        if (state->then) state->deliver();
    });
}

GpuStart::~GpuStart() {
    if (m_state->thread.joinable()) m_state->thread.join();
}

void GpuStart::whenReady(QObject* context, std::function<void(const GpuResult&)> then) {
    const std::lock_guard lock(m_state->mutex);
    m_state->context = context;
    m_state->then = std::move(then);
    if (m_state->done) m_state->deliver();
}

const GpuResult& GpuStart::result() {
    if (m_state->thread.joinable()) m_state->thread.join();
    return m_state->result;
}

} // namespace hs::ui
