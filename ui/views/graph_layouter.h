#pragma once

#include "ui/layout/graph_layout.h"

#include <QObject>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace hs::ui {

/// A Trace's autograd graph, and where it goes on the canvas.
struct LaidOutGraph {
    std::shared_ptr<const trace::Trace> trace;
    std::set<trace::Id> collapsed;
    AutogradGraph graph;
    AutogradLayout layout;
};

/// What is to be laid out.
struct GraphRequest {
    std::shared_ptr<const trace::Trace> trace;
    std::set<trace::Id> collapsed;
    bool mayCollapse = false; ///< nobody has chosen what is collapsed: a large graph may be
};

/// Lays graphs out: small ones at once, large ones on a thread of its own, so that the window never waits. A newer
/// request ends the one under way.
class GraphLayouter : public QObject {
    Q_OBJECT

  public:
    /// Nodes up to which a layout takes less than a frame.
    static constexpr std::size_t mostAtOnce = 500;

    explicit GraphLayouter(QObject* parent = nullptr) : QObject(parent) {}
    ~GraphLayouter() override;

    void request(GraphRequest request);
    /// Nothing is wanted any more.
    void drop();
    /// The person does not want to wait; again() does it after all.
    void giveUp();
    void again();
    bool isBusy() const { return m_busy; }
    bool gaveUp() const { return m_asked.has_value() && !m_busy; }

  signals:
    void ready(std::shared_ptr<hs::ui::LaidOutGraph> result);
    void gaveUpNow();

  private:
    void work(const std::stop_token& stop);
    void stopCurrent();

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::optional<GraphRequest> m_next; ///< guarded by m_mutex, as the following
    std::stop_source m_current;
    quint64 m_serial = 0;                ///< of the newest request: what comes back of older ones is dropped
    bool m_busy = false;                 ///< UI thread only, as the following
    std::optional<GraphRequest> m_asked; ///< what is laid out on the other thread, or was given up
    std::jthread m_thread;               // last: ends before what it uses
};

} // namespace hs::ui
