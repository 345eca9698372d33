#include "ui/window/main_window_parts.h"

#include "ui/models/module_model.h"
#include "ui/views/blueprint_view.h"
#include "ui/views/breakpoints_view.h"
#include "ui/views/element_view.h"
#include "ui/views/graph_canvas.h"
#include "ui/views/ledger_view.h"
#include "ui/views/microscope_view.h"
#include "ui/views/module_view.h"
#include "ui/views/saved_view.h"
#include "ui/views/scratch_view.h"
#include "ui/views/watches_view.h"

#include <QAction>
#include <QDockWidget>
#include <QLayout>
#include <QStatusBar>

namespace hs::ui {

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

void MainWindow::Parts::makeHookAction() {
    addHook = ui::addAction(window, tr("Add a hook"), QKeySequence(QStringLiteral("Ctrl+H")));
    connect(addHook, &QAction::triggered, window, [this] {
        docks.reveal(window->findChild<QDockWidget*>(QStringLiteral("hooks")));
        hooks->beginAdding();
    });
}

} // namespace hs::ui
