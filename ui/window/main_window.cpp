#include "ui/window/main_window.h"

#include "ui/models/breakpoint_model.h"
#include "ui/models/module_model.h"
#include "ui/models/past_steps.h"
#include "ui/models/scratch_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/models/watch_model.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/icons.h"
#include "ui/theme/numbers.h"
#include "ui/views/blueprint_view.h"
#include "ui/views/breakpoints_view.h"
#include "ui/views/element_view.h"
#include "ui/views/graph_canvas.h"
#include "ui/views/graph_view.h"
#include "ui/views/hooks_view.h"
#include "ui/views/inspector.h"
#include "ui/views/ledger_view.h"
#include "ui/views/lesson_view.h"
#include "ui/views/microscope_view.h"
#include "ui/views/module_tree.h"
#include "ui/views/module_view.h"
#include "ui/views/saved_view.h"
#include "ui/views/scratch_view.h"
#include "ui/views/tensor_graph_view.h"
#include "ui/views/watches_view.h"
#include "ui/views/why_card.h"
#include "ui/window/actions.h"
#include "ui/window/break_actions.h"
#include "ui/window/canvas_views.h"
#include "ui/window/centre_views.h"
#include "ui/window/dock_layout.h"
#include "ui/window/drawer.h"
#include "ui/window/edit_actions.h"
#include "ui/window/message_strip.h"
#include "ui/window/messages.h"
#include "ui/window/panel_focus.h"
#include "ui/window/past_actions.h"
#include "ui/window/resident_memory.h"
#include "ui/window/shortcuts_view.h"
#include "ui/window/status_items.h"
#include "ui/window/status_line.h"
#include "ui/window/step_actions.h"
#include "ui/window/top_bar.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QScreen>
#include <QSettings>
#include <QSpinBox>
#include <QStatusBar>
#include <QTimer>
#include <QUndoStack>
#include <QWidgetAction>

namespace hs::ui {

namespace {

constexpr std::size_t defaultHistory = std::size_t{512} << 20;
constexpr std::size_t mostHistory = std::size_t{1} << 40;

} // namespace

struct MainWindow::Parts {
    explicit Parts(MainWindow* owner, WindowSetup with)
        : window(owner), setup(std::move(with)), session(owner), cursor(session), past(session, cursor, owner),
          scratch(session, cursor), selection(owner), undo(owner), actions(session, undo, owner),
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
    bool shownBefore = false;
    bool timelineBrought = false;
    std::shared_ptr<const trace::Trace> stepShown;

    void build();
    QMenu* menu(const QString& title);
    void buildBreakpoints();
    void buildMenus();
    void fillTraining(QMenu* menu);
    void connectActions();
    void makeHookAction();
    void selectFirst();
    void showStatus();
    void switchTheme(Theme::Mode mode);
    std::unique_ptr<QSettings> settings() const;
    void readSettings();
    void writeSettings() const;
};

MainWindow::MainWindow(WindowSetup setup, QWidget* parent)
    : QMainWindow(parent), m_parts(std::make_unique<Parts>(this, std::move(setup))) {
    setObjectName(QStringLiteral("window"));
    setWindowTitle(QStringLiteral("Hookscope"));
    setMinimumSize(1024, 640);
    resize(QSize(1400, 900).boundedTo(screen()->availableSize()));
    new FocusRing(this);
    m_parts->build();
    m_parts->buildMenus();
    m_parts->connectActions();
    m_parts->readSettings();
    if (!m_parts->setup.lesson.isEmpty())
        openLesson(m_parts->setup.lesson);
    else if (m_parts->setup.scratch)
        openScratchPad();
    else if (!m_parts->setup.demo.isEmpty())
        openDemo(m_parts->setup.demo);
}

MainWindow::~MainWindow() {
    // The views ask the models while they go, so they go first.
    delete takeCentralWidget();
    qDeleteAll(findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly));
}

