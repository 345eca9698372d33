#include "ui/window/break_actions.h"

#include "ui/models/breakpoint_model.h"
#include "ui/models/selection.h"
#include "ui/models/trace_cursor.h"
#include "ui/window/actions.h"

#include <QAction>
#include <QMenu>
#include <QWidget>

namespace hs::ui {

BreakActions::BreakActions(BreakpointModel& model, TraceCursor& cursor, const Selection& selection,
                           const Actions& actions, std::function<bool()> prefersNode, QWidget* window)
    : QObject(window), m_model(model), m_cursor(cursor), m_selection(selection), m_prefersNode(std::move(prefersNode)) {
    toggle = addAction(window, tr("Set or remove a breakpoint"), QKeySequence(QStringLiteral("Ctrl+F9")));
    runBack = addAction(window, tr("Run backwards to a breakpoint"), QKeySequence(QStringLiteral("Alt+Shift+F5")));
    connect(actions.run, &QAction::triggered, &cursor, &TraceCursor::toggleRunning);
    connect(&cursor, &TraceCursor::stopped, this,
            [this](const QString& message) { emit told(tr("Stopped at %1.").arg(message)); });
    connect(toggle, &QAction::triggered, this, &BreakActions::toggleSelected);
    connect(runBack, &QAction::triggered, this, &BreakActions::goBack);
    const auto enable = [this] { runBack->setEnabled(m_cursor.canGoBack()); };
    connect(&cursor, &TraceCursor::moved, this, enable);
    enable();
}

void BreakActions::fill(QMenu& menu) const {
    menu.addActions({toggle, runBack});
}

void BreakActions::toggleSelected() {
    session::Breakpoint one;
    const auto& trace = m_cursor.trace();
    const trace::Id node = m_selection.node();
    if (m_prefersNode() && trace && node < trace->nodes.size()) {
        const trace::Node& of = trace->nodes[node];
        one.place = session::Breakpoint::Place::node;
        one.pass = session::Breakpoint::Pass::backward;
        one.name = of.is_accumulate_grad && of.name.empty() ? "AccumulateGrad" : of.name.str();
        if (!of.is_accumulate_grad && of.module != trace::none) one.inside = (*trace->modules)[of.module].path;
    } else {
        one.name = m_selection.module();
    }
    const QString problem = m_model.toggleAt(one);
    if (!problem.isEmpty()) emit told(problem);
}

void BreakActions::goBack() {
    if (!m_cursor.canGoBack()) return;
    const auto stop = m_model.stop(*m_cursor.trace(), m_cursor.position(), true);
    m_cursor.moveTo(stop ? stop->position : 0);
    emit told(stop ? tr("Back at %1.").arg(QString::fromStdString(stop->message))
                   : tr("No breakpoint holds before: this is the begin of the step."));
    emit used();
}

} // namespace hs::ui
