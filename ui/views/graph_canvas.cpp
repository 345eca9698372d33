#include "ui/views/graph_canvas.h"

#include "ui/models/breakpoint_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/graph_painter.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hs::ui {

namespace {

constexpr double readableZoom = 0.85; // at which both lines of a node can be read
constexpr double edgeMargin = 24;
constexpr int loadingMs = 300;

} // namespace

GraphCanvas::GraphCanvas(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : SessionCanvas(session, selection, parent), m_cursor(cursor), m_layouter(new GraphLayouter(this)) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Autograd graph"));
    setAccessibleDescription(tr("The nodes of the backward pass. Arrow keys go along edges, Enter runs to the selected "
                                "node, Space collapses its module or opens it, slash searches."));
    setCameraEnabled(true);
    setZoomRange(0.01, 4);
    m_loading.setSingleShot(true);
    connect(&m_loading, &QTimer::timeout, this, [this] { updateNotice(); });
    connect(m_layouter, &GraphLayouter::gaveUpNow, this, [this] { updateNotice(); });
    connect(m_layouter, &GraphLayouter::ready, this,
            [this](const std::shared_ptr<LaidOutGraph>& result) { takeLayout(*result); });
    connect(&cursor, &TraceCursor::moved, this, &GraphCanvas::takeMoment);
    connect(&session, &SessionModel::sourceChanged, this, &GraphCanvas::refresh);
    connect(&selection, &Selection::nodeChanged, this, &GraphCanvas::takeSelection);
    connect(this, &CanvasWidget::cameraChanged, this, [this] { m_cameraIsOurs &= m_movesCamera; });
}

void GraphCanvas::setBreakpoints(const BreakpointModel& breakpoints) {
    m_breakpoints = &breakpoints;
    connect(&breakpoints, &BreakpointModel::changed, this, [this] { update(); });
}

void GraphCanvas::refresh() {
    takeMoment();
}

void GraphCanvas::takeMoment() {
    if (!isSeen()) return;
    const auto& trace = m_cursor.trace();
    if (!trace || trace->edges.empty()) {
        m_layouter->drop();
        if (!m_model.empty()) {
            m_model.clear();
            emit laidOut();
        }
        updateNotice();
        requestFrame();
        return;
    }
    if (trace->modules != m_modules) {
        m_modules = trace->modules;
        m_collapsed.clear();
        m_collapseChosen = false;
        m_cameraIsOurs = true;
    }
    const AutogradGraph& graph = m_model.graph();
    const bool grown = trace->nodes.size() != graph.itemOf.size() || trace->edges.size() != graph.traceEdges;
    if (trace != m_model.trace() || grown) layOutAgain();
    if (m_model.trace() != trace) return; // it comes from the other thread
    m_model.moveTo(m_cursor.position());
    if (m_follows) keepInView(m_model.current());
    requestFrame();
}

void GraphCanvas::layOutAgain() {
    const auto& trace = m_cursor.trace();
    if (!trace) return;
    m_loading.start(loadingMs);
    m_layouter->request({trace, m_collapsed, !m_collapseChosen});
    updateNotice();
}

void GraphCanvas::takeLayout(LaidOutGraph& result) {
    m_loading.stop();
    const bool same = result.graph == m_model.graph() && !m_model.empty();
    m_collapsed = std::move(result.collapsed);
    // What was selected (or else what runs) stays where it is, so that nothing jumps while people read.
    std::size_t anchor = m_selected < m_model.size() ? m_selected : m_model.current();
    trace::Id held = m_anchor != trace::none ? m_anchor : m_model.nodeOf(anchor);
    if (m_anchor != trace::none) anchor = m_model.itemOf(m_anchor);
    const bool wasShown = anchor < m_model.size() && !m_cameraIsOurs;
    const QPointF before = wasShown ? itemRect(anchor).center() : QPointF();
    if (same)
        m_model.setTrace(result.trace);
    else
        m_model.setGraph(result.trace, std::move(result.graph), std::move(result.layout));
    m_model.moveTo(m_cursor.position());
    m_anchor = trace::none;
    m_hovered = m_model.size();
    takeSelection();
    if (!same) {
        const std::size_t now = m_model.itemOf(held);
        if (m_cameraIsOurs)
            showStart();
        else if (wasShown && now < m_model.size())
            setCamera({camera().origin + (itemRect(now).center() - before) / camera().zoom, camera().zoom});
    }
    if (m_follows) keepInView(m_model.current());
    updateNotice();
    emit laidOut();
    requestFrame();
}

