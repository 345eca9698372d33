#include "ui/window/main_window_parts.h"

#include <QDockWidget>

#include <utility>

namespace hs::ui {

namespace {

constexpr int tensorsView = 2; // of the centre

} // namespace

/// Another training, pad or lesson is open, or nothing.
void MainWindow::Parts::takeSource() {
    undo.clear();
    selection.clear();
    messages->forget();
    if (session.hasSource())
        kind = !scratch.isOpen() ? Kind::demo : scratch.isInLesson() ? Kind::lesson : Kind::scratch;
    const QString name = kind == Kind::demo ? setup.demo : kind == Kind::lesson ? tr("Lesson") : tr("Scratch pad");
    messages->setSubject(name);
    window->setWindowTitle(session.hasSource() ? name + QStringLiteral(" – Hookscope") : QStringLiteral("Hookscope"));
    if (!scratch.isInLesson()) leaveLesson();
    if (scratch.isOpen()) return;
    laidOut = Kind::demo;
    scratchDock->hide();
    if (centre->current() == tensorsView) centre->show(0);
}

void MainWindow::Parts::reopen() {
    if (kind == Kind::lesson)
        window->openLesson(lesson->path());
    else if (kind == Kind::scratch)
        window->openScratchPad();
    else
        window->openDemo(setup.demo);
}

void MainWindow::Parts::layOutScratchPad() {
    laidOut = Kind::scratch;
    centre->show(tensorsView);
    docks.bring(window->findChild<QDockWidget*>(QStringLiteral("timeline")));
    docks.reveal(scratchDock);
}

void MainWindow::Parts::layOutLesson() {
    laidOut = Kind::lesson;
    // A lesson has the room of the panels that it does not speak of.
    for (const char* name : {"modules", "tensor", "ledger", "saved", "element", "microscope"}) {
        auto* other = window->findChild<QDockWidget*>(QString::fromLatin1(name));
        if (other->isHidden()) continue;
        other->hide();
        if (!hiddenByLesson.contains(other)) hiddenByLesson.append(other);
    }
    centre->show(tensorsView);
    docks.bring(window->findChild<QDockWidget*>(QStringLiteral("timeline")));
    docks.bring(scratchDock);
    docks.reveal(lessonDock);
    window->resizeDocks({lessonDock, scratchDock}, {2, 1}, Qt::Vertical);
}

void MainWindow::Parts::leaveLesson() {
    lessonDock->hide();
    // Backwards, so that of those in one place the first is in front.
    const auto hidden = std::exchange(hiddenByLesson, {});
    for (auto dock = hidden.crbegin(); dock != hidden.crend(); ++dock)
        if (!docks.hasDrawer() || *dock != docks.docks().first()) docks.bring(*dock);
}

void MainWindow::Parts::rememberNode() {
    const auto& trace = cursor.trace();
    const trace::Id node = selection.node();
    if (!trace || node >= trace->nodes.size()) return;
    nodeName = trace->nodes[node].name.str();
    nodeModule = trace->nodes[node].module;
}

/// In another step another node may have its place; or none yet.
void MainWindow::Parts::checkNode() {
    const auto& trace = cursor.trace();
    const trace::Id node = selection.node();
    if (!trace || node >= trace->nodes.size()) return;
    const trace::Node& there = trace->nodes[node];
    if (there.name.str() != nodeName || there.module != nodeModule) selection.selectNode(trace::none);
}

/// Where NaN or Inf came up first: its tensor, and its moment.
void MainWindow::Parts::goToNonFinite() {
    messages->selectNonFinite();
    past.goToNonFinite();
}

} // namespace hs::ui
