// What lies over the autograd graph: how far the wavefront is, what the signs mean, and the mini map.
#include "ui/views/graph_painter.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace hs::ui {

using trace::NodeState;

namespace {

enum CardLayer { cardBodies = 20, cardContent };

struct CardText {
    Q_DECLARE_TR_FUNCTIONS(GraphPainter)
};

enum class Sign : quint8 {
    forward,
    node,
    group,
    accumulate,
    leaf,
    sum,
    saved,
    freed,
    retains,
    view,
    inPlace,
    done,
    running,
    ready,
    waiting,
    changed
};

struct LegendRow {
    Sign sign;
    const char* text;
};

constexpr std::array<LegendRow, 16> legendRows{{
    {Sign::forward, QT_TRANSLATE_NOOP("GraphPainter", "operation, non-leaf tensor")},
    {Sign::node, QT_TRANSLATE_NOOP("GraphPainter", "autograd node")},
    {Sign::group, QT_TRANSLATE_NOOP("GraphPainter", "module, collapsed")},
    {Sign::accumulate, QT_TRANSLATE_NOOP("GraphPainter", "AccumulateGrad")},
    {Sign::leaf, QT_TRANSLATE_NOOP("GraphPainter", "leaf, keeps .grad")},
    {Sign::sum, QT_TRANSLATE_NOOP("GraphPainter", "GradSum")},
    {Sign::saved, QT_TRANSLATE_NOOP("GraphPainter", "saved tensor")},
    {Sign::freed, QT_TRANSLATE_NOOP("GraphPainter", "saved, freed")},
    {Sign::retains, QT_TRANSLATE_NOOP("GraphPainter", "retains its .grad")},
    {Sign::view, QT_TRANSLATE_NOOP("GraphPainter", "view of another tensor")},
    {Sign::inPlace, QT_TRANSLATE_NOOP("GraphPainter", "changed in place")},
    {Sign::done, QT_TRANSLATE_NOOP("GraphPainter", "done")},
    {Sign::running, QT_TRANSLATE_NOOP("GraphPainter", "running")},
    {Sign::ready, QT_TRANSLATE_NOOP("GraphPainter", "ready")},
    {Sign::waiting, QT_TRANSLATE_NOOP("GraphPainter", "waiting")},
    {Sign::changed, QT_TRANSLATE_NOOP("GraphPainter", "changed by this step")},
}};

QRectF signRect(const QRectF& card, std::size_t row) {
    return {card.left() + 14,
            card.top() + GraphCardSize::title + 4 + static_cast<double>(row) * GraphCardSize::legendRow, 26, 13};
}

void paintLegendMark(QPainter& painter, const QRectF& sign, Sign which) {
    const QRectF mark(sign.center() - QPointF(5, 5), QSizeF(10, 10));
    switch (which) {
    case Sign::saved:
    case Sign::freed:
        return paintSavedPage(painter, sign, which == Sign::saved);
    case Sign::retains:
        return paintTensorMark(painter, mark, TensorMark::retains);
    case Sign::view:
        return paintTensorMark(painter, mark, TensorMark::view);
    case Sign::inPlace:
        return paintTensorMark(painter, mark, TensorMark::changed);
    default:
        return;
    }
}

/// Cells of the bar: all nodes, or shares of them where there are many.
int waveCells(int nodes) {
    return std::min(nodes, 24);
}

} // namespace

double GraphCardSize::legend() {
    return title + 8 + static_cast<double>(legendRows.size()) * legendRow;
}

void GraphPainter::prepareCards(DrawList& list) const {
    const Theme& t = theme();
    for (const auto card : {GraphCanvas::Card::wavefront, GraphCanvas::Card::legend}) {
        const QRectF rect = m_canvas.cardRect(card);
        list.setLayer(cardBodies);
        list.shapes.roundedRect(rect, {t.color(Token::panel), t.color(Token::line), 1, Corners::all(10), {}});
        if (m_canvas.isFolded(card)) continue;
        list.setLayer(cardContent);
        if (card == GraphCanvas::Card::wavefront)
            prepareWaveBar(list, rect);
        else
            prepareLegend(list, rect);
    }
    prepareMiniMap(list);
}

void GraphPainter::prepareWaveBar(DrawList& list, const QRectF& rect) const {
    const WaveCounts& counts = m_model.counts();
    const int all = counts.all();
    const int cells = waveCells(all);
    if (cells == 0) return;
    const double width = (rect.width() - 28) / cells;
    int cell = 0;
    int sum = 0;
    const std::array<std::pair<NodeState, int>, 4> parts{{{NodeState::done, counts.done},
                                                          {NodeState::running, counts.running},
                                                          {NodeState::ready, counts.ready},
                                                          {NodeState::waiting, counts.waiting}}};
    for (const auto& [state, count] : parts) {
        sum += count;
        // What there is of a state has a cell, however few they are.
        int end = static_cast<int>(std::lround(static_cast<double>(sum) * cells / all));
        if (count > 0) end = std::max(end, cell + 1);
        for (; cell < std::min(end, cells); ++cell) {
            BoxStyle style = boxStyle(state, Token::backward);
            style.corners = Corners::all(2);
            if (state == NodeState::done)
                style.fill = blend(theme().color(Token::backward), theme().color(Token::panel), 55);
            if (state == NodeState::waiting) style.dash = {};
            list.shapes.roundedRect(
                QRectF(rect.left() + 14 + cell * width, rect.top() + 34, std::max(1.0, width - 2), 11), style);
        }
    }
}

