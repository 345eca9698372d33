#include "ui/views/blueprint_painter.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/strip.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

// Kinds that are drawn after each other, so that each is one draw.
enum Layer { groups, edges, cards, pictures, ridges, rings, fixedBoxes, fixedPictures };

/// Width of a gradient's line by its norm: 1 px at 1e-4 and below, 2.6 at 1 and above.
double gradientWidth(double norm) {
    if (!(norm > 0)) return 1;
    return std::clamp(1 + (std::log10(norm) + 4) / 4 * 1.6, 1.0, 2.6);
}

} // namespace

BlueprintPainter::BlueprintPainter(const BlueprintCanvas& canvas, const Viewport& view)
    : m_canvas(canvas), m_model(canvas.m_model), m_graph(m_model.graph()), m_layout(m_model.layout()),
      m_text(canvas.text()), m_view(view), m_selected(m_model.itemOf(canvas.selection().module())) {}

CardFrame BlueprintPainter::frameOf(std::size_t item) const {
    return cardFrame(toView(m_layout.rects[item]), m_graph.items[item], zoom(), isSelected(item));
}

int BlueprintPainter::depthOf(std::size_t item) const {
    int depth = 0;
    for (; item != 0; item = m_graph.items[item].parent)
        if (m_graph.items[item].content != Content::column) ++depth;
    return depth;
}

QColor BlueprintPainter::depthColor(int depth) const {
    // One step of lightness a level; cards are the raised surface (in the light theme: white).
    const Theme& t = theme();
    const QColor nearest = t.color(t.isDark() ? Token::raised : Token::hover);
    const int percent = std::min(30 + 25 * depth, 80);
    return blend(nearest, t.color(Token::canvas), percent);
}

MapStyle BlueprintPainter::mapStyle(double low, double high) const {
    return {ColorMap::named(QStringLiteral("viridis")), low, high, theme().color(Token::nan)};
}

void BlueprintPainter::prepare(DrawList& list) const {
    list.setLayer(groups);
    QRectF covered; // by the outermost group
    if (!m_layout.rects.empty() && !m_graph.items.empty() && m_graph.items[0].content == Content::group) {
        const Rect& root = m_layout.rects[0];
        covered = {root.x, root.y, root.width, root.height};
    }
    list.shapes.dotGrid(20, blend(theme().color(Token::text3), theme().color(Token::canvas), 22), covered);
    list.beginFixed();
    if (m_layout.rects.size() == m_graph.items.size() && !m_graph.items.empty()) {
        prepareGroups(list);
        prepareEdges(list);
        for (std::size_t item : m_graph.order)
            prepareCard(list, item);
        prepareEnds(list);
        prepareRings(list);
        prepareLegend(list);
        prepareMiniMap(list);
    }
    list.endFixed();
}

void BlueprintPainter::prepareGroups(DrawList& list) const {
    list.setLayer(groups);
    for (std::size_t item = 0; item < m_graph.items.size(); ++item) {
        if (m_graph.items[item].content != Content::group) continue;
        const QRectF box = toView(m_layout.rects[item]);
        if (!isSeen(box)) continue;
        const int depth = depthOf(item);
        BoxStyle style{depthColor(depth), theme().color(Token::line), 1, Corners::all((depth ? 9 : 12) * zoom()), {}};
        if (item == m_canvas.m_hovered) style.outline = theme().color(Token::lineStrong);
        list.shapes.roundedRect(box, style);
    }
}

