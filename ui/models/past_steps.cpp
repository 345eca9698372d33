#include "ui/models/past_steps.h"

#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hs::ui {

namespace {

constexpr std::size_t theEnd = std::numeric_limits<std::size_t>::max();
constexpr std::size_t theNonFinite = theEnd - 1;

} // namespace

PastSteps::PastSteps(SessionModel& session, TraceCursor& cursor, QObject* parent)
    : QObject(parent), m_session(session), m_cursor(cursor) {
    connect(&session, &SessionModel::sourceChanged, this, &PastSteps::opened);
    connect(&session, &SessionModel::statusChanged, this, &PastSteps::follow);
    connect(&session, &SessionModel::readyChanged, this, &PastSteps::follow);
    connect(&cursor, &TraceCursor::moved, this, &PastSteps::follow);
    connect(&cursor, &TraceCursor::stepWanted, this, &PastSteps::goTo);
    connect(&cursor, &TraceCursor::valuesWanted, this, &PastSteps::recompute);
}

std::int64_t PastSteps::shown() const {
    return m_cursor.trace() ? m_cursor.trace()->step : -1;
}

std::int64_t PastSteps::newest() const {
    return m_session.newest() ? m_session.newest()->step : -1;
}

void PastSteps::setBudget(std::size_t bytes) {
    m_budget = bytes;
    if (session::Session* session = m_session.session()) session->past().set_budget(bytes);
    follow();
}

void PastSteps::opened() {
    m_answer = {};
    m_expected = 0;
    m_waitsForPause = false;
    m_problem.clear();
    setBudget(m_budget);
}

void PastSteps::follow() {
    const session::Session* session = m_session.session();
    m_reach = session ? session->past().reach() : session::Reach();
    if (session) {
        const session::PastStep answer = session->past().newest();
        // Training that goes on has its own step to show.
        if (m_expected != 0 && m_session.isRunning()) cancel();
        if (m_expected != 0 && answer.request == m_expected) take(answer);
    }
    m_cursor.setReach(shown() > 0 && isInReach(shown() - 1), newest() >= 0 && isInReach(newest()));
    emit changed();
    if (m_waitsForPause && !m_session.isRunning()) goToNonFinite();
}

void PastSteps::take(const session::PastStep& answer) {
    using State = session::PastStep::State;
    m_answer = answer;
    if (answer.state == State::working) return;
    m_expected = 0;
    // Its Trace, which can be large, belongs to the cursor from here on.
    const auto trace = std::exchange(m_answer.trace, nullptr);
    m_session.session()->past().cancel();
    if (answer.state == State::done && trace) {
        const bool toNonFinite = m_position == theNonFinite;
        m_cursor.showPast(trace, toNonFinite ? 0 : m_position);
        if (toNonFinite) m_cursor.moveToFirstNonFinite();
    }
    if (answer.state == State::failed) m_problem = QString::fromStdString(answer.message);
}

void PastSteps::ask(std::int64_t step, std::size_t position) {
    session::Session* session = m_session.session();
    if (!session || m_session.isRunning()) return;
    m_problem.clear();
    m_position = position;
    m_sinceAsked.start();
    m_expected = session->past().go_to(step);
    m_answer = {};
    m_answer.state = session::PastStep::State::working;
    m_answer.step = step;
    follow();
}

void PastSteps::goTo(qint64 step, bool atEnd) {
    if (step < 0 || !m_session.session() || m_session.isRunning()) return;
    if (step == newest() && m_session.newest()->keeps_all) {
        cancel();
        m_problem.clear();
        m_cursor.showNewestAt(atEnd ? theEnd : 0);
        return;
    }
    ask(step, atEnd ? theEnd : 0);
}

void PastSteps::recompute() {
    ask(newest(), shown() == newest() ? m_cursor.position() : theEnd);
}

void PastSteps::goBy(int steps) {
    // With no step in reach, going back is what says why.
    const std::int64_t first = m_reach.first < 0 ? std::min(shown() + steps, newest()) : m_reach.first;
    const std::int64_t step = std::clamp(shown() + steps, std::min(first, newest()), newest());
    if (step != shown()) goTo(step);
}

void PastSteps::goToNewest() {
    cancel();
    m_problem.clear();
    m_cursor.showNewest();
}

void PastSteps::goToNonFinite() {
    const session::Status& status = m_session.status();
    m_waitsForPause = status.has_non_finite && m_session.isRunning();
    if (!status.has_non_finite) return;
    if (m_waitsForPause) return m_session.pause();
    const std::int64_t step = status.non_finite.step;
    const auto& newest = m_session.newest();
    if (shown() != step && step == this->newest() && newest->first_non_finite() != trace::none) goToNewest();
    const auto& trace = m_cursor.trace();
    if (trace && trace->step == step && trace->first_non_finite() != trace::none)
        m_cursor.moveToFirstNonFinite();
    else
        ask(step, theNonFinite);
}

void PastSteps::cancel() {
    if (m_expected == 0) return;
    m_expected = 0;
    m_answer = {};
    m_answer.state = session::PastStep::State::cancelled;
    if (const session::Session* session = m_session.session()) session->past().cancel();
    emit changed();
}

} // namespace hs::ui