void GraphCanvas::showStart() {
    const QScopedValueRollback ours(m_movesCamera, true);
    fit();
    if (camera().zoom >= readableZoom || m_model.empty()) return;
    // Too large to be read as a whole: the top of it, in the middle of what the cards leave free.
    const std::size_t top = neighbourOf(m_model.graph(), m_model.layout(), m_model.size(), Step::down);
    const Rect& box = m_model.layout().rects[top];
    const QRectF free =
        QRectF(rect()).adjusted(contentBounds().left() < 0 ? cardRect(Card::legend).right() : 0, 0, 0, 0);
    const QPointF at(free.center().x(), edgeMargin + 2 * box.height);
    setCamera({QPointF(box.center().x, box.center().y) - at / readableZoom, readableZoom});
}

void GraphCanvas::keepInView(std::size_t item) {
    if (item >= m_model.size()) return;
    const QRectF box = itemRect(item);
    const double side = std::min(edgeMargin, width() / 8.0);
    QRectF free = QRectF(rect()).adjusted(side, 8, -side, -8);
    for (const Card card : {Card::wavefront, Card::legend}) {
        const QRectF over = cardRect(card);
        if (!isFolded(card) && over.right() < width() / 2.0) free.setLeft(std::max(free.left(), over.right() + 8));
    }
    const QRectF map = miniMapRect().adjusted(-12, -12, 12, 12);
    if (!miniMapRect().isEmpty() && box.right() > map.left() && box.left() < map.right()) free.setBottom(map.top());
    if (free.contains(box)) return;
    Camera target = camera();
    QPointF by;
    if (box.left() < free.left() || box.right() > free.right()) by.setX(box.center().x() - free.center().x());
    if (box.top() < free.top() || box.bottom() > free.bottom())
        by.setY(box.center().y() - (free.top() + free.height() * 0.4));
    target.origin += by / target.zoom;
    // Not further than there is something to be seen.
    const double most = m_model.layout().bounds.height + bottomBar - height() / target.zoom;
    if (by.y() != 0) target.origin.setY(std::clamp(target.origin.y(), std::min(0.0, most), std::max(0.0, most)));
    moveCamera(target);
}

QRectF GraphCanvas::contentBounds() const {
    const Rect& bounds = m_model.layout().bounds;
    if (bounds.empty()) return {};
    // Beside the cards where there is room, never above 100 %.
    const double left = width() >= 720 ? cardRect(Card::wavefront).right() : 0;
    const double wide = std::max(bounds.width + left, double(width())) - 2 * edgeMargin;
    const double high = std::max(bounds.height + bottomBar, double(height())) - 2 * edgeMargin;
    const double x = -left - std::floor((wide + 2 * edgeMargin - bounds.width - left) / 2) + edgeMargin;
    return {x, edgeMargin, wide, high};
}

void GraphCanvas::resizeEvent(QResizeEvent* event) {
    const QScopedValueRollback ours(m_movesCamera, true);
    SessionCanvas::resizeEvent(event);
    if (m_cameraIsOurs) showStart();
}

std::size_t GraphCanvas::itemAt(QPointF point) const {
    const QPointF scene = viewport().toScene(point);
    return m_model.layout().itemAt({scene.x(), scene.y()});
}

QRectF GraphCanvas::itemRect(std::size_t item) const {
    const Rect& box = m_model.layout().rects[item];
    return viewport().toView(QRectF(box.x, box.y, box.width, box.height));
}

Notice GraphCanvas::ownNotice() const {
    const auto& trace = m_cursor.trace();
    if (!trace || session().isRunning() || (trace->edges.empty() && trace->finished()) || trace->step < 0) {
        if (!m_model.empty()) return {};
        if (trace && trace->finished() && trace->step >= 0 && m_cursor.canRunAgain())
            return {Notice::Kind::empty, tr("This step was recorded without its graph."), tr("Run it again"),
                    [this] { m_cursor.runAgain(); }};
        return {Notice::Kind::empty, tr("Pause, and step once: the graph of that step comes here."), tr("Step"),
                [this] { session().step(); }};
    }
    if (trace->edges.empty())
        return {Notice::Kind::empty, tr("No operation of this step has made a node yet."), tr("Next operation"),
                [this] { m_cursor.stepForward(session::Goal::operation); }};
    GraphLayouter* layouter = m_layouter;
    if (layouter->gaveUp())
        return {m_model.empty() ? Notice::Kind::empty : Notice::Kind::hint, tr("The graph was not laid out."),
                tr("Lay out"), [layouter] { layouter->again(); }};
    if (layouter->isBusy() && !m_loading.isActive())
        return {m_model.empty() ? Notice::Kind::loading : Notice::Kind::hint,
                tr("Laying out %L1 nodes").arg(trace->nodes.size()), tr("Cancel"), [layouter] { layouter->giveUp(); }};
    return {};
}