void MainWindow::Parts::build() {
    topBar = new TopBar(session, cursor, actions, stepping, undo);
    window->addToolBar(Qt::TopToolBarArea, topBar);
    tree = new ModuleTree(session, selection);
    docks.add(QStringLiteral("modules"), tr("Modules"), Qt::LeftDockWidgetArea, tree);

    canvases = std::make_unique<CanvasViews>(session, selection, cursor, past);
    strip = new MessageStrip;
    centre = new CentreViews(strip);
    centre->setObjectName(QStringLiteral("blueprint"));
    centre->add(canvases->centre, tr("Model"), actions.showModel->toolTip());
    centre->add(canvases->graph, tr("Autograd graph"), actions.showGraph->toolTip());
    tensors = new TensorGraphView(scratch);
    centre->add(tensors, tr("Tensors"), actions.showTensors->toolTip());
    window->setCentralWidget(centre);

    inspector = new Inspector(session, selection);
    docks.add(QStringLiteral("tensor"), tr("Tensor"), Qt::RightDockWidgetArea, inspector);
    why = new WhyCard(session, selection, cursor);
    inspector->addSection(why);
    hooks = new HooksView(session, selection, cursor, undo);
    for (const CanvasViews::Docked& view : canvases->docked) {
        if (view.id == QStringLiteral("loss")) { // stands beside the tabs of the others
            buildBreakpoints();
            docks.add(QStringLiteral("hooks"), tr("Hooks"), Qt::BottomDockWidgetArea, hooks);
        }
        docks.add(view.id, view.title, Qt::BottomDockWidgetArea, view.widget);
    }
    makeHookAction();
    edits = new EditActions(session, cursor, selection, undo, *inspector, *tree, window);
    docks.add(QStringLiteral("ledger"), tr("Ledger"), Qt::RightDockWidgetArea,
              new LedgerView(session, selection, cursor));
    docks.add(QStringLiteral("saved"), tr("Saved"), Qt::RightDockWidgetArea, new SavedView(session, selection, cursor));
    docks.add(QStringLiteral("element"), tr("Element"), Qt::RightDockWidgetArea, new ElementView(session, selection));
    lesson = new LessonView(scratch);
    lessonDock = docks.add(QStringLiteral("lesson"), tr("Lesson"), Qt::LeftDockWidgetArea, lesson);
    scratchDock =
        docks.add(QStringLiteral("scratch"), tr("Scratch pad"), Qt::LeftDockWidgetArea, new ScratchView(scratch));
    docks.add(QStringLiteral("microscope"), tr("Microscope"), Qt::RightDockWidgetArea,
              new MicroscopeView(session, selection, cursor));
    docks.actions().last()->setShortcut(QKeySequence(QStringLiteral("Ctrl+M")));
    docks.setOptional(lessonDock);
    docks.setOptional(scratchDock);
    docks.reset();

    status = new StatusLine;
    auto* bar = new QStatusBar;
    bar->setSizeGripEnabled(false);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->addWidget(status, 1);
    bar->setFixedHeight(26);
    bar->layout()->setContentsMargins(0, 0, 0, 0);
    window->setStatusBar(bar);
    messages = std::make_unique<Messages>(session, selection, *strip);
    connect(edits, &EditActions::inspectorWanted, window,
            [this] { docks.reveal(window->findChild<QDockWidget*>(QStringLiteral("tensor"))); });
    connect(edits, &EditActions::refused, messages.get(), &Messages::tell);
}