void GraphPainter::prepareLegend(DrawList& list, const QRectF& rect) const {
    const Theme& t = theme();
    const auto box = [&](NodeState state) {
        BoxStyle style = boxStyle(state, Token::backward);
        style.corners = Corners::all(4);
        return style;
    };
    for (std::size_t row = 0; row < legendRows.size(); ++row) {
        const QRectF sign = signRect(rect, row);
        switch (legendRows[row].sign) {
        case Sign::forward:
            list.shapes.roundedRect(sign,
                                    {t.tint(Token::forward, 12), t.color(Token::forward), 1, Corners::all(4), {}});
            break;
        case Sign::node:
            list.shapes.roundedRect(sign, box(NodeState::idle));
            break;
        case Sign::group:
            list.shapes.roundedRect(sign.adjusted(2, 2, -2, 2), box(NodeState::idle));
            list.shapes.roundedRect(sign.adjusted(0, 0, 0, -1), box(NodeState::idle));
            break;
        case Sign::accumulate:
            list.shapes.roundedRect(
                sign, {t.tint(Token::accumulate, 20), t.color(Token::accumulate), 1, Corners::all(6.5), {}});
            break;
        case Sign::leaf:
            list.shapes.roundedRect(sign, {t.tint(Token::leaf, 20), t.color(Token::leaf), 1.5, Corners::leaf(6), {}});
            break;
        case Sign::sum:
            list.shapes.diamond(QRectF(sign.center() - QPointF(8, 8), QSizeF(16, 16)), box(NodeState::done));
            break;
        case Sign::done:
            list.shapes.roundedRect(sign, box(NodeState::done));
            break;
        case Sign::running:
            list.shapes.roundedRect(sign, box(NodeState::running));
            break;
        case Sign::ready:
            list.shapes.roundedRect(sign, box(NodeState::ready));
            break;
        case Sign::waiting:
            list.shapes.roundedRect(sign, box(NodeState::waiting));
            break;
        case Sign::changed:
            list.shapes.rect(QRectF(sign.center().x() - 1, sign.top(), 2, sign.height()), t.color(Token::text));
            break;
        default:
            break; // painted with the words
        }
    }
}

void GraphPainter::prepareMiniMap(DrawList& list) const {
    const QRectF map = m_canvas.miniMapRect();
    if (map.isEmpty()) return;
    const Theme& t = theme();
    list.setLayer(cardBodies);
    list.shapes.roundedRect(map.adjusted(-4, -4, 4, 4),
                            {t.color(Token::panel), t.color(Token::line), 1, Corners::all(6), {}});
    list.setLayer(cardContent);
    const Rect& bounds = m_layout.bounds;
    const double across = map.width() / bounds.width;
    const double down = map.height() / bounds.height;
    const auto toMap = [&](const QRectF& r) {
        return QRectF(map.left() + r.left() * across, map.top() + r.top() * down, r.width() * across,
                      r.height() * down);
    };
    std::vector<bool> taken(static_cast<std::size_t>(map.width() + 1) * static_cast<std::size_t>(map.height() + 1));
    for (const bool active : {false, true}) {
        for (std::size_t item = 0; item < m_model.size(); ++item) {
            const NodeState state = m_model.progress(item).state;
            const bool isActive = state == NodeState::running || item == m_canvas.m_selected;
            if (isActive != active) continue;
            const Rect& r = m_layout.rects[item];
            const QRectF small = toMap({r.x, r.y, r.width, r.height});
            const auto cell = static_cast<std::size_t>(std::max(0.0, small.top() - map.top())) *
                                  static_cast<std::size_t>(map.width() + 1) +
                              static_cast<std::size_t>(std::max(0.0, small.left() - map.left()));
            if (!active && cell < taken.size() && taken[cell]) continue;
            if (cell < taken.size()) taken[cell] = true;
            QColor color = t.color(Token::lineStrong);
            if (state == NodeState::done) color = stateOutline(state, Token::backward);
            if (state == NodeState::running || state == NodeState::ready) color = t.color(Token::backward);
            if (item == m_canvas.m_selected) color = t.color(Token::selection);
            list.shapes.rect(active ? small.adjusted(-1, -1, 1, 1).intersected(map) : small, color);
        }
    }
    const QRectF seen = toMap(m_view.visibleScene()).intersected(map.adjusted(-2, -2, 2, 2));
    if (!seen.isEmpty()) list.shapes.roundedRect(seen, {{}, t.color(Token::text2), 1, Corners::all(2), {}});
}

