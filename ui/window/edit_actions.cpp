#include "ui/window/edit_actions.h"

#include "engine/session/session.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/trace_cursor.h"
#include "ui/views/inspector.h"
#include "ui/views/module_tree.h"
#include "ui/views/value_editor.h"
#include "ui/window/actions.h"
#include "ui/window/command_button.h"

#include <QAction>
#include <QMenu>
#include <QUndoCommand>
#include <QUndoStack>

#include <algorithm>
#include <functional>

namespace hs::ui {

using session::Edit;
using session::EditKind;
using session::EditRecord;
using session::EditState;

namespace {

/// An edit that the engine has made.
class MadeEdit final : public QUndoCommand {
  public:
    /// `watched`: told of the id whenever something becomes of it.
    MadeEdit(SessionModel& session, const EditRecord& made, std::function<void(quint64)> watched)
        : QUndoCommand(QString::fromStdString(made.text)), m_session(session), m_id(made.id),
          m_watched(std::move(watched)) {}

    void undo() override {
        if (!m_session.session()) return;
        m_watched(m_id);
        m_session.session()->edits().undo(m_id);
    }
    void redo() override {
        if (m_session.session() && m_again) {
            m_watched(m_id);
            m_session.session()->edits().redo(m_id);
        }
        m_again = true; // the first time is the edit itself
    }

  private:
    SessionModel& m_session;
    quint64 m_id;
    std::function<void(quint64)> m_watched;
    bool m_again = false;
};

} // namespace

EditActions::EditActions(SessionModel& session, const TraceCursor& cursor, const Selection& selection, QUndoStack& undo,
                         Inspector& inspector, ModuleTree& tree, QWidget* window)
    : QObject(window), m_session(session), m_cursor(cursor), m_selection(selection), m_undo(undo),
      m_inspector(inspector), m_tree(tree), m_window(window), m_editor(new ValueEditor(session, cursor, inspector)) {
    const auto onValue = [this](EditKind kind) {
        return [this, kind] {
            if (!m_inspector.isVisible()) emit inspectorWanted();
            m_editor->begin(kind);
        };
    };
    connect(add(tr("Edit the selected value"), "F2", tr("Write into the selected cell of the tensor's values")),
            &QAction::triggered, this, onValue(EditKind::element));
    connect(add(tr("Fill the tensor"), "Shift+F2", tr("Give all elements of the shown tensor one value")),
            &QAction::triggered, this, onValue(EditKind::fill));
    connect(add(tr("Scale the tensor"), "Ctrl+F2", tr("Multiply all elements of the shown tensor")),
            &QAction::triggered, this, onValue(EditKind::scale));
    connect(add(tr("Train or eval mode"), "Ctrl+E", tr("Switch the selected module, and those inside it")),
            &QAction::triggered, this, [this] { toggleMode(m_selection.module()); });
    connect(add(tr("Switch requires_grad"), "Ctrl+Shift+E", tr("Switch requires_grad of the shown parameter")),
            &QAction::triggered, this, &EditActions::toggleRequiresGrad);

    connect(m_editor, &ValueEditor::edited, this, &EditActions::request);
    connect(m_editor, &ValueEditor::refused, this, &EditActions::refused);
    connect(&tree, &ModuleTree::modeClicked, this, &EditActions::toggleMode);
    connect(&inspector, &Inspector::requiresGradClicked, this, &EditActions::toggleRequiresGrad);
    connect(&session, &SessionModel::statusChanged, this, &EditActions::takeTable);
    connect(&session, &SessionModel::modulesChanged, this, [this] { m_modules = m_session.modules(); });
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        m_waiting.clear();
        m_known.clear();
        m_table.reset();
    });
}

QAction* EditActions::add(const QString& text, const char* key, const QString& toolTip) {
    QAction* action = addAction(m_window, text, QKeySequence(QString::fromLatin1(key)));
    action->setToolTip(toolTip + QStringLiteral(" (") + action->shortcut().toString(QKeySequence::NativeText) +
                       QLatin1Char(')'));
    m_actions.append(action);
    return action;
}

void EditActions::fill(QMenu& menu) const {
    menu.addActions(m_actions);
}

bool EditActions::standsStill() {
    if (m_session.session() && !m_session.isRunning() && m_cursor.isAtNewest()) return true;
    emit refused(!m_session.session()    ? tr("There is nothing to edit: no training is open.")
                 : m_session.isRunning() ? tr("Pause first (F5): only what stands still can be edited.")
                                         : tr("This is an earlier moment. Go to the recorded end (Alt+End) to edit."));
    return false;
}

void EditActions::request(const Edit& edit) {
    if (m_session.session()) m_waiting.insert(m_session.session()->edits().apply(edit));
}

void EditActions::toggleMode(const std::string& path) {
    const trace::Module* module = findModule(m_modules.get(), path);
    if (!standsStill() || !module) return;
    request({.kind = EditKind::training, .key = {trace::Role::output, path, ""}, .flag = !module->training});
}

void EditActions::toggleRequiresGrad() {
    trace::ValueKey key = m_inspector.shownKey();
    if (key.role == trace::Role::gradient) key = *tensorOfGradient(key);
    const trace::Module* module = findModule(m_modules.get(), key.module);
    if (!standsStill() || !module) return;
    const auto member = std::find_if(module->members.begin(), module->members.end(),
                                     [&](const trace::Member& one) { return one.name == key.member.str(); });
    if (key.role != trace::Role::parameter || member == module->members.end()) {
        emit refused(tr("%1 is no parameter: only of parameters requires_grad can be switched here.")
                         .arg(QString::fromStdString(to_string(key))));
        return;
    }
    request({.kind = EditKind::requires_grad, .key = key, .flag = !member->requires_grad});
}

/// What has become of the edits that were asked for.
void EditActions::takeTable() {
    const auto table = m_session.session() ? m_session.session()->edits().table() : nullptr;
    if (!table || table == m_table) return;
    m_table = table;
    if (table->modules && table->modules != m_modules) {
        m_modules = table->modules;
        m_tree.showModules(m_modules);
    }
    for (const EditRecord& record : table->records) {
        if (!m_waiting.contains(record.id)) continue;
        m_waiting.remove(record.id);
        const bool known = m_known.contains(record.id); // on the stack
        if (!record.problem.empty())
            emit refused(QString::fromStdString(record.problem));
        else if (!known && record.state == EditState::applied)
            m_undo.push(new MadeEdit(m_session, record, [this](quint64 id) { m_waiting.insert(id); }));
        if (record.state != EditState::refused) m_known.insert(record.id);
    }
}

} // namespace hs::ui