void BlueprintPainter::prepareEdges(DrawList& list) const {
    list.setLayer(edges);
    const double radius = 8 * zoom();
    const double arrow = std::clamp(8 * zoom(), 5.0, 14.0);
    std::vector<QPointF> points;
    const auto put = [&](const std::vector<Point>& line, const LineStyle& style) {
        points.clear();
        for (const Point& point : line)
            points.push_back(toView(point));
        list.shapes.edge(points, radius, style);
    };
    for (const EdgeRoute& route : m_layout.routes) {
        const GraphEdge& edge = m_graph.edges[route.edge];
        LineStyle style{theme().color(Token::forward), 1.6, {}, true, arrow, true};
        put(route.forward, style);
        if (route.backward.empty()) continue;
        const BlueprintCard* card = m_model.flowOf(edge.from);
        const bool carried = card && card->hasGradient;
        style.color = theme().color(carried || !card ? Token::backward : Token::text3);
        style.width = carried ? gradientWidth(card->gradientNorm) : 1;
        if (card && !carried) style.dash = {3, 4};
        put(route.backward, style);
    }
}

void BlueprintPainter::prepareCard(DrawList& list, std::size_t item) const {
    const CardFrame frame = frameOf(item);
    if (!isSeen(frame.box)) return;
    const BlueprintCard& card = m_model.card(item);
    const Content content = m_graph.items[item].content;
    const Theme& t = theme();
    list.setLayer(cards);
    BoxStyle style{t.color(t.isDark() ? Token::raised : Token::panel),
                   t.color(Token::lineStrong),
                   1,
                   Corners::all(7 * zoom()),
                   {}};
    if (content == Content::join) {
        style.corners = Corners::all(frame.box.height() / 2);
        style.outline = t.color(Token::forward);
    }
    if (card.nonFinite) {
        style.outline = t.color(Token::nan);
        style.outlineWidth = 2;
    } else if (item == m_canvas.m_hovered) {
        style.outline = t.color(Token::control);
    }
    list.shapes.roundedRect(frame.box, style);
    if (!frame.maps.isEmpty()) {
        if (content == Content::classes)
            prepareClasses(list, item, frame);
        else
            prepareMaps(list, card, frame);
    }
    if (!frame.ridge.isEmpty() && card.hasGradient) {
        list.setLayer(ridges);
        RidgeStyle ridge;
        ridge.color = t.color(Token::backward);
        ridge.surface = style.fill;
        ridge.newestWidth = 1.2;
        list.ridges.single(frame.ridge, card.gradientBins, ridge);
    }
    // The sign of a parameter: a leaf, with its name.
    if (frame.header.isEmpty() || card.member.isEmpty()) return;
    const QRectF chip = memberChip(item, frame);
    if (chip.isEmpty()) return;
    list.setLayer(cards);
    list.shapes.roundedRect(
        chip, {t.tint(Token::leaf, 12, Token::raised), t.color(Token::leaf), 1, Corners::leaf(6 * frame.scale), {}});
}

void BlueprintPainter::prepareMaps(DrawList& list, const BlueprintCard& card, const CardFrame& frame) const {
    list.setLayer(pictures);
    const SampleShape& shape = card.sample;
    const std::int64_t each = shape.perMap();
    if (card.values.empty() || each <= 0) {
        // What is to come: an empty place of the size of the maps.
        list.shapes.rect(frame.maps, theme().color(Token::line));
        return;
    }
    const MapStyle style = mapStyle(card.low, card.high);
    if (shape.strip) {
        const auto count = static_cast<std::int64_t>(card.values.size());
        const std::int64_t columns = stripColumns(count, frame.maps.width() / frame.maps.height());
        const std::int64_t rows = (count + columns - 1) / columns;
        const MapGrid cells = MapGrid::fit(frame.maps, 1, int(columns), int(rows), 0);
        drawStrip(list, cells.cellRect(0), card.values, columns, style);
        return;
    }
    const int count = static_cast<int>(static_cast<std::int64_t>(card.values.size()) / each);
    const double gap = std::max(1.0, std::round(2 * zoom()));
    const int width = static_cast<int>(shape.width);
    const int height = static_cast<int>(shape.height);
    MapGrid grid = MapGrid::fit(frame.maps, count, width, height, gap);
    const MapGrid whole = MapGrid::fit(frame.maps, count, width, height, gap, false, true);
    if (whole.cell.width() >= 0.8 * grid.cell.width()) grid = whole;
    list.maps.addGrid(grid, card.values, width, height, style);
}

