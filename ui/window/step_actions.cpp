#include "ui/window/step_actions.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/window/actions.h"

#include <QAction>
#include <QMenu>
#include <QWidget>

namespace hs::ui {

using session::Goal;

StepActions::StepActions(SessionModel& session, TraceCursor& cursor, const Selection& selection, QWidget* window)
    : QObject(window), m_session(session), m_cursor(cursor), m_selection(selection), m_window(window) {
    over = forward(tr("Over"), "F10", Goal::over, QStringLiteral("over"));
    into = forward(tr("Into"), "F11", Goal::event, QStringLiteral("into"));
    out = forward(tr("Out"), "Shift+F11", Goal::out, QStringLiteral("out"));
    forward(tr("Next operation"), "Ctrl+F11", Goal::operation);
    forward(tr("Next node"), "Ctrl+F10", Goal::node);
    m_toNode = forward(tr("To the selected node"), "F9", Goal::this_node);
    forward(tr("To the backward pass"), "Ctrl+B", Goal::backward_pass);
    forward(tr("To the next accumulation"), "Ctrl+G", Goal::accumulation);
    forward(tr("To the optimizer's step"), "Ctrl+U", Goal::optimizer);
    m_forward.append(moveTo(tr("To the recorded end"), "Alt+End", true));

    back = backward(tr("Back over"), "Alt+F10", Goal::over, QStringLiteral("back"));
    backward(tr("Back one event"), "Alt+F11", Goal::event);
    backward(tr("Back out"), "Alt+Shift+F11", Goal::out);
    backward(tr("Back one operation"), "Ctrl+Shift+F11", Goal::operation);
    backward(tr("Back one node"), "Ctrl+Shift+F10", Goal::node);
    m_backToNode = backward(tr("Back to the selected node"), "Alt+F9", Goal::this_node);
    backward(tr("Back to the begin of the pass"), "Ctrl+Alt+B", Goal::backward_pass);
    backward(tr("Back to the last accumulation"), "Ctrl+Alt+G", Goal::accumulation);
    m_backward.append(moveTo(tr("To the begin of the step"), "Alt+Home", false));

    connect(&cursor, &TraceCursor::moved, this, &StepActions::enable);
    connect(&session, &SessionModel::statusChanged, this, &StepActions::enable);
    connect(&session, &SessionModel::readyChanged, this, &StepActions::enable);
    connect(&selection, &Selection::nodeChanged, this, &StepActions::enable);
    enable();
}

QAction* StepActions::forward(const QString& text, const char* key, Goal goal, const QString& iconName) {
    QAction* action = addAction(m_window, text, QKeySequence(QString::fromLatin1(key)), iconName);
    connect(action, &QAction::triggered, this, [this, goal] {
        m_cursor.stepForward(goal, goal == Goal::this_node ? m_selection.node() : trace::none);
        emit used();
    });
    m_forward.append(action);
    return action;
}

QAction* StepActions::backward(const QString& text, const char* key, Goal goal, const QString& iconName) {
    QAction* action = addAction(m_window, text, QKeySequence(QString::fromLatin1(key)), iconName);
    connect(action, &QAction::triggered, this, [this, goal] {
        m_cursor.stepBack(goal, goal == Goal::this_node ? m_selection.node() : trace::none);
        emit used();
    });
    m_backward.append(action);
    return action;
}

QAction* StepActions::moveTo(const QString& text, const char* key, bool end) {
    QAction* action = addAction(m_window, text, QKeySequence(QString::fromLatin1(key)));
    connect(action, &QAction::triggered, this, [this, end] {
        m_cursor.moveTo(end ? m_cursor.size() : 0);
        emit used();
    });
    return action;
}

void StepActions::enable() {
    const bool paused =
        m_session.isReady() && !m_session.isRunning() && m_session.status().state != session::State::failed;
    const bool node = m_selection.node() != trace::none;
    for (QAction* action : m_forward)
        action->setEnabled(paused && (action != m_toNode || node));
    for (QAction* action : m_backward)
        action->setEnabled(m_cursor.canGoBack() && (action != m_backToNode || node));
}

void StepActions::fill(QMenu& menu) const {
    menu.addActions(m_forward);
    menu.addSeparator();
    menu.addActions(m_backward);
}

} // namespace hs::ui
