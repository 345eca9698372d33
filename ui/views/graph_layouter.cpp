#include "ui/views/graph_layouter.h"

#include <utility>

namespace hs::ui {

namespace {

/// Null when `stop` was asked for.
std::shared_ptr<LaidOutGraph> layOutRequest(GraphRequest request, const std::stop_token& stop) {
    auto result = std::make_shared<LaidOutGraph>();
    result->graph = buildAutogradGraph(*request.trace, request.collapsed);
    if (request.mayCollapse && result->graph.items.size() > mostShownAtFirst) {
        request.collapsed = collapsedAtFirst(*request.trace);
        result->graph = buildAutogradGraph(*request.trace, request.collapsed);
    }
    std::optional<AutogradLayout> layout = layOutAutograd(result->graph, {}, stop);
    if (!layout) return nullptr;
    result->layout = std::move(*layout);
    result->collapsed = std::move(request.collapsed);
    result->trace = std::move(request.trace);
    return result;
}

} // namespace

GraphLayouter::~GraphLayouter() {
    stopCurrent();
    m_thread.request_stop();
    if (m_thread.joinable()) m_thread.join();
}

void GraphLayouter::stopCurrent() {
    const std::lock_guard lock(m_mutex);
    m_next.reset();
    m_current.request_stop();
    ++m_serial;
    m_busy = false;
}

void GraphLayouter::drop() {
    stopCurrent();
    m_asked.reset();
}

void GraphLayouter::giveUp() {
    stopCurrent();
    emit gaveUpNow();
}

void GraphLayouter::again() {
    if (gaveUp()) request(GraphRequest(*m_asked));
}

void GraphLayouter::request(GraphRequest request) {
    drop();
    if (request.trace->nodes.size() <= mostAtOnce) {
        emit ready(layOutRequest(std::move(request), {}));
        return;
    }
    m_asked = request;
    m_busy = true;
    {
        const std::lock_guard lock(m_mutex);
        m_next = std::move(request);
    }
    if (!m_thread.joinable()) m_thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
    m_wake.notify_one();
}

void GraphLayouter::work(const std::stop_token& stop) {
    while (true) {
        GraphRequest request;
        std::stop_token cancelled;
        quint64 serial = 0;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_next.has_value(); })) return;
            request = std::move(*m_next);
            m_next.reset();
            m_current = std::stop_source();
            cancelled = m_current.get_token();
            serial = m_serial;
        }
        std::shared_ptr<LaidOutGraph> result = layOutRequest(std::move(request), cancelled);
        if (!result) continue;
        const auto deliver = [this, serial, result = std::move(result)] {
            {
                const std::lock_guard lock(m_mutex);
                if (serial != m_serial) return;
            }
            m_busy = false;
            m_asked.reset();
            emit ready(result);
        };
        QMetaObject::invokeMethod(this, deliver, Qt::QueuedConnection);
    }
}

} // namespace hs::ui