void BlueprintPainter::prepareClasses(DrawList& list, std::size_t item, const CardFrame& frame) const {
    const std::vector<float> shares = m_model.classShares(item);
    const auto& names = m_model.classNames();
    const ClassRows rows = classRows(frame);
    const ColorMap colors = ColorMap::named(QStringLiteral("viridis"));
    list.setLayer(pictures);
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        QRectF bar = rows.bar(i);
        list.shapes.roundedRect(bar, {theme().color(Token::hover), {}, 1, Corners::all(2), {}});
        if (i == m_model.target())
            list.shapes.roundedRect(bar.adjusted(-2, -2, 2, 2),
                                    {{}, theme().color(Token::text2), 1, Corners::all(3), {}});
        if (static_cast<std::size_t>(i) >= shares.size()) continue;
        const double share = static_cast<double>(shares[static_cast<std::size_t>(i)]);
        bar.setWidth(bar.width() * share);
        if (bar.width() >= 1)
            list.shapes.roundedRect(
                bar, {colors.color(share, 0, 1), {}, 1, Corners::all(std::min(2.0, bar.width() / 2)), {}});
    }
}

void BlueprintPainter::prepareEnds(DrawList& list) const {
    const Theme& t = theme();
    const QRectF input = toView(m_layout.input);
    const SampleShape& shape = m_model.inputShape();
    list.setLayer(cards);
    const QColor surface = t.color(t.isDark() ? Token::raised : Token::panel);
    list.shapes.roundedRect(input.adjusted(-1, -1, 1, 1),
                            {surface, t.color(Token::lineStrong), 1, Corners::all(3), {}});
    list.setLayer(pictures);
    if (!m_graph.imageInput) {
        preparePoints(list, input.adjusted(3, 3, -3, -3));
    } else if (shape.perMap() > 0 && static_cast<std::int64_t>(m_model.inputValues().size()) >= shape.perMap()) {
        double low = 0;
        double high = 1;
        finiteRange(m_model.inputValues(), low, high);
        const MapStyle style{ColorMap::named(QStringLiteral("grey")), low, high, t.color(Token::nan)};
        list.maps.add(input, m_model.inputValues(), int(shape.width), int(shape.height), style);
    }
    const QRectF loss = toView(m_layout.loss);
    list.setLayer(cards);
    list.shapes.roundedRect(loss, {surface, t.color(Token::lineStrong), 1, Corners::all(7 * zoom()), {}});

    if (m_layout.picture.empty()) return;
    const QRectF picture = toView(m_layout.picture);
    list.shapes.roundedRect(picture, {surface, t.color(Token::lineStrong), 1, Corners::all(7 * zoom()), {}});
    const SampleShape& size = m_model.pictureShape();
    if (m_model.picture().empty()) return;
    double low = 0;
    double high = 1;
    finiteRange(m_model.picture(), low, high);
    // Shares of a class lie about one half, other numbers about zero.
    const bool shares = low >= 0 && high <= 1;
    const double most = std::max(std::abs(low), std::abs(high));
    const MapStyle style{ColorMap::named(t.divergingMap()), shares ? 0 : -most, shares ? 1 : most, t.color(Token::nan)};
    const double pad = 8 * textScale(zoom());
    const QRectF inner = picture.adjusted(pad, 26 * textScale(zoom()), -pad, -pad);
    list.setLayer(pictures);
    list.maps.add(MapGrid::fit(inner, 1, int(size.width), int(size.height), 0, true).cellRect(0), m_model.picture(),
                  int(size.width), int(size.height), style);
}

