#include "ui/models/scratch_model.h"

#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"

#include <utility>

namespace hs::ui {

ScratchModel::ScratchModel(SessionModel& session, TraceCursor& cursor, QObject* parent)
    : QObject(parent), m_session(session), m_cursor(cursor) {
    connect(&cursor, &TraceCursor::moved, this, &ScratchModel::refresh);
    connect(&session, &SessionModel::statusChanged, this, &ScratchModel::refresh);
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        if (m_opening || !m_pad) return;
        m_pad.reset(); // another training was opened
        m_run.reset();
        m_questions.clear();
        m_inLesson = false;
        m_text = m_ownText;
        emit opened();
        emit changed();
    });
}

void ScratchModel::open(const QString& text) {
    m_ownText = text;
    m_questions.clear();
    m_inLesson = false;
    start(text);
}

void ScratchModel::showLesson(const QString& text, std::vector<session::ScratchQuestion> questions) {
    m_questions = std::move(questions);
    if (m_pad && m_inLesson) return setText(text);
    m_inLesson = true;
    start(text);
}

void ScratchModel::start(const QString& text) {
    m_text = text;
    m_pad = std::make_shared<session::ScratchPad>();
    m_pad->set(text.toStdString(), m_questions);
    m_run.reset();
    m_opening = true;
    m_session.setSource(makeSource(session::open_scratch(m_pad)));
    m_opening = false;
    m_session.step();
    emit opened();
    emit changed();
}

void ScratchModel::setText(const QString& text) {
    if (!m_pad || text == m_text) return;
    m_text = text;
    if (!m_inLesson) m_ownText = text;
    m_pad->set(m_text.toStdString(), m_questions);
    m_session.reset(m_session.status().seed);
    m_session.step();
}

void ScratchModel::refresh() {
    if (!m_pad) return;
    m_run = m_pad->run();
    m_moment = m_before = {};
    if (const auto& trace = m_cursor.trace(); trace && trace->step >= 0) {
        m_moment = session::mark_at(*trace, m_cursor.position());
        const trace::Id last = m_cursor.event();
        if (last != trace::none) m_before = session::mark_at(*trace, last);
    }
    emit changed();
}

const session::ScratchChange* ScratchModel::at(const std::vector<session::ScratchChange>& changes) const {
    const session::ScratchChange* found = nullptr;
    for (const session::ScratchChange& change : changes)
        if (change.at.by(m_moment)) found = &change;
    return found;
}

QString ScratchModel::textAt(const std::vector<session::ScratchChange>& changes) const {
    const session::ScratchChange* found = at(changes);
    return found ? QString::fromStdString(found->text) : QString();
}

} // namespace hs::ui
