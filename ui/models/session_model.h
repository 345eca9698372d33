#pragma once

#include "ui/models/trace_source.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace hs::ui {

/// The session as the views see it: newest status, traces and history, fetched at most once a frame, and what the
/// views need united into one Watch. Lives on the UI thread and never waits for the engine.
class SessionModel : public QObject {
    Q_OBJECT

  public:
    explicit SessionModel(QObject* parent = nullptr);
    ~SessionModel() override;

    /// Takes over from the source before, which is ended on a thread of its own. Null: nothing is open.
    void setSource(std::unique_ptr<TraceSource> source);
    bool hasSource() const { return m_source != nullptr; }
    /// False until the training is made; see status().state for failures.
    bool isReady() const { return m_ready; }

    const session::TrainingInfo& info() const { return m_info; }
    const session::Status& status() const { return m_status; }
    /// As status(), but it changes at most four times a second: for figures that people read.
    const session::Status& figures() const { return m_figures; }
    /// The step that is shown, as it was at the moment that is shown; or null. Without show() that is newest().
    const std::shared_ptr<const trace::Trace>& trace() const { return m_trace; }
    /// The last finished step (while paused inside a step, that step), or null.
    const std::shared_ptr<const trace::Trace>& newest() const { return m_newest; }
    /// Shows a moment of newest() in all views, values included where the step kept them, until something new is
    /// recorded.
    void show(std::shared_ptr<const trace::Trace> moment);
    /// The last step in which the watched values were kept, or the moment that is shown; or null.
    const std::shared_ptr<const trace::Trace>& valuesTrace() const { return m_valuesTrace; }
    const std::shared_ptr<const trace::History>& history() const { return m_history; }
    /// The modules of the model, or null. Changes only with modulesChanged().
    const std::shared_ptr<const trace::ModuleTable>& modules() const { return m_modules; }

    /// What can be asked of a training that runs beside the slots below; null where nothing is open or it is a
    /// recording.
    session::Session* session() const { return m_source ? m_source->session() : nullptr; }

    bool isRunning() const { return m_status.state == session::State::running; }

    /// What `view` shows from now on: the values whose bytes it needs. Hidden views give an empty set. Forgotten when
    /// `view` is destroyed. Views that need only summaries give an empty set too.
    void watch(const QObject* view, std::set<trace::ValueKey> values);
    /// The Watch that was last sent.
    const session::Watch& currentWatch() const { return m_watch; }
    /// What everything is recorded at that no view asks more of; summaries at first.
    void setLevel(session::Level level);

    /// A minimised window polls four times a second.
    void setVisible(bool visible) { m_visible = visible; }

  public slots:
    void run();
    void pause();
    void toggleRunning();
    void step();
    /// `from`: how many events of newest() have happened at the moment from which the goal is seen.
    void stepTo(session::Goal goal, trace::Id node, std::size_t from);
    void reset(quint64 seed);
    void setLearningRate(double value);
    void setPauseOnNonFinite(bool pause);
    /// Fetches what is new now.
    void poll();

  signals:
    /// Another training (or none) was set; all that was known of the one before is gone.
    void sourceChanged();
    void readyChanged();
    void statusChanged();
    void figuresChanged();
    /// The table of modules is another one.
    void modulesChanged();
    /// newest() is another step, or has grown.
    void recorded();
    /// trace() is another one.
    void traceChanged();
    void valuesChanged();
    void historyChanged();

  private:
    struct Mailbox;

    void retireSource();
    void schedulePoll();
    void sendWatch();
    void publishFigures();
    void scheduleFigures();

    std::unique_ptr<TraceSource> m_source;
    std::vector<std::jthread> m_ending;
    std::shared_ptr<Mailbox> m_mailbox;
    session::TrainingInfo m_info;
    session::Status m_status;
    session::Status m_figures;
    std::shared_ptr<const trace::Trace> m_newest;
    std::size_t m_newestSize = 0; ///< its events, since it grows in place while a step is under way
    bool m_newestFinished = false;
    std::shared_ptr<const trace::Trace> m_trace;
    std::shared_ptr<const trace::Trace> m_newestValues;
    std::shared_ptr<const trace::Trace> m_valuesTrace;
    std::shared_ptr<const trace::History> m_history;
    std::shared_ptr<const trace::ModuleTable> m_modules;
    std::map<const QObject*, std::set<trace::ValueKey>> m_interests;
    session::Watch m_watch;
    session::Level m_level = session::Level::summaries;
    QTimer m_frame;
    QTimer m_figuresTimer;
    QTimer m_watchTimer;
    QElapsedTimer m_sinceFigures;
    QElapsedTimer m_sincePoll;
    bool m_ready = false;
    bool m_visible = true;
};

} // namespace hs::ui