void MainWindow::Parts::buildBreakpoints() {
    docks.add(QStringLiteral("breakpoints"), tr("Breakpoints"), Qt::BottomDockWidgetArea,
              new BreakpointsView(session, breakpoints));
    docks.add(QStringLiteral("watches"), tr("Watches"), Qt::BottomDockWidgetArea, new WatchesView(session, watches));
    tree->model().setBreakpoints(breakpoints);
    tree->view()->addAction(breaking.toggle);
    tree->view()->setContextMenuPolicy(Qt::ActionsContextMenu);
    canvases->graph->canvas().setBreakpoints(breakpoints);
    canvases->graph->canvas().addAction(breaking.toggle);
}

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
    connect(actions.goToNan, &QAction::triggered, window, [this] {
        messages->goToNonFinite();
        cursor.moveToFirstNonFinite();
    });
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
    connect(lesson, &LessonView::hiddenGradChanged, tensors, &TensorGraphView::setHiddenGrad);
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
    // Nodes of another step have other places in its tables.
    connect(&cursor, &TraceCursor::moved, window, [this] {
        messages->setElsewhere(!cursor.isAtNewest());
        if (std::exchange(stepShown, cursor.trace()) == cursor.trace()) return;
        selection.selectNode(trace::none);
        if (!session.isRunning()) showStatus();
    });
    connect(messages.get(), &Messages::reopenRequested, window, [this] { window->openDemo(setup.demo); });
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

void MainWindow::Parts::makeHookAction() {
    addHook = ui::addAction(window, tr("Add a hook"), QKeySequence(QStringLiteral("Ctrl+H")));
    connect(addHook, &QAction::triggered, window, [this] {
        docks.reveal(window->findChild<QDockWidget*>(QStringLiteral("hooks")));
        hooks->beginAdding();
    });
}

/// The first look shows something: the first module that has parameters of its own.
void MainWindow::Parts::selectFirst() {
    if (!session.modules() || !selection.module().empty()) return;
    for (const trace::Module& module : *session.modules()) {
        if (module.members.empty()) continue;
        selection.selectModule(module.path);
        return;
    }
}

void MainWindow::Parts::showStatus() {
    StatusFacts facts;
    facts.framesPerSecond = canvases->framesPerSecond();
    facts.memory = residentMemory();
    facts.memoryLimit = setup.memoryLimit > 0 ? setup.memoryLimit + past.budget() : 0;
    facts.device = gpuText;
    if (cursor.trace() && !session.isRunning()) {
        const auto states = trace::saved_at(*cursor.trace(), cursor.position());
        facts.saved = trace::saved_bytes(*cursor.trace(), states);
    }
    facts.reach = past.reach();
    if (cursor.isInPast()) facts.pastStep = past.shown();
    status->setItems(leftStatus(session, facts), rightStatus(session, facts));
    actions.goToNan->setEnabled(session.figures().has_non_finite);
}

void MainWindow::Parts::switchTheme(Theme::Mode mode) {
    theme().setMode(mode);
    const bool dark = theme().isDark();
    actions.theme->setProperty("iconName", dark ? QStringLiteral("sun") : QStringLiteral("moon"));
    retitle(*actions.theme, dark ? tr("Light theme") : tr("Dark theme"));
}

std::unique_ptr<QSettings> MainWindow::Parts::settings() const {
    if (!setup.keepsSettings) return nullptr;
    if (!setup.settingsFile.isEmpty()) return std::make_unique<QSettings>(setup.settingsFile, QSettings::IniFormat);
    return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("hookscope"),
                                       QStringLiteral("hookscope"));
}

void MainWindow::Parts::readSettings() {
    switchTheme(theme().mode());
    past.setBudget(defaultHistory);
    const auto kept = settings();
    if (!kept) return;
    bool isNumber = false;
    const quint64 history =
        kept->value(QStringLiteral("history/bytes"), quint64{defaultHistory}).toULongLong(&isNumber);
    if (isNumber) past.setBudget(std::min<std::size_t>(history, mostHistory));
    window->restoreGeometry(kept->value(QStringLiteral("window/geometry")).toByteArray());
    centre->show(kept->value(QStringLiteral("window/centre"), 0).toInt());
    layoutToRestore = kept->value(QStringLiteral("window/docks")).toByteArray();
    actions.reduceMotion->setChecked(
        kept->value(QStringLiteral("window/reducedMotion"), theme().reducedMotion()).toBool());
}

