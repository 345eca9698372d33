#include "ui/window/main_window_parts.h"

#include "ui/views/blueprint_view.h"
#include "ui/window/panel_focus.h"

#include <QAction>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QSpinBox>
#include <QTimer>
#include <QWidgetAction>

namespace hs::ui {

QMenu* MainWindow::Parts::menu(const QString& title) {
    auto* menu = new QMenu(title, window);
    menu->setToolTipsVisible(true);
    return menu;
}

void MainWindow::Parts::buildMenus() {
    QMenu* file = menu(tr("File"));
    QMenu* demos = menu(tr("Demos"));
    for (qsizetype i = 0; i < setup.demos.size(); ++i) {
        const DemoEntry& demo = setup.demos[i];
        QAction* action = ui::addAction(window, demo.name, QKeySequence(QStringLiteral("Ctrl+Alt+%1").arg(i + 1)));
        action->setToolTip(demo.summary);
        demos->addAction(action);
        connect(action, &QAction::triggered, window, [this, name = demo.name] { window->openDemo(name); });
    }
    file->addMenu(demos);
    file->addActions({actions.scratchPad, actions.lessons});
    file->addAction(actions.closeDemo);
    file->addSeparator();
    file->addAction(actions.quit);
    QMenu* edit = menu(tr("Edit"));
    edit->addActions({actions.undo, actions.redo});
    edit->addSeparator();
    edits->fill(*edit);
    edit->addSeparator();
    edit->addAction(addHook);
    QMenu* training = menu(tr("Training"));
    fillTraining(training);
    QMenu* moment = menu(tr("Debug"));
    stepping.fill(*moment);
    pastActions.fill(*moment);
    moment->addSeparator();
    breaking.fill(*moment);
    moment->addAction(actions.goToNan);
    moment->addAction(actions.why);
    QMenu* view = menu(tr("View"));
    view->addActions({actions.showModel, actions.showGraph, actions.showTensors});
    view->addSeparator();
    view->addActions(docks.actions());
    view->addSeparator();
    view->addActions({actions.filter, actions.nextDock, actions.previousDock});
    view->addSeparator();
    view->addActions({actions.theme, actions.reduceMotion, actions.resetLayout});
    QMenu* help = menu(tr("Help"));
    help->addAction(actions.shortcuts);
    topBar->setMenus({file, edit, training, moment, view, help}, demos);
}

void MainWindow::Parts::fillTraining(QMenu* menu) {
    menu->addActions({actions.run, actions.step});
    menu->addSeparator();
    menu->addActions({actions.reset, actions.resetSeed});
    auto* seed = new QSpinBox;
    seed->setRange(0, std::numeric_limits<int>::max());
    seed->setPrefix(tr("Seed "));
    seed->setAccessibleName(tr("Seed"));
    seed->setToolTip(tr("Seed of the next reset. Enter resets with it"));
    seed->setKeyboardTracking(false);
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(12, 2, 12, 4);
    row->addWidget(seed);
    auto* action = new QWidgetAction(menu);
    action->setDefaultWidget(box);
    menu->addAction(action);
    connect(menu, &QMenu::aboutToShow, seed, [this, seed] {
        const QSignalBlocker blocker(seed);
        seed->setValue(static_cast<int>(session.status().seed));
    });
    connect(seed, &QSpinBox::editingFinished, window, [this, seed] {
        if (static_cast<quint64>(seed->value()) != session.status().seed)
            session.reset(static_cast<quint64>(seed->value()));
    });
    menu->addSeparator();
    menu->addActions({actions.learningRate, actions.pauseOnNan, actions.goToNan});
}

void MainWindow::Parts::connectActions() {
    connect(actions.quit, &QAction::triggered, window, &QWidget::close);
    connect(actions.closeDemo, &QAction::triggered, window, [this] { window->openDemo({}); });
    connect(actions.resetSeed, &QAction::triggered, window, [this] { session.reset(session.status().seed + 1); });
    connect(actions.goToNan, &QAction::triggered, window, [this] { goToNonFinite(); });
    connect(messages.get(), &Messages::nonFiniteRequested, window, [this] { goToNonFinite(); });
    connect(actions.theme, &QAction::triggered, window,
            [this] { switchTheme(theme().isDark() ? Theme::Mode::light : Theme::Mode::dark); });
    connect(actions.resetLayout, &QAction::triggered, window, [this] {
        docks.reset();
        scratchDock->setVisible(scratch.isOpen());
        lessonDock->setVisible(scratch.isOpen() && lesson->lesson());
    });
    connect(actions.filter, &QAction::triggered, window, [this] {
        if (tree->isHidden() || !tree->isVisible()) docks.toggle(docks.docks().first());
        tree->filterBox()->setFocus(Qt::ShortcutFocusReason);
        tree->filterBox()->selectAll();
    });
    connect(actions.nextDock, &QAction::triggered, window, [this] { focusPanel(*window, docks, true); });
    connect(actions.previousDock, &QAction::triggered, window, [this] { focusPanel(*window, docks, false); });
    connect(actions.shortcuts, &QAction::triggered, window, [this] {
        if (!shortcuts) shortcuts = new ShortcutsView(window);
        shortcuts->show();
        shortcuts->raise();
        shortcuts->activateWindow();
    });
    connect(actions.showModel, &QAction::triggered, centre, [this] { centre->show(0); });
    connect(actions.showGraph, &QAction::triggered, centre, [this] { centre->show(1); });
    connect(why, &WhyCard::graphRequested, centre, [this] { centre->show(1); });
    connect(actions.why, &QAction::triggered, window, [this] {
        docks.bring(window->findChild<QDockWidget*>(QStringLiteral("tensor")));
        inspector->revealSection(why);
    });
    connect(actions.showTensors, &QAction::triggered, centre, [this] { centre->show(2); });
    connect(actions.scratchPad, &QAction::triggered, window, [this] { window->openScratchPad(); });
    connect(actions.lessons, &QAction::triggered, window, [this] { window->openLesson({}); });
    connect(lesson, &LessonView::lessonRequested, window, &MainWindow::openLesson);
    connect(lesson, &LessonView::hiddenGradsChanged, tensors, &TensorGraphView::setHiddenGrads);
    connect(canvases->graph, &GraphView::runToRequested, window,
            [this](trace::Id node) { cursor.stepForward(session::Goal::this_node, node); });
    const auto bringTimeline = [this] {
        // Once: whoever turns to another view afterwards wants to watch that one.
        if (!std::exchange(timelineBrought, true))
            docks.bring(window->findChild<QDockWidget*>(QStringLiteral("timeline")));
    };
    connect(&stepping, &StepActions::used, window, bringTimeline);
    connect(&pastActions, &PastActions::used, window, bringTimeline);
    connect(&pastActions, &PastActions::budgetChanged, window, [this] { showStatus(); });
    connect(&breaking, &BreakActions::used, &stepping, &StepActions::used);
    connect(&breaking, &BreakActions::told, messages.get(), &Messages::tell);
    connect(&cursor, &TraceCursor::moved, window, [this] {
        messages->setElsewhere(!cursor.isAtNewest());
        if (std::exchange(stepShown, cursor.trace()) == cursor.trace()) return;
        if (!session.isRunning()) showStatus();
    });
    connect(&cursor, &TraceCursor::moved, window, [this] { checkNode(); });
    connect(&selection, &Selection::nodeChanged, window, [this] { rememberNode(); });
    connect(&session, &SessionModel::sourceChanged, window, [this] { takeSource(); });
    connect(messages.get(), &Messages::reopenRequested, window, [this] { reopen(); });
    connect(messages.get(), &Messages::closeRequested, window, [this] { window->openDemo({}); });
    connect(canvases->centre, &BlueprintView::openRequested, window,
            [this] { docks.reveal(window->findChild<QDockWidget*>(QStringLiteral("activations"))); });
    connect(&docks, &DockLayout::drawerChanged, window,
            [this] { topBar->setDrawerAction(docks.hasDrawer() ? docks.actions().first() : nullptr); });
    docks.actions().first()->setProperty("iconName", QStringLiteral("modules"));
    topBar->setDrawerAction(docks.hasDrawer() ? docks.actions().first() : nullptr);
    connect(&session, &SessionModel::figuresChanged, window, [this] { showStatus(); });
    connect(&session, &SessionModel::modulesChanged, window, [this] { selectFirst(); });
    auto* clock = new QTimer(window);
    connect(clock, &QTimer::timeout, window, [this] { showStatus(); });
    clock->start(500);
    showStatus();
}

} // namespace hs::ui
