#include "ui/models/trace_cursor.h"

#include "engine/session/breakpoints.h"
#include "engine/trace/moment.h"
#include "ui/models/session_model.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hs::ui {

TraceCursor::TraceCursor(SessionModel& session, QObject* parent) : QObject(parent), m_session(session) {
    connect(&session, &SessionModel::recorded, this, &TraceCursor::follow);
    connect(&session, &SessionModel::statusChanged, this, &TraceCursor::follow);
    follow();
}

bool TraceCursor::isPaused() const {
    return m_session.hasSource() && !m_session.isRunning();
}

bool TraceCursor::canGoBack() const {
    return (m_position > 0 || m_earlierStep) && isPaused();
}

void TraceCursor::setReach(bool earlierStep, bool newestStep) {
    const bool earlier = std::exchange(m_earlierStep, earlierStep) != earlierStep;
    const bool again = std::exchange(m_again, newestStep) != newestStep;
    if (earlier || again) emit moved();
}

trace::Id TraceCursor::event() const {
    return m_trace ? trace::last_event(*m_trace, m_position) : trace::none;
}

void TraceCursor::follow() {
    const auto& newest = m_session.newest();
    const std::size_t size = newest ? newest->events.size() : 0;
    const bool paused = isPaused();
    const bool finished = newest && newest->finished();
    if (newest == m_newest && size == m_newestSize && paused == m_wasPaused && finished == m_wasFinished) return;
    const bool grown = newest != m_newest || size != m_newestSize;
    // Whoever lets the engine go on from an earlier step wants to see where it goes.
    const bool returns = isInPast() && !paused;
    m_newest = newest;
    m_newestSize = size;
    m_wasPaused = paused;
    m_wasFinished = finished;
    // What is new is shown, also to somebody who had gone back: only their own command brings it.
    if (grown || returns) {
        m_trace = newest;
        m_position = m_size = size;
    }
    // Inside a step, the values are those of the step under way.
    if (paused && m_trace && !m_trace->finished()) showMoment();
    emit moved();
}

void TraceCursor::show(std::shared_ptr<const trace::Trace> trace, std::size_t position) {
    m_trace = std::move(trace);
    m_size = m_trace == m_newest ? m_newestSize : m_trace->events.size();
    m_position = position == 0 ? 0 : std::min(trace::past_notes(*m_trace, position), m_size);
    showMoment();
    emit moved();
}

void TraceCursor::showPast(std::shared_ptr<const trace::Trace> trace, std::size_t position) {
    if (isPaused()) show(std::move(trace), position);
}

void TraceCursor::showNewestAt(std::size_t position) {
    if (m_newest) show(m_newest, position);
}

void TraceCursor::moveTo(std::size_t position) {
    if (m_trace && position > 0) position = trace::past_notes(*m_trace, position);
    position = std::min(position, m_size);
    if (position == m_position || !isPaused()) return;
    m_position = position;
    showMoment();
    emit moved();
}

void TraceCursor::moveToFirstNonFinite() {
    const trace::Id event = m_trace ? m_trace->first_non_finite() : trace::none;
    if (event != trace::none) moveTo(event + std::size_t{1});
}

void TraceCursor::showMoment() {
    m_session.show(trace::at_moment(m_trace, m_position));
}

/// Goes to the next recorded moment at which a breakpoint holds, if there is one before `position`, or at all.
bool TraceCursor::stopBefore(std::optional<std::size_t> position) {
    if (isAtEnd() || !m_session.session()) return false;
    const std::size_t before = position.value_or(std::numeric_limits<std::size_t>::max());
    const auto stop = m_session.session()->breakpoints().first_after(*m_trace, m_position, before);
    if (!stop) return false;
    moveTo(stop->position);
    emit stopped(QString::fromStdString(stop->message));
    return true;
}

void TraceCursor::toggleRunning() {
    if (!isPaused() || !m_trace || !stopBefore(std::nullopt)) m_session.toggleRunning();
}

void TraceCursor::stepForward(session::Goal goal, trace::Id node) {
    if (!isPaused()) return;
    if (m_trace) {
        const auto reached = session::advance(*m_trace, m_position, goal, node);
        if (stopBefore(reached)) return;
        if (reached) return moveTo(*reached);
        // A finished step has an end, and that is a moment too.
        if (m_trace->finished() && !isAtEnd()) return moveToEnd();
        if (isInPast()) {
            if (m_newest && m_trace->step < m_newest->step) {
                emit stepWanted(m_trace->step + 1, false);
                return;
            }
            // The newest step, run again, ends where the engine goes on; its nodes have other places.
            showNewest();
            node = trace::none;
        }
    }
    m_session.stepTo(goal, node, m_position);
}

void TraceCursor::stepBack(session::Goal goal, trace::Id node) {
    if (!m_trace) return;
    if (m_position == 0 && canGoBack()) {
        emit stepWanted(m_trace->step - 1, true);
        return;
    }
    moveTo(session::rewind(*m_trace, m_position, goal, node));
}

} // namespace hs::ui
