#include "ui/models/trace_cursor.h"

#include "ui/models/session_model.h"

#include <algorithm>

namespace hs::ui {

TraceCursor::TraceCursor(SessionModel& session, QObject* parent) : QObject(parent), m_session(session) {
    connect(&session, &SessionModel::traceChanged, this, &TraceCursor::follow);
    connect(&session, &SessionModel::statusChanged, this, &TraceCursor::follow);
    follow();
}

bool TraceCursor::isPaused() const {
    return m_session.hasSource() && !m_session.isRunning();
}

bool TraceCursor::canGoBack() const {
    return m_position > 0 && isPaused();
}

trace::Id TraceCursor::event() const {
    return m_position == 0 ? trace::none : static_cast<trace::Id>(m_position - 1);
}

void TraceCursor::follow() {
    const auto& newest = m_session.trace();
    const std::size_t size = newest ? newest->events.size() : 0;
    if (newest == m_trace && size == m_size) return;
    m_trace = newest;
    // What is new is shown, also to somebody who had gone back: only their own command brings it.
    m_position = m_size = size;
    emit moved();
}

void TraceCursor::moveTo(std::size_t position) {
    position = std::min(position, m_size);
    if (position == m_position || !isPaused()) return;
    m_position = position;
    emit moved();
}

void TraceCursor::stepForward(session::Goal goal, trace::Id node) {
    if (!isPaused()) return;
    if (m_trace) {
        if (const auto reached = session::advance(*m_trace, m_position, goal, node)) return moveTo(*reached);
        // A finished step has an end, and that is a moment too.
        if (m_trace->finished() && !isAtEnd()) return moveToEnd();
    }
    m_session.stepTo(goal, node);
}

void TraceCursor::stepBack(session::Goal goal, trace::Id node) {
    if (m_trace) moveTo(session::rewind(*m_trace, m_position, goal, node));
}

} // namespace hs::ui
