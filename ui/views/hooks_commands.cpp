#include "ui/views/hooks_commands.h"

#include "engine/session/session.h"
#include "ui/models/hooks_model.h"
#include "ui/models/session_model.h"

#include <QCoreApplication>

#include <utility>

namespace hs::ui {

AddHook::AddHook(SessionModel& session, session::HookSpec spec)
    : QUndoCommand(QCoreApplication::translate("AddHook", "hook on %1: %2")
                       .arg(QString::fromStdString(place_text(spec.place)), hookActionName(spec))),
      m_session(session), m_spec(std::move(spec)) {}

void AddHook::undo() {
    if (m_session.session()) m_session.session()->hook_bench().remove(m_id);
}

void AddHook::redo() {
    if (!m_session.session()) return;
    session::HookBench& bench = m_session.session()->hook_bench();
    if (m_id == 0)
        m_id = bench.add(m_spec);
    else
        bench.restore(m_id);
}

ChangeHook::ChangeHook(SessionModel& session, const QString& text, Change change, Change opposite)
    : QUndoCommand(text), m_session(session), m_change(std::move(change)), m_opposite(std::move(opposite)) {}

void ChangeHook::undo() {
    if (m_session.session()) m_opposite(m_session.session()->hook_bench());
}

void ChangeHook::redo() {
    if (m_session.session()) m_change(m_session.session()->hook_bench());
}

} // namespace hs::ui
