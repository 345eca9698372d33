#pragma once

#include "engine/session/edits.h"
#include "engine/trace/trace.h"

#include <QObject>
#include <QSet>

#include <memory>
#include <vector>

class QAction;
class QMenu;
class QUndoStack;

namespace hs::ui {

class Inspector;
class ModuleTree;
class Selection;
class SessionModel;
class TraceCursor;
class ValueEditor;

/// Edits of what stands still: the commands for them, and the way from a command through the engine, which makes or
/// refuses the edit, to the undo stack.
class EditActions : public QObject {
    Q_OBJECT

  public:
    EditActions(SessionModel& session, const TraceCursor& cursor, const Selection& selection, QUndoStack& undo,
                Inspector& inspector, ModuleTree& tree, QWidget* window);

    void fill(QMenu& menu) const;
    ValueEditor* editor() const { return m_editor; }
    /// Has the engine make the edit; it comes on the undo stack once it is made.
    void request(const session::Edit& edit);

  signals:
    /// Why an edit or its undoing was refused.
    void refused(const QString& why);
    /// An edit begins in the inspector, which is not seen.
    void inspectorWanted();

  private:
    QAction* add(const QString& text, const char* key, const QString& toolTip);
    void toggleMode(const std::string& path);
    void toggleRequiresGrad();
    void takeTable();
    /// Whether the model stands still; says why not.
    bool standsStill();

    SessionModel& m_session;
    const TraceCursor& m_cursor;
    const Selection& m_selection;
    QUndoStack& m_undo;
    Inspector& m_inspector;
    ModuleTree& m_tree;
    QWidget* m_window;
    ValueEditor* m_editor;
    QList<QAction*> m_actions;
    QSet<quint64> m_waiting; ///< for what becomes of them
    QSet<quint64> m_known;   ///< were made, and are on the undo stack
    std::shared_ptr<const session::EditTable> m_table;
    std::shared_ptr<const trace::ModuleTable> m_modules; ///< as they are, edits included
};

} // namespace hs::ui