void BlueprintPainter::preparePoints(DrawList& list, const QRectF& box) const {
    const std::vector<float>& values = m_model.inputValues();
    double low = 0;
    double high = 0;
    if (m_model.inputShape().width != 2 || !finiteRange(values, low, high) || low == high) return;
    const Theme& t = theme();
    const double scale = 1 / (high - low);
    const double radius = std::max(1.0, 1.2 * zoom());
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
        const double x = (static_cast<double>(values[i]) - low) * scale;
        const double y = (static_cast<double>(values[i + 1]) - low) * scale;
        if (!std::isfinite(x) || !std::isfinite(y)) continue;
        const QPointF at(box.left() + x * box.width(), box.bottom() - y * box.height());
        // Two classes differ by shape and by lightness, not by hue.
        const bool second = i / 2 < m_model.targets().size() && m_model.targets()[i / 2] > 0;
        if (second)
            list.shapes.circle(at, radius, {t.color(Token::text), {}, 1, {}, {}});
        else
            list.shapes.circle(at, radius + 0.3, {{}, t.color(Token::text2), 0.8, {}, {}});
    }
}

void BlueprintPainter::prepareRings(DrawList& list) const {
    if (m_selected >= m_graph.items.size()) return;
    list.setLayer(rings);
    const QRectF box = toView(m_layout.rects[m_selected]);
    const double radius = (m_graph.isCard(m_selected) ? 7 : m_selected ? 9 : 12) * zoom();
    if (m_selected != 0) list.shapes.ring(box, Corners::all(radius), {theme().color(Token::selection), 2, 2, {}});
    if (m_canvas.showsFocus())
        list.shapes.ring(box, Corners::all(radius + 2), {theme().color(Token::text), 2, 6, {2, 2}});
}

void BlueprintPainter::prepareLegend(DrawList& list) const {
    list.setLayer(fixedBoxes);
    for (const QRect& covered : m_canvas.coveredRegion())
        list.shapes.rect(covered, m_canvas.background());
    const QRectF legend = m_canvas.legendRect();
    if (legend.width() <= 0) return;
    const LegendParts parts = legendParts(legend);
    list.setLayer(fixedPictures);
    list.maps.legend(parts.bar, ColorMap::named(QStringLiteral("viridis")));
    if (parts.value.isEmpty()) return;
    const auto arrow = [&](const QRectF& rect, Token token, bool rightwards) {
        const QPointF left(rect.left(), rect.center().y() + 0.5);
        const QPointF right = left + QPointF(24, 0);
        list.shapes.line(rightwards ? left : right, rightwards ? right : left,
                         {theme().color(token), 2, {}, true, 8, true});
    };
    arrow(parts.value, Token::forward, true);
    arrow(parts.gradient, Token::backward, false);
}

void BlueprintPainter::prepareMiniMap(DrawList& list) const {
    const QRectF map = m_canvas.miniMapRect();
    if (map.isEmpty()) return;
    const Theme& t = theme();
    list.setLayer(fixedBoxes);
    list.shapes.roundedRect(map.adjusted(-4, -4, 4, 4),
                            {t.color(Token::panel), t.color(Token::line), 1, Corners::all(6), {}});
    const double scale = map.width() / m_layout.bounds.width;
    const auto toMap = [&](const QRectF& r) {
        return QRectF(map.left() + r.left() * scale, map.top() + r.top() * scale, r.width() * scale,
                      r.height() * scale);
    };
    for (std::size_t item : m_graph.order) {
        const Rect& r = m_layout.rects[item];
        const QColor color = isSelected(item) ? t.color(Token::selection) : t.color(Token::lineStrong);
        list.shapes.rect(toMap({r.x, r.y, r.width, r.height}), color);
    }
    const QRectF seen = toMap(m_view.visibleScene()).intersected(map.adjusted(-2, -2, 2, 2));
    if (!seen.isEmpty()) list.shapes.roundedRect(seen, {{}, t.color(Token::text2), 1, Corners::all(2), {}});
}

} // namespace hs::ui
