#include "ui/views/graph_painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

namespace hs::ui {

using trace::NodeState;

namespace {

// Kinds that are drawn after each other, so that each is one draw.
enum GraphLayer { lines, bodies, glows, boxes, ridges, rings };

constexpr double farCell = 2; // logical pixels: of boxes that fall into one of these the first is drawn

} // namespace

GraphPainter::GraphPainter(const GraphCanvas& canvas, const Viewport& view)
    : m_canvas(canvas), m_model(canvas.m_model), m_graph(m_model.graph()), m_layout(m_model.layout()),
      m_text(canvas.text()), m_view(view), m_covered(canvas.coveredRegion()) {
    const QRectF seen = view.visibleScene();
    m_seen = {seen.x(), seen.y(), seen.width(), seen.height()};
}

void GraphPainter::prepare(DrawList& list) const {
    list.setLayer(lines);
    list.shapes.dotGrid(20, blend(theme().color(Token::text3), theme().color(Token::canvas), 22));
    list.beginFixed();
    if (!m_model.empty()) {
        prepareEdges(list);
        if (isFar()) {
            prepareFar(list);
        } else {
            for (std::size_t item = 0; item < m_model.size(); ++item)
                prepareItem(list, item);
        }
        prepareRings(list);
        prepareCards(list);
    }
    list.endFixed();
}

QColor GraphPainter::stateOutline(NodeState state, Token token) const {
    const Theme& t = theme();
    switch (state) {
    case NodeState::ready:
    case NodeState::running:
        return t.color(token);
    case NodeState::done:
        return blend(t.color(token), t.color(Token::canvas), 55);
    case NodeState::idle:
    case NodeState::waiting:
        return t.color(Token::control);
    case NodeState::absent:
        return t.color(Token::lineStrong);
    }
    return {};
}

BoxStyle GraphPainter::boxStyle(NodeState state, Token token) const {
    const Theme& t = theme();
    BoxStyle style{t.color(Token::canvas), stateOutline(state, token), 1, Corners::all(7 * zoom()), {}};
    switch (state) {
    case NodeState::absent:
        style.dash = {2, 4};
        break;
    case NodeState::idle:
        break;
    case NodeState::waiting:
        style.dash = {4, 3};
        break;
    case NodeState::ready:
        style.outlineWidth = 2;
        break;
    case NodeState::running:
        style.fill = t.color(token);
        break;
    case NodeState::done:
        style.fill = t.tint(token, 20, Token::canvas);
        break;
    }
    return style;
}

void GraphPainter::prepareEdges(DrawList& list) const {
    list.setLayer(lines);
    // Lines that are shorter than this are between boxes that hide them.
    const double least = isFar() ? 4 : 0;
    for (std::size_t edge = 0; edge < m_layout.routes.size(); ++edge) {
        const AutogradRoute& route = m_layout.routes[edge];
        if (!route.bounds.overlaps(m_seen)) {
            // The forward line of an edge is at its left.
            if (!route.straight || isFar()) continue;
        } else if (std::max(route.bounds.width, route.bounds.height) * zoom() >= least) {
            prepareEdge(list, edge);
        }
        if (route.straight && !isFar()) prepareForward(list, edge);
    }
}

void GraphPainter::prepareEdge(DrawList& list, std::size_t edge) const {
    const Theme& t = theme();
    const AutogradRoute& route = m_layout.routes[edge];
    const EdgeProgress& now = m_model.edge(edge);
    const NodeState from = m_model.progress(m_graph.edges[edge].from).state;
    LineStyle style;
    const bool bad = now.passed && now.summary && !now.summary->finite();
    style.color = t.color(bad ? Token::nan : now.passed ? Token::backward : Token::text3);
    style.snap = true;
    if (from == NodeState::absent) style.color = t.color(Token::lineStrong);
    if (isFar()) {
        style.width = 1;
    } else {
        style.width = now.passed ? 2 : 1;
        if (!now.passed) style.dash = {3, 4};
        style.arrow = true;
        style.arrowLength = std::clamp((now.passed ? 9 : 7) * zoom(), 4.0, 14.0);
    }
    std::array<QPointF, 24> near;
    std::vector<QPointF> many;
    std::span<QPointF> points(near.data(), std::min(route.points.size(), near.size()));
    if (route.points.size() > near.size()) {
        many.resize(route.points.size());
        points = many;
    }
    for (std::size_t i = 0; i < points.size(); ++i)
        points[i] = toView(route.points[i]);
    if (isFar())
        list.shapes.polyline(points, style);
    else
        list.shapes.edge(points, 8 * zoom(), style);
}

Rect GraphPainter::forwardLine(std::size_t edge) const {
    if (!m_layout.routes[edge].straight) return {};
    const Rect& above = m_layout.partners[m_graph.edges[edge].from];
    const Rect& below = m_layout.partners[m_graph.edges[edge].to];
    if (above.empty() || below.empty() || std::abs(above.x - below.x) > 0.5) return {};
    return {above.center().x, above.bottom(), 1, below.y - above.bottom()};
}

void GraphPainter::prepareForward(DrawList& list, std::size_t edge) const {
    const std::size_t later = m_graph.edges[edge].from;
    const Rect line = forwardLine(edge);
    if (!isSeen(line)) return;
    const bool made = m_model.progress(later).state != NodeState::absent;
    LineStyle style{theme().color(made ? Token::forward : Token::lineStrong), 1, {}, true, 7 * zoom(), true};
    if (made) style.color = blend(style.color, theme().color(Token::canvas), 60);
    if (!made) style.dash = {2, 4};
    list.shapes.line(toView(Point{line.x, line.bottom()}), toView(Point{line.x, line.y}), style);
}

void GraphPainter::prepareItem(DrawList& list, std::size_t item) const {
    preparePartner(list, item);
    const AutogradKind kind = m_graph.items[item].kind;
    if (kind == AutogradKind::leaf) return prepareLeaf(list, item);
    if (!isSeen(m_layout.rects[item])) return;
    const Theme& t = theme();
    const NodeState state = m_model.progress(item).state;
    const QRectF box = toView(m_layout.rects[item]);
    BoxStyle style = boxStyle(state, Token::backward);
    if (item == m_canvas.m_hovered && state != NodeState::running && state != NodeState::ready)
        style.outline = t.color(Token::text2);
    if (state == NodeState::running && !t.reducedMotion()) {
        list.setLayer(glows);
        QColor glow = t.color(Token::backward);
        glow.setAlphaF(0.5f);
        list.shapes.glow(box, style.corners, glow, 18);
    }
    list.setLayer(boxes);
    if (kind == AutogradKind::gradSum) {
        if (!style.dash.on) return list.shapes.diamond(box, style);
        list.shapes.diamond(box, {style.fill, {}, 0, {}, {}});
        const QPointF c = box.center();
        const std::array<QPointF, 4> corners{QPointF(c.x(), box.top()), QPointF(box.right(), c.y()),
                                             QPointF(c.x(), box.bottom()), QPointF(box.left(), c.y())};
        list.shapes.closedPolyline(corners, {style.outline, 1, style.dash, false, 0, false});
        return;
    }
    if (kind == AutogradKind::group) {
        BoxStyle behind = style;
        if (state == NodeState::running) behind.fill = t.tint(Token::backward, 20, Token::canvas);
        list.setLayer(bodies);
        list.shapes.roundedRect(box.adjusted(4 * zoom(), 4 * zoom(), -4 * zoom(), 4 * zoom()), behind);
        list.setLayer(boxes);
    }
    list.shapes.roundedRect(box, style);
}

void GraphPainter::preparePartner(DrawList& list, std::size_t item) const {
    const Rect& partner = m_layout.partners[item];
    if (partner.empty()) return;
    const Rect& node = m_layout.rects[item];
    if (!isSeen(partner.united(node))) return;
    const Theme& t = theme();
    const ItemProgress& now = m_model.progress(item);
    list.setLayer(lines);
    const double y = toView(partner.center()).y();
    list.shapes.line({toView(Point{partner.right(), 0}).x(), y}, {toView(Point{node.x, 0}).x(), y},
                     {t.color(Token::control), 1, {1, 3}, false, 0, true});
    list.setLayer(boxes);
    const QColor half = blend(t.color(Token::forward), t.color(Token::canvas), 50);
    BoxStyle style{t.tint(Token::forward, 12, Token::canvas), half, 1, Corners::all(7 * zoom()), {}};
    if (now.forwardRuns) {
        style.fill = t.color(Token::forward);
    } else if (now.state == NodeState::absent) {
        style.fill = t.color(Token::canvas);
        style.outline = t.color(Token::lineStrong);
        style.dash = {2, 4};
    }
    list.shapes.roundedRect(toView(partner), style);
}

void GraphPainter::prepareLeaf(DrawList& list, std::size_t item) const {
    const Rect& pill = m_layout.rects[item];
    const Rect& leaf = m_layout.leafBoxes[item];
    if (!isSeen(pill.united(leaf))) return;
    const Theme& t = theme();
    const ItemProgress& now = m_model.progress(item);
    const bool done = now.state == NodeState::done || now.state == NodeState::running;
    list.setLayer(lines);
    LineStyle line{t.color(done ? Token::accumulate : Token::text3), done ? 2.0 : 1.0, {}, true, 8 * zoom(), true};
    if (!done) line.dash = {3, 4};
    list.shapes.line(toView(Point{pill.right(), pill.center().y}), toView(Point{leaf.x, pill.center().y}), line);
    list.setLayer(boxes);
    BoxStyle style = boxStyle(now.state, Token::accumulate);
    const QRectF box = toView(pill);
    style.corners = Corners::all(box.height() / 2);
    if (item == m_canvas.m_hovered && !done) style.outline = t.color(Token::text2);
    list.shapes.roundedRect(box, style);
    BoxStyle tensor{
        t.tint(Token::leaf, done ? 20 : 12, Token::canvas), t.color(Token::leaf), 1.5, Corners::leaf(11 * zoom()), {}};
    list.shapes.roundedRect(toView(leaf), tensor);
}

void GraphPainter::prepareFar(DrawList& list) const {
    const Theme& t = theme();
    list.setLayer(boxes);
    std::unordered_set<std::uint64_t> taken;
    // What is under way is drawn last, so that it lies over its neighbours.
    for (const bool active : {false, true}) {
        for (std::size_t item = 0; item < m_model.size(); ++item) {
            const Rect& rect = m_layout.rects[item];
            const NodeState state = m_model.progress(item).state;
            if ((state == NodeState::running || state == NodeState::ready) != active || !isSeen(rect)) continue;
            const QRectF box = toView(rect);
            const auto cell = (static_cast<std::uint64_t>(std::max(0.0, box.left()) / farCell) << 32) |
                              static_cast<std::uint64_t>(std::max(0.0, box.top()) / farCell);
            if (!active && !taken.insert(cell).second) continue;
            const bool leaf = m_graph.items[item].kind == AutogradKind::leaf;
            const Token token = leaf ? Token::accumulate : Token::backward;
            QColor color = stateOutline(state, token);
            if (state == NodeState::waiting || state == NodeState::idle) color = t.color(Token::lineStrong);
            if (active)
                list.shapes.rect(box.adjusted(-1, -1, 1, 1), color);
            else
                list.shapes.rect(box, color);
        }
    }
}

void GraphPainter::prepareRings(DrawList& list) const {
    const Theme& t = theme();
    const std::size_t selected = m_canvas.m_selected;
    list.setLayer(ridges);
    for (std::size_t edge = 0; edge < m_layout.routes.size() && zoom() >= readableText; ++edge) {
        const AutogradRoute& route = m_layout.routes[edge];
        const EdgeProgress& now = m_model.edge(edge);
        if (!now.passed || !now.summary || !route.bounds.overlaps(m_seen)) continue;
        const QRectF rect = ridgeRect(route);
        if (rect.isEmpty() || !isFree(rect, edge, {})) continue;
        std::array<float, trace::bin_count> bins{};
        for (std::size_t bin = 0; bin < bins.size(); ++bin)
            bins[bin] = static_cast<float>(now.summary->bins[bin]);
        RidgeStyle style;
        style.color = t.color(Token::backward);
        style.surface = t.color(Token::canvas);
        style.newestWidth = 1.2;
        list.ridges.single(rect, bins, style);
    }
    list.setLayer(rings);
    if (selected >= m_model.size()) return;
    const Rect& pill = m_layout.rects[selected];
    const Rect& leaf = m_layout.leafBoxes[selected];
    const QRectF box = toView(leaf.empty() ? pill : pill.united(leaf));
    const AutogradKind kind = m_graph.items[selected].kind;
    const double radius = kind == AutogradKind::leaf      ? box.height() / 2
                          : kind == AutogradKind::gradSum ? 4
                                                          : 7 * zoom();
    list.shapes.ring(box, Corners::all(radius), {t.color(Token::selection), 2, 2, {}});
    if (m_canvas.showsFocus()) list.shapes.ring(box, Corners::all(radius + 2), {t.color(Token::text), 2, 6, {2, 2}});
}

QRectF GraphPainter::ridgeRect(const AutogradRoute& route) const {
    if (route.level || route.room * zoom() < 18) return {};
    const QPointF at = toView(route.label);
    const double height = std::min(15 * zoom(), route.room * zoom() - 6);
    return {at.x() + 9 * zoom(), at.y() - height / 2, 46 * zoom(), height};
}

} // namespace hs::ui
