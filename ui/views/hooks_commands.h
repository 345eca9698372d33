#pragma once

#include "engine/session/hook_bench.h"

#include <QUndoCommand>

#include <functional>

namespace hs::ui {

class SessionModel;

/// Putting a hook on, so that it can be undone.
class AddHook : public QUndoCommand {
  public:
    AddHook(SessionModel& session, session::HookSpec spec);

    quint64 hookId() const { return m_id; }
    void undo() override;
    void redo() override;

  private:
    SessionModel& m_session;
    session::HookSpec m_spec;
    quint64 m_id = 0;
};

/// Something done to a hook that is there, and its opposite.
class ChangeHook : public QUndoCommand {
  public:
    using Change = std::function<void(session::HookBench&)>;
    ChangeHook(SessionModel& session, const QString& text, Change change, Change opposite);

    void undo() override;
    void redo() override;

  private:
    SessionModel& m_session;
    Change m_change;
    Change m_opposite;
};

} // namespace hs::ui