void MainWindow::Parts::writeSettings() const {
    const auto kept = settings();
    if (!kept) return;
    kept->setValue(QStringLiteral("window/geometry"), window->saveGeometry());
    kept->setValue(QStringLiteral("window/docks"), docks.save());
    kept->setValue(QStringLiteral("window/centre"), centre->current());
    kept->setValue(QStringLiteral("history/bytes"), quint64{past.budget()});
    kept->setValue(QStringLiteral("window/reducedMotion"), theme().reducedMotion());
}

void MainWindow::openDemo(const QString& name) {
    m_parts->undo.clear();
    m_parts->selection.clear();
    m_parts->messages->forget();
    if (!name.isEmpty()) m_parts->setup.demo = name;
    m_parts->messages->setSubject(m_parts->setup.demo);
    m_parts->session.setSource(name.isEmpty() || !m_parts->setup.open ? nullptr
                                                                      : m_parts->setup.open(name, m_parts->setup.seed));
    m_parts->session.setPauseOnNonFinite(m_parts->actions.pauseOnNan->isChecked());
    if (m_parts->setup.run) m_parts->session.run();
    setWindowTitle(name.isEmpty() ? QStringLiteral("Hookscope") : name + QStringLiteral(" – Hookscope"));
}

void MainWindow::openScratchPad() {
    if (!m_parts->scratch.isOpen()) {
        m_parts->undo.clear();
        m_parts->selection.clear();
        m_parts->messages->forget();
        m_parts->messages->setSubject(tr("Scratch pad"));
        const QString before = m_parts->scratch.text();
        m_parts->scratch.open(before.isEmpty() ? QStringLiteral("w = tensor([1.], requires_grad=True)\n"
                                                                "x = tensor([2.], requires_grad=True)\n"
                                                                "a = x + w\n"
                                                                "b = w + 1\n"
                                                                "y = a * b\n"
                                                                "y.backward()\n"
                                                                "w.grad\n"
                                                                "x.grad\n"
                                                                "y.grad")
                                               : before);
        setWindowTitle(tr("Scratch pad – Hookscope"));
    }
    m_parts->centre->show(2);
    m_parts->docks.bring(findChild<QDockWidget*>(QStringLiteral("timeline")));
    m_parts->docks.reveal(m_parts->scratchDock);
}

void MainWindow::openLesson(const QString& file) {
    const bool isOpen = m_parts->scratch.isOpen() && m_parts->lesson->lesson();
    if (!isOpen) {
        m_parts->undo.clear();
        m_parts->selection.clear();
        m_parts->messages->forget();
    }
    if (!file.isEmpty() || !isOpen) m_parts->lesson->open(file);
    setWindowTitle(tr("Lesson – Hookscope"));
    // A lesson has the room of the panels that it does not speak of.
    for (const char* other : {"modules", "tensor"})
        findChild<QDockWidget*>(QString::fromLatin1(other))->hide();
    m_parts->centre->show(2);
    m_parts->docks.bring(findChild<QDockWidget*>(QStringLiteral("timeline")));
    m_parts->docks.bring(m_parts->scratchDock);
    m_parts->docks.reveal(m_parts->lessonDock);
    resizeDocks({m_parts->lessonDock, m_parts->scratchDock}, {2, 1}, Qt::Vertical);
}

void MainWindow::setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem) {
    m_parts->gpuText = m_parts->canvases->setDevice(device, problem);
    m_parts->showStatus();
}

SessionModel& MainWindow::session() const {
    return m_parts->session;
}

Selection& MainWindow::selection() const {
    return m_parts->selection;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_parts->writeSettings();
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange) m_parts->session.setVisible(!isMinimized());
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (m_parts->shownBefore) return;
    m_parts->shownBefore = true;
    // The sizes of docks count only from here on: before, the window has not got its own.
    if (!m_parts->docks.restore(m_parts->layoutToRestore))
        QTimer::singleShot(0, this, [this] { m_parts->docks.setDefaultSizes(); });
    m_parts->docks.adapt(size());
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    m_parts->docks.adapt(size());
    if (m_parts->docks.drawer()->isVisible()) m_parts->docks.drawer()->hide();
}

} // namespace hs::ui
