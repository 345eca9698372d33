#pragma once

#include "ui/window/main_window.h"

#include "ui/models/breakpoint_model.h"
#include "ui/models/past_steps.h"
#include "ui/models/scratch_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/models/watch_model.h"
#include "ui/views/graph_view.h"
#include "ui/views/hooks_view.h"
#include "ui/views/inspector.h"
#include "ui/views/lesson_view.h"
#include "ui/views/module_tree.h"
#include "ui/views/tensor_graph_view.h"
#include "ui/views/why_card.h"
#include "ui/window/actions.h"
#include "ui/window/break_actions.h"
#include "ui/window/canvas_views.h"
#include "ui/window/centre_views.h"
#include "ui/window/dock_layout.h"
#include "ui/window/edit_actions.h"
#include "ui/window/message_strip.h"
#include "ui/window/messages.h"
#include "ui/window/past_actions.h"
#include "ui/window/shortcuts_view.h"
#include "ui/window/status_line.h"
#include "ui/window/step_actions.h"
#include "ui/window/top_bar.h"

#include <QPointer>
#include <QUndoStack>

class QSettings;
class QTimer;

namespace hs::ui {

/// What the window is made of. Its making is in main_window_build.cpp, its menus and commands in main_window_menus.cpp.
struct MainWindow::Parts {
    explicit Parts(MainWindow* owner, WindowSetup with)
        : window(owner), setup(std::move(with)), session(owner), cursor(session), past(session, cursor, owner),
          scratch(session, cursor, owner), selection(owner), undo(owner), actions(session, undo, owner),
          stepping(session, cursor, selection, owner), pastActions(session, past, owner), breakpoints(session, undo),
          watches(session, undo),
          breaking(
              breakpoints, cursor, selection, actions, [this] { return centre->current() == 1; }, owner),
          docks(owner) {}

    MainWindow* window;
    WindowSetup setup;
    SessionModel session;
    TraceCursor cursor;
    PastSteps past;
    ScratchModel scratch;
    Selection selection;
    QUndoStack undo;
    Actions actions;
    StepActions stepping;
    PastActions pastActions;
    BreakpointModel breakpoints;
    WatchModel watches;
    BreakActions breaking;
    DockLayout docks;
    ModuleTree* tree = nullptr;
    Inspector* inspector = nullptr;
    HooksView* hooks = nullptr;
    QAction* addHook = nullptr;
    EditActions* edits = nullptr;
    WhyCard* why = nullptr;
    TensorGraphView* tensors = nullptr;
    QDockWidget* scratchDock = nullptr;
    LessonView* lesson = nullptr;
    QDockWidget* lessonDock = nullptr;
    std::unique_ptr<CanvasViews> canvases;
    TopBar* topBar = nullptr;
    MessageStrip* strip = nullptr;
    CentreViews* centre = nullptr;
    std::unique_ptr<Messages> messages;
    StatusLine* status = nullptr;
    QString gpuText;
    QPointer<ShortcutsView> shortcuts;
    QByteArray layoutToRestore; ///< from the settings, until the window is shown
    enum class Kind { demo, scratch, lesson };
    Kind kind = Kind::demo;    ///< of what is open, or was last
    Kind laidOut = Kind::demo; ///< for what the panels stand
    QList<QDockWidget*> hiddenByLesson;
    bool shownBefore = false;
    bool timelineBrought = false;
    std::shared_ptr<const trace::Trace> stepShown;
    std::string nodeName;               ///< of the selected node
    trace::Id nodeModule = trace::none; ///< and its module

    void build();
    QMenu* menu(const QString& title);
    void buildBreakpoints();
    void buildMenus();
    void fillTraining(QMenu* menu);
    void connectActions();
    void makeHookAction();
    void takeSource();
    void reopen();
    void layOutScratchPad();
    void layOutLesson();
    void leaveLesson();
    void rememberNode();
    void checkNode();
    void goToNonFinite();
    void selectFirst();
    void showStatus();
    void switchTheme(Theme::Mode mode);
    std::unique_ptr<QSettings> settings() const;
    void readSettings();
    void writeSettings() const;
};

} // namespace hs::ui