void GraphPainter::paintCards(QPainter& painter) const {
    const Theme& t = theme();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto card : {GraphCanvas::Card::wavefront, GraphCanvas::Card::legend}) {
        const bool wavefront = card == GraphCanvas::Card::wavefront;
        const bool folded = m_canvas.isFolded(card);
        const QRectF rect = m_canvas.cardRect(card);
        const QRectF title = m_canvas.cardTitleRect(card).adjusted(14, 0, -12, 0);
        m_text.draw(painter, title, Qt::AlignLeft | Qt::AlignVCenter,
                    wavefront ? CardText::tr("Wavefront") : CardText::tr("Legend"),
                    {TypeSize::secondary, QFont::DemiBold, false, 1}, t.color(Token::text));
        // An angle: down where it is open, right where it is folded.
        const QPointF c(title.right() - 4, title.center().y());
        painter.setPen(QPen(t.color(Token::text2), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        if (folded)
            painter.drawPolyline(QPolygonF{c + QPointF(-2, -4), c + QPointF(2, 0), c + QPointF(-2, 4)});
        else
            painter.drawPolyline(QPolygonF{c + QPointF(-4, -2), c + QPointF(0, 2), c + QPointF(4, -2)});
        if (folded) continue;
        if (wavefront)
            paintWavefront(painter, rect);
        else
            paintLegend(painter, rect);
    }
    painter.restore();
}

void GraphPainter::paintWavefront(QPainter& painter, const QRectF& rect) const {
    const Theme& t = theme();
    const WaveCounts& counts = m_model.counts();
    const TextStyle words{TypeSize::annotation, QFont::Normal, false, 1};
    const TextStyle number{TypeSize::annotation, QFont::DemiBold, true, 1};
    const double left = rect.left() + 14;
    if (counts.all() == 0) {
        m_text.draw(painter, {left, rect.top() + 32, rect.width() - 28, 16}, Qt::AlignLeft | Qt::AlignVCenter,
                    CardText::tr("No backward pass yet."), words, t.color(Token::text2));
        return;
    }
    const std::array<std::pair<int, QString>, 4> parts{{{counts.done, CardText::tr("done")},
                                                        {counts.running, CardText::tr("running")},
                                                        {counts.ready, CardText::tr("ready")},
                                                        {counts.waiting, CardText::tr("waiting")}}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const QString count = QStringLiteral("%L1").arg(parts[i].first);
        const QRectF cell(left + (i % 2 ? (rect.width() - 28) / 2 : 0), rect.top() + 52 + (i / 2 ? 17 : 0),
                          (rect.width() - 28) / 2, 16);
        m_text.draw(painter, cell, Qt::AlignLeft | Qt::AlignVCenter, count, number, t.color(Token::text));
        m_text.draw(painter, cell.adjusted(m_text.width(count, number) + 5, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                    parts[i].second, words, t.color(Token::text2));
    }
    m_text.draw(painter, {left, rect.top() + 92, rect.width() - 20, 16}, Qt::AlignLeft | Qt::AlignVCenter,
                CardText::tr("Ready nodes run highest number first."), words, t.color(Token::text3));
}

void GraphPainter::paintLegend(QPainter& painter, const QRectF& rect) const {
    const Theme& t = theme();
    const TextStyle words{TypeSize::annotation, QFont::Normal, false, 1};
    for (std::size_t row = 0; row < legendRows.size(); ++row) {
        const QRectF sign = signRect(rect, row);
        m_text.draw(painter, {sign.right() + 12, sign.top() - 2, rect.right() - sign.right() - 20, sign.height() + 4},
                    Qt::AlignLeft | Qt::AlignVCenter, CardText::tr(legendRows[row].text), words, t.color(Token::text));
        const QPointF c = sign.center();
        paintLegendMark(painter, sign, legendRows[row].sign);
        if (legendRows[row].sign == Sign::accumulate)
            m_text.draw(painter, sign, Qt::AlignCenter, QStringLiteral("+="), words, t.color(Token::accumulate));
        if (legendRows[row].sign == Sign::done) {
            painter.setPen(QPen(t.color(Token::backward), 1.5));
            painter.drawPolyline(QPolygonF{c + QPointF(-4, 0), c + QPointF(-1, 3), c + QPointF(4, -3)});
        }
        if (legendRows[row].sign == Sign::running) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(t.color(Token::onFill));
            painter.drawPolygon(QPolygonF{c + QPointF(-3, -4), c + QPointF(4, 0), c + QPointF(-3, 4)});
            painter.setBrush(Qt::NoBrush);
        }
    }
}

} // namespace hs::ui
