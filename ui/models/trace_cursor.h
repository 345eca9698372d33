#pragma once

#include "engine/session/aim.h"
#include "engine/trace/trace.h"

#include <QObject>

#include <memory>
#include <optional>

namespace hs::ui {

class SessionModel;

/// The moment that the views show: a Trace and how many of its events have happened. While training runs it is the end
/// of the newest step; while it is paused a person can go back and forth in what is recorded, and beyond the recorded
/// end the engine runs on. The Trace may also be that of an earlier training step, until something new is recorded or
/// the newest is asked for; the engine stands where it stood. One object, shared by all views.
class TraceCursor : public QObject {
    Q_OBJECT

  public:
    explicit TraceCursor(SessionModel& session, QObject* parent = nullptr);

    /// The step that is shown, or null.
    const std::shared_ptr<const trace::Trace>& trace() const { return m_trace; }
    /// Events that have happened at this moment.
    std::size_t position() const { return m_position; }
    /// Events that are recorded of this step, so far.
    std::size_t size() const { return m_size; }
    bool isAtEnd() const { return m_position == m_size; }
    /// Whether it is the moment at which the engine stands.
    bool isAtNewest() const { return isAtEnd() && !isInPast(); }
    /// The event that happened last, or trace::none at the begin of the step.
    trace::Id event() const;
    /// Whether going back is possible: something is recorded, and training is paused. Before the begin of the step
    /// there is only something where an earlier one can be had.
    bool canGoBack() const;
    /// Whether the newest step can be had again, with the values that were not recorded.
    bool canRunAgain() const { return m_again && isPaused(); }
    /// Told by who knows what can be run again: the step before the one that is shown, and the newest.
    void setReach(bool earlierStep, bool newestStep);
    /// Whether an earlier step is shown (or the newest one as it was run again).
    bool isInPast() const { return m_trace != m_newest; }
    /// Shows a Trace that the session did not record last, at that moment of it (clamped). Does nothing while training
    /// runs.
    void showPast(std::shared_ptr<const hs::trace::Trace> trace, std::size_t position);

  public slots:
    /// Asks for the newest step with its values.
    void runAgain() { emit valuesWanted(); }
    /// Back to what was recorded last: its end, or that moment of it.
    void showNewest() { showNewestAt(m_newestSize); }
    void showNewestAt(std::size_t position);
    /// To a moment of what is recorded; clamped. Does nothing while training runs.
    void moveTo(std::size_t position);
    /// On to the goal, or to a breakpoint before it: within what is recorded, or beyond its end by letting the engine
    /// go on.
    void stepForward(hs::session::Goal goal, hs::trace::Id node = hs::trace::none);
    void stepBack(hs::session::Goal goal, hs::trace::Id node = hs::trace::none);
    void moveToBegin() { moveTo(0); }
    void moveToEnd() { moveTo(m_size); }
    /// As SessionModel::toggleRunning(), but over what is recorded it runs to the next breakpoint.
    void toggleRunning();
    /// To where the step that is shown first went wrong: the event that wrote the first NaN or Inf, if there is one.
    void moveToFirstNonFinite();

  signals:
    /// Another moment is shown, or more is recorded.
    void moved();
    /// On the way a breakpoint held, within what is recorded: which and why.
    void stopped(const QString& message);
    /// A step leads out of the Trace that is shown, into another training step: its begin or its end.
    void stepWanted(qint64 step, bool atEnd);
    void valuesWanted();

  private:
    void follow();
    void show(std::shared_ptr<const trace::Trace> trace, std::size_t position);
    void showMoment();
    bool stopBefore(std::optional<std::size_t> position);
    bool isPaused() const;

    SessionModel& m_session;
    std::shared_ptr<const trace::Trace> m_trace;
    std::shared_ptr<const trace::Trace> m_newest;
    std::size_t m_position = 0;
    std::size_t m_size = 0;
    std::size_t m_newestSize = 0;
    bool m_earlierStep = false;
    bool m_again = false;
    bool m_wasPaused = false;
    bool m_wasFinished = false;
};

} // namespace hs::ui
