// What mouse and keyboard do on the autograd graph.
#include "ui/models/selection.h"
#include "ui/views/graph_canvas.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>

namespace hs::ui {

void GraphCanvas::takeSelection() {
    const std::size_t item = m_model.itemOf(selection().node());
    // A GradSum and a group stand for a node that other items show, too.
    const bool same = m_selected < m_model.size() && m_model.nodeOf(m_selected) == selection().node();
    if (same) return requestFrame();
    m_selected = item;
    if (isSeen() && item < m_model.size()) keepInView(item);
    requestFrame();
}

void GraphCanvas::select(std::size_t item) {
    if (item >= m_model.size()) return;
    choose(item, m_model.nodeOf(item));
    keepInView(item);
}

void GraphCanvas::choose(std::size_t item, trace::Id node) {
    m_selected = item;
    selection().selectModule(m_model.moduleOf(item));
    selection().selectNode(node);
    requestFrame();
}

void GraphCanvas::openItem(std::size_t item) {
    if (item >= m_model.size()) return;
    const AutogradItem& shown = m_model.graph().items[item];
    if (shown.kind == AutogradKind::group)
        setCollapsed(shown.module, false);
    else
        emit runToRequested(m_model.nodeOf(item));
}

void GraphCanvas::toggleSelected() {
    if (m_selected >= m_model.size()) return;
    const AutogradItem& shown = m_model.graph().items[m_selected];
    if (shown.kind == AutogradKind::group) return setCollapsed(shown.module, false);
    const auto around = collapsibleAround(*m_model.trace(), shown.module);
    if (!around.empty()) setCollapsed(around.front(), true);
}

int GraphCanvas::find(const QString& text, bool backwards) {
    const std::vector<trace::Id> found = m_model.findNodes(text);
    if (found.empty()) return 0;
    const auto at = std::find(found.begin(), found.end(), selection().node());
    std::size_t next = backwards ? found.size() - 1 : 0;
    if (at != found.end()) {
        const auto place = static_cast<std::size_t>(at - found.begin());
        next = (place + (backwards ? found.size() - 1 : 1)) % found.size();
    }
    choose(m_model.itemOf(found[next]), found[next]);
    keepInView(m_selected);
    return static_cast<int>(found.size());
}

bool GraphCanvas::pressCard(QPointF point) {
    for (const Card card : {Card::wavefront, Card::legend}) {
        if (!cardRect(card).contains(point)) continue;
        if (cardTitleRect(card).contains(point)) setFolded(card, !isFolded(card));
        return true;
    }
    return false;
}

bool GraphCanvas::pressMiniMap(QPointF point) {
    const QRectF map = miniMapRect();
    if (!map.contains(point)) return false;
    const Rect& bounds = m_model.layout().bounds;
    const QPointF at((point.x() - map.left()) / map.width() * bounds.width,
                     (point.y() - map.top()) / map.height() * bounds.height);
    setFollowsStep(false);
    moveCamera({at - QPointF(width(), height()) / (2 * camera().zoom), camera().zoom});
    return true;
}

void GraphCanvas::canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers) {
    if (button != Qt::LeftButton || m_model.empty()) return;
    const QPointF point = viewport().toView(scene);
    if (pressCard(point) || pressMiniMap(point)) return;
    const std::size_t item = m_model.layout().itemAt({scene.x(), scene.y()});
    if (item < m_model.size()) choose(item, m_model.nodeOf(item));
}

void GraphCanvas::canvasDoubleClicked(QPointF scene) {
    if (coveredRegion().contains(viewport().toView(scene).toPoint())) return;
    openItem(m_model.layout().itemAt({scene.x(), scene.y()}));
}

void GraphCanvas::canvasHovered(QPointF scene) {
    const std::size_t item = m_model.layout().itemAt({scene.x(), scene.y()});
    if (item == m_hovered) return;
    m_hovered = item;
    requestFrame();
}

void GraphCanvas::canvasLeft() {
    m_hovered = m_model.size();
    requestFrame();
}

void GraphCanvas::mouseMoveEvent(QMouseEvent* event) {
    const Camera before = camera();
    SessionCanvas::mouseMoveEvent(event);
    if (event->buttons() != Qt::NoButton && camera() != before) setFollowsStep(false);
}

bool GraphCanvas::moveSelection(int key) {
    const Step step = key == Qt::Key_Up     ? Step::up
                      : key == Qt::Key_Down ? Step::down
                      : key == Qt::Key_Left ? Step::left
                                            : Step::right;
    if (m_model.empty()) return false;
    const std::size_t from = m_selected < m_model.size() ? m_selected : m_model.current();
    select(m_selected < m_model.size() || from >= m_model.size()
               ? neighbourOf(m_model.graph(), m_model.layout(), from, step)
               : from);
    return true;
}

void GraphCanvas::keyPressEvent(QKeyEvent* event) {
    showFocus();
    if (event->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) return SessionCanvas::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (event->modifiers() & Qt::ShiftModifier) {
            setFollowsStep(false);
            break;
        }
        if (moveSelection(event->key())) return;
        break;
    case Qt::Key_Home:
        return select(neighbourOf(m_model.graph(), m_model.layout(), m_model.size(), Step::up));
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return openItem(m_selected);
    case Qt::Key_Space:
        return toggleSelected();
    case Qt::Key_Slash:
        emit searchRequested();
        return;
    case Qt::Key_L:
        return setFolded(Card::legend, !isFolded(Card::legend));
    case Qt::Key_W:
        return setFolded(Card::wavefront, !isFolded(Card::wavefront));
    case Qt::Key_T:
        return setFollowsStep(!m_follows);
    default:
        break;
    }
    SessionCanvas::keyPressEvent(event);
}

void GraphCanvas::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    if (!byKey && coveredRegion().contains(event->pos())) return;
    const std::size_t item = byKey ? m_selected : itemAt(event->pos());
    if (item >= m_model.size()) return;
    select(item);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const trace::Id node = m_model.nodeOf(item);
    menu->addAction(tr("Run to this node"), this, [this, node] { emit runToRequested(node); });
    menu->addActions(actions());
    menu->addSeparator();
    const AutogradItem& shown = m_model.graph().items[item];
    const trace::ModuleTable& modules = *m_model.trace()->modules;
    if (shown.kind == AutogradKind::group)
        menu->addAction(tr("Open %1").arg(m_model.title(item)), this,
                        [this, module = shown.module] { setCollapsed(module, false); });
    for (trace::Id module : collapsibleAround(*m_model.trace(), shown.module)) {
        if (shown.kind == AutogradKind::group && module == shown.module) continue;
        menu->addAction(tr("Collapse %1").arg(QString::fromStdString(modules[module].path)), this,
                        [this, module] { setCollapsed(module, true); });
    }
    menu->addAction(tr("Collapse all"), this, [this] { collapseAll(true); });
    menu->addAction(tr("Open all"), this, [this] { collapseAll(false); });
    menu->popup(byKey ? mapToGlobal(itemRect(item).center().toPoint()) : event->globalPos());
}

bool GraphCanvas::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return SessionCanvas::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QString tip;
    if (!coveredRegion().contains(help->pos()))
        tip = m_model.describe(itemAt(help->pos()));
    else if (cardTitleRect(Card::wavefront).contains(help->pos()))
        tip = tr("Fold or open (W)");
    else if (cardTitleRect(Card::legend).contains(help->pos()))
        tip = tr("Fold or open (L)");
    if (tip.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

} // namespace hs::ui
