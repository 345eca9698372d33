#include "ui/window/actions.h"

#include "ui/models/session_model.h"
#include "ui/theme/icons.h"
#include "ui/window/command_button.h"

#include <QAction>
#include <QCoreApplication>
#include <QUndoStack>
#include <QWidget>

namespace hs::ui {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(Actions)
};

/// An action of QUndoStack as one of ours: it keeps the words and says what it would undo in the tooltip.
QAction* adopt(QWidget* window, QAction* action, const QKeySequence& key) {
    action->setParent(window);
    action->setShortcut(key);
    QObject::connect(action, &QAction::changed, action, [action] {
        const QString tip = nameAndKey(*action);
        if (action->toolTip() != tip) action->setToolTip(tip);
    });
    window->addAction(action);
    return action;
}

} // namespace

QAction* addAction(QWidget* window, const QString& text, const QKeySequence& key, const QString& iconName) {
    auto* action = new QAction(window);
    action->setShortcut(key);
    if (!iconName.isEmpty()) {
        action->setIcon(icon(iconName));
        action->setProperty("iconName", iconName);
    }
    retitle(*action, text);
    window->addAction(action);
    return action;
}

void retitle(QAction& action, const QString& text) {
    action.setText(text);
    action.setToolTip(nameAndKey(action));
}

Actions::Actions(SessionModel& session, QUndoStack& undoStack, QWidget* window) {
    const auto make = [window](const QString& text, const char* key, const char* iconName = "") {
        return addAction(window, text, QKeySequence(QString::fromLatin1(key)), QString::fromLatin1(iconName));
    };
    run = make(Text::tr("Run"), "F5", "run");
    step = make(Text::tr("Step"), "F8", "step");
    reset = make(Text::tr("Reset"), "Ctrl+R", "reset");
    resetSeed = make(Text::tr("Reset with another seed"), "Ctrl+Shift+R");
    learningRate = make(Text::tr("Set the learning rate"), "Ctrl+L");
    pauseOnNan = make(Text::tr("Pause at the first NaN"), "Ctrl+Alt+N");
    pauseOnNan->setCheckable(true);
    pauseOnNan->setChecked(true);
    goToNan = make(Text::tr("Go to first NaN"), "Ctrl+Shift+N");
    why = make(Text::tr("Why is .grad None?"), "Alt+Y");
    scratchPad = make(Text::tr("Scratch pad"), "Ctrl+Shift+P");
    lessons = make(Text::tr("Lessons"), "Ctrl+Shift+L");
    closeDemo = make(Text::tr("Close"), "Ctrl+W");
    quit = make(Text::tr("Quit"), "Ctrl+Q");
    undo = adopt(window, undoStack.createUndoAction(window, Text::tr("Undo")), QKeySequence(QStringLiteral("Ctrl+Z")));
    redo = adopt(window, undoStack.createRedoAction(window, Text::tr("Redo")),
                 QKeySequence(QStringLiteral("Ctrl+Shift+Z")));
    showModel = make(Text::tr("Model"), "Alt+1");
    showGraph = make(Text::tr("Autograd graph"), "Alt+2");
    showTensors = make(Text::tr("Tensors"), "Alt+3");
    theme = make(Text::tr("Light theme"), "Ctrl+T", "sun");
    reduceMotion = make(Text::tr("Reduced motion"), "Ctrl+Alt+M");
    reduceMotion->setCheckable(true);
    filter = make(Text::tr("Filter modules"), "Ctrl+F", "search");
    nextDock = make(Text::tr("Next panel"), "F6");
    previousDock = make(Text::tr("Previous panel"), "Shift+F6");
    resetLayout = make(Text::tr("Reset layout"), "Ctrl+0");
    shortcuts = make(Text::tr("Keyboard shortcuts"), "F1");

    QObject::connect(step, &QAction::triggered, &session, &SessionModel::step);
    QObject::connect(reset, &QAction::triggered, &session, [&session] { session.reset(session.status().seed); });
    QObject::connect(pauseOnNan, &QAction::toggled, &session, &SessionModel::setPauseOnNonFinite);
    QObject::connect(reduceMotion, &QAction::toggled, window, [](bool on) { ui::theme().setReducedMotion(on); });
}

} // namespace hs::ui
