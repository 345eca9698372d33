#include "ui/models/session_model.h"

#include <algorithm>
#include <mutex>

namespace hs::ui {

namespace {

constexpr int frameMs = 16;
constexpr int hiddenMs = 250;
constexpr int figuresMs = 250;

} // namespace

/// Between the engine's thread, which posts, and a model that may be gone by then.
struct SessionModel::Mailbox {
    std::mutex mutex;
    SessionModel* model = nullptr;

    void post() {
        const std::lock_guard lock(mutex);
        if (model)
            QMetaObject::invokeMethod(
                model, [to = model] { to->schedulePoll(); }, Qt::QueuedConnection);
    }
    void close() {
        const std::lock_guard lock(mutex);
        model = nullptr;
    }
};

SessionModel::SessionModel(QObject* parent) : QObject(parent) {
    m_frame.setSingleShot(true);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &SessionModel::poll);
    m_figuresTimer.setSingleShot(true);
    connect(&m_figuresTimer, &QTimer::timeout, this, &SessionModel::publishFigures);
    m_watchTimer.setSingleShot(true);
    m_watchTimer.setInterval(0);
    connect(&m_watchTimer, &QTimer::timeout, this, &SessionModel::sendWatch);
}

SessionModel::~SessionModel() {
    retireSource();
}

void SessionModel::retireSource() {
    if (m_mailbox) m_mailbox->close();
    m_mailbox.reset();
    if (!m_source) return;
    m_source->setListener({});
    m_source->pause();
    // Ending a session joins the engine's thread, which may be in the middle of reading a data set.
    m_ending.emplace_back([source = std::move(m_source)]() mutable { source.reset(); });
}

void SessionModel::setSource(std::unique_ptr<TraceSource> source) {
    retireSource();
    m_frame.stop();
    m_figuresTimer.stop();
    m_info = {};
    m_status = {};
    m_figures = {};
    m_newest.reset();
    m_newestSize = 0;
    m_newestFinished = false;
    m_trace.reset();
    m_newestValues.reset();
    m_valuesTrace.reset();
    m_history.reset();
    m_modules.reset();
    m_ready = false;
    m_sincePoll.invalidate();
    m_sinceFigures.invalidate();
    m_source = std::move(source);
    if (m_source) {
        m_mailbox = std::make_shared<Mailbox>();
        m_mailbox->model = this;
        m_source->setListener([mailbox = m_mailbox] { mailbox->post(); });
        m_watch = {};
        m_watch.level = session::Level::off;
        sendWatch();
    }
    emit sourceChanged();
    emit readyChanged();
    emit modulesChanged();
    emit statusChanged();
    emit figuresChanged();
    emit recorded();
    emit traceChanged();
    emit valuesChanged();
    emit historyChanged();
    if (m_source) schedulePoll();
}

void SessionModel::schedulePoll() {
    if (!m_source || m_frame.isActive()) return;
    const qint64 wanted = m_visible ? frameMs : hiddenMs;
    const qint64 passed = m_sincePoll.isValid() ? m_sincePoll.elapsed() : wanted;
    m_frame.start(static_cast<int>(std::clamp<qint64>(wanted - passed, 0, wanted)));
}

void SessionModel::poll() {
    if (!m_source) return;
    m_frame.stop();
    m_sincePoll.start();

    // status() first: from here on the listener may call again, so nothing that comes later is missed.
    m_status = m_source->status();
    const bool ready = m_source->ready();
    const bool readyNow = ready != m_ready;
    if (readyNow) {
        m_ready = ready;
        m_info = m_source->info();
    }
    auto trace = m_source->trace();
    const std::size_t size = trace ? trace->events.size() : 0;
    const bool finished = trace && trace->finished();
    const bool newTrace = trace != m_newest || size != m_newestSize || finished != m_newestFinished;
    const bool newModules = trace && trace->modules != m_modules;
    m_newest = std::move(trace);
    m_newestSize = size;
    m_newestFinished = finished;
    if (newTrace) m_trace = m_newest;
    if (newModules) m_modules = m_newest->modules;
    auto values = m_source->valuesTrace();
    const bool newValues = values != m_newestValues || (newTrace && m_valuesTrace != values);
    m_newestValues = std::move(values);
    if (newValues) m_valuesTrace = m_newestValues;
    auto history = m_source->history();
    const bool newHistory = newTrace || history != m_history;
    m_history = std::move(history);

    if (readyNow) emit readyChanged();
    if (newModules) emit modulesChanged();
    emit statusChanged();
    scheduleFigures();
    if (newTrace) emit recorded();
    if (newTrace) emit traceChanged();
    if (newValues) emit valuesChanged();
    if (newHistory) emit historyChanged();
}

void SessionModel::show(std::shared_ptr<const trace::Trace> moment) {
    m_trace = std::move(moment);
    if (m_trace->keeps_all) m_valuesTrace = m_trace;
    emit traceChanged();
    emit valuesChanged();
}

void SessionModel::scheduleFigures() {
    const bool stateChanged = m_status.state != m_figures.state || m_status.message != m_figures.message;
    const qint64 passed = m_sinceFigures.isValid() ? m_sinceFigures.elapsed() : figuresMs;
    if (stateChanged || passed >= figuresMs)
        publishFigures();
    else if (!m_figuresTimer.isActive())
        m_figuresTimer.start(static_cast<int>(figuresMs - passed));
}

void SessionModel::publishFigures() {
    m_figuresTimer.stop();
    m_figures = m_status;
    m_sinceFigures.start();
    emit figuresChanged();
}

void SessionModel::watch(const QObject* view, std::set<trace::ValueKey> values) {
    const auto known = m_interests.find(view);
    if (known != m_interests.end() && known->second == values) return;
    if (known == m_interests.end()) {
        connect(view, &QObject::destroyed, this, [this, view] {
            m_interests.erase(view);
            m_watchTimer.start();
        });
    }
    m_interests[view] = std::move(values);
    // Several views change together when the selection does: one Watch for all of them.
    m_watchTimer.start();
}

void SessionModel::setLevel(session::Level level) {
    if (level == m_level) return;
    m_level = level;
    m_watchTimer.start();
}

void SessionModel::sendWatch() {
    session::Watch watch;
    watch.level = m_level;
    for (const auto& [view, values] : m_interests)
        watch.values.insert(values.begin(), values.end());
    if (watch == m_watch) return;
    m_watch = std::move(watch);
    if (m_source) m_source->setWatch(m_watch);
}

void SessionModel::run() {
    if (m_source) m_source->run();
}

void SessionModel::pause() {
    if (m_source) m_source->pause();
}

void SessionModel::toggleRunning() {
    if (isRunning())
        pause();
    else
        run();
}

void SessionModel::step() {
    if (m_source) m_source->step();
}

void SessionModel::stepTo(session::Goal goal, trace::Id node, std::size_t from) {
    if (m_source) m_source->stepTo(goal, node, from);
}

void SessionModel::reset(quint64 seed) {
    if (m_source) m_source->reset(seed);
}

void SessionModel::setLearningRate(double value) {
    if (m_source) m_source->setLearningRate(value);
}

void SessionModel::setPauseOnNonFinite(bool pause) {
    if (m_source) m_source->setPauseOnNonFinite(pause);
}

} // namespace hs::ui
