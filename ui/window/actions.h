#pragma once

#include <QList>
#include <QObject>

class QAction;
class QMenu;
class QUndoStack;
class QWidget;

namespace hs::ui {

class SessionModel;

/// The commands of the window, each with text, key, tooltip and icon name (property "icon"). The window connects those
/// that concern its layout; those that concern the training are connected here.
struct Actions {
    Actions(SessionModel& session, QUndoStack& undo, QWidget* window);

    // Training
    QAction* run;
    QAction* step;
    QAction* reset;
    QAction* resetSeed;
    QAction* learningRate;
    QAction* pauseOnNan;
    QAction* goToNan;
    // Debug
    QAction* why;
    // File
    QAction* scratchPad;
    QAction* lessons;
    QAction* closeDemo;
    QAction* quit;
    // Edit
    QAction* undo;
    QAction* redo;
    // View
    QAction* showModel;
    QAction* showGraph;
    QAction* showTensors;
    QAction* theme;
    QAction* reduceMotion;
    QAction* filter;
    QAction* nextDock;
    QAction* previousDock;
    QAction* resetLayout;
    // Help
    QAction* shortcuts;
};

/// Makes an action with its key and a tooltip "name (key)", known to `window` so that its key works everywhere in it.
QAction* addAction(QWidget* window, const QString& text, const QKeySequence& key, const QString& iconName = {});
/// Changes the text of an action together with its tooltip.
void retitle(QAction& action, const QString& text);

} // namespace hs::ui