void GraphCanvas::setFollowsStep(bool follows) {
    if (follows == m_follows) return;
    m_follows = follows;
    if (follows) keepInView(m_model.current());
    emit followChanged(follows);
}

void GraphCanvas::setFolded(Card card, bool folded) {
    m_folded[static_cast<std::size_t>(card)] = folded;
    requestFrame();
}

void GraphCanvas::setCollapsed(trace::Id module, bool collapsed) {
    m_collapseChosen = true;
    m_anchor = m_model.nodeOf(m_selected);
    if (collapsed)
        m_collapsed.insert(module);
    else
        m_collapsed.erase(module);
    layOutAgain();
}

void GraphCanvas::collapseAll(bool collapsed) {
    if (!m_cursor.trace() || m_model.empty()) return;
    m_collapseChosen = true;
    m_anchor = m_model.nodeOf(m_selected);
    m_collapsed.clear();
    const trace::ModuleTable& modules = *m_cursor.trace()->modules;
    for (trace::Id id = 0; collapsed && id < modules.size(); ++id)
        if (const auto around = collapsibleAround(*m_cursor.trace(), id); !around.empty() && around.front() == id)
            m_collapsed.insert(around.back());
    layOutAgain();
}

void GraphCanvas::prepareScene(const Viewport& view, DrawList& list) {
    GraphPainter(*this, view).prepare(list);
}

void GraphCanvas::paintOverlay(QPainter& painter, const Viewport& view) {
    GraphPainter(*this, view).paint(painter);
    paintNotice(painter);
}

bool GraphCanvas::isFolded(Card card) const {
    const std::optional<bool>& chosen = m_folded[static_cast<std::size_t>(card)];
    if (chosen) return *chosen;
    const double open = GraphCardSize::wavefront + (card == Card::legend ? GraphCardSize::legend() + 8 : 0);
    // A list of signs is not to hide half of what they stand for.
    const bool covers = card == Card::legend && GraphCardSize::legend() > height() / 2.0;
    return covers || width() < 3 * GraphCardSize::width || height() < 12 + open + bottomBar;
}

QRectF GraphCanvas::cardRect(Card card) const {
    if (m_model.empty()) return {};
    const auto heightOf = [this](Card of) {
        if (isFolded(of)) return GraphCardSize::title;
        return of == Card::wavefront ? GraphCardSize::wavefront : GraphCardSize::legend();
    };
    const double top = card == Card::wavefront ? 12 : 12 + heightOf(Card::wavefront) + 8;
    return {12, top, isFolded(card) ? GraphCardSize::folded : GraphCardSize::width, heightOf(card)};
}

QRectF GraphCanvas::cardTitleRect(Card card) const {
    QRectF title = cardRect(card);
    title.setHeight(std::min(title.height(), GraphCardSize::title));
    return title;
}

QRectF GraphCanvas::miniMapRect() const {
    const Rect& bounds = m_model.layout().bounds;
    if (bounds.empty() || width() < 720 || height() < 420) return {};
    const double scale = std::min(120 / bounds.width, 150 / bounds.height);
    const QSizeF size(std::max(8.0, std::round(bounds.width * scale)),
                      std::max(8.0, std::round(bounds.height * scale)));
    return {QPointF(width() - 16 - size.width(), height() - 16 - size.height()), size};
}

QRegion GraphCanvas::coveredRegion() const {
    QRegion region;
    for (const Card card : {Card::wavefront, Card::legend})
        region += cardRect(card).toAlignedRect();
    if (const QRectF map = miniMapRect(); !map.isEmpty()) region += map.adjusted(-4, -4, 4, 4).toAlignedRect();
    return region;
}

} // namespace hs::ui
