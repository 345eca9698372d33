// What is written over the autograd graph's picture.
#include "ui/theme/numbers.h"
#include "ui/views/blueprint_card.h"
#include "ui/views/break_mark.h"
#include "ui/views/graph_painter.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace hs::ui {

using trace::NodeState;

namespace {

TextStyle plain(TypeSize size, double scale, QFont::Weight weight = QFont::Normal) {
    return {size, weight, false, scale};
}

TextStyle figure(TypeSize size, double scale, QFont::Weight weight = QFont::Normal) {
    return {size, weight, true, scale};
}

void paintCheck(QPainter& painter, QPointF center, double size, const QColor& color) {
    painter.setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    const double s = size / 2;
    painter.drawPolyline(
        QPolygonF{center + QPointF(-s, 0), center + QPointF(-s * 0.3, s * 0.7), center + QPointF(s, -s * 0.7)});
}

void paintPlay(QPainter& painter, QPointF center, double size, const QColor& color) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const double s = size / 2;
    painter.drawPolygon(
        QPolygonF{center + QPointF(-s * 0.8, -s), center + QPointF(s, 0), center + QPointF(-s * 0.8, s)});
}

} // namespace

void GraphPainter::paint(QPainter& painter) const {
    if (m_model.empty()) return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipRegion(QRegion(m_canvas.rect()) - m_canvas.coveredRegion());
    if (zoom() >= readableText) {
        for (std::size_t item = 0; item < m_model.size(); ++item)
            paintItem(painter, item);
        paintEdges(painter);
    }
    painter.restore();
    paintCards(painter);
}

void GraphPainter::paintItem(QPainter& painter, std::size_t item) const {
    paintPartner(painter, item);
    paintNote(painter, item);
    paintMarks(painter, item);
    const AutogradKind kind = m_graph.items[item].kind;
    if (kind == AutogradKind::leaf) return paintLeaf(painter, item);
    if (kind == AutogradKind::gradSum) return paintSum(painter, item);
    if (!isSeen(m_layout.rects[item])) return;
    const Theme& t = theme();
    const double s = textScale(zoom());
    const NodeState state = m_model.progress(item).state;
    const bool runs = state == NodeState::running;
    const QColor title = runs ? t.color(Token::onFill)
                              : t.color(state == NodeState::absent    ? Token::text3
                                        : state == NodeState::waiting ? Token::text2
                                                                      : Token::text);
    const QColor second =
        runs ? t.color(Token::onFill) : t.color(state == NodeState::ready ? Token::backward : Token::text2);
    const QRectF inner = toView(m_layout.rects[item]).adjusted(9 * s, 0, -9 * s, 0);
    if (isCovered(inner)) return;
    const bool two = inner.height() >= 30 * s;
    QRectF upper = inner;
    QRectF lower = inner;
    if (two) {
        upper.setHeight(inner.height() * 0.56);
        lower.setTop(upper.bottom() - 4 * s);
    }
    const bool marked = runs || state == NodeState::done;
    if (marked) {
        const QPointF at(upper.right() - 5 * s, upper.center().y() + (two ? s : 0));
        if (runs)
            paintPlay(painter, at, 9 * s, title);
        else
            paintCheck(painter, at, 10 * s, t.color(Token::backward));
        upper.setRight(upper.right() - 16 * s);
    }
    if (const auto mark = breakMark(item); mark != BreakpointModel::Mark::none) {
        paintBreakMark(painter, {upper.left() + 4 * s, upper.center().y() + s}, 8 * s, mark, title);
        upper.setLeft(upper.left() + 13 * s);
    }
    const TextStyle name = plain(TypeSize::secondary, s, QFont::Medium);
    const bool path = m_graph.items[item].kind == AutogradKind::group;
    const QString shown =
        m_text.elided(m_model.title(item), name, upper.width(), path ? Qt::ElideLeft : Qt::ElideRight);
    m_text.draw(painter, upper, Qt::AlignLeft | Qt::AlignVCenter, shown, name, title);
    if (!two) return;
    const TextStyle small = plain(TypeSize::annotation, s);
    const TextStyle number = path ? small : figure(TypeSize::annotation, s);
    const QString detail = m_model.detail(item);
    const QString words = m_model.stateText(item);
    const double both = m_text.width(words, small) + m_text.width(detail, number) + 6 * s;
    m_text.draw(painter, lower, Qt::AlignLeft | Qt::AlignVCenter, words, small, second);
    if (both <= lower.width())
        m_text.draw(painter, lower, Qt::AlignRight | Qt::AlignVCenter, detail, number,
                    runs ? title : t.color(Token::text2));
}

/// A module that is one box carries the marks of all that is in it.
BreakpointModel::Mark GraphPainter::breakMark(std::size_t item) const {
    const BreakpointModel* const marks = m_canvas.m_breakpoints;
    if (!marks || marks->rowCount() == 0) return BreakpointModel::Mark::none;
    const AutogradItem& of = m_graph.items[item];
    if (of.kind != AutogradKind::group) return marks->markOf(*m_model.trace(), m_model.nodeOf(item));
    auto mark = marks->markOf(m_model.moduleOf(item));
    for (const trace::Id node : of.inside)
        mark = std::max(mark, marks->markOf(*m_model.trace(), node));
    return mark;
}

void GraphPainter::paintSum(QPainter& painter, std::size_t item) const {
    const Rect& rect = m_layout.rects[item];
    const Rect withText{rect.x, rect.y, rect.width + 140, rect.height};
    if (!isSeen(withText)) return;
    const Theme& t = theme();
    const double s = textScale(zoom());
    const ItemProgress& now = m_model.progress(item);
    const QRectF box = toView(rect);
    if (isCovered(toView(withText))) return;
    const bool waits =
        now.state == NodeState::waiting || now.state == NodeState::idle || now.state == NodeState::absent;
    m_text.draw(painter, box, Qt::AlignCenter, QStringLiteral("Σ"), plain(TypeSize::base, s, QFont::DemiBold),
                t.color(waits ? Token::text2 : Token::backward));
    const QString words = m_model.stateText(item);
    const TextStyle small = plain(TypeSize::annotation, s);
    for (const AutogradEdge& edge : m_graph.edges) {
        if (edge.from != item || m_graph.items[edge.to].kind != AutogradKind::leaf) continue;
        return; // there is no room beside a leaf's
    }
    const QRectF line(box.right() + 7 * s, box.center().y() - 15 * s, 130 * zoom(), 15 * s);
    m_text.draw(painter, line, Qt::AlignLeft | Qt::AlignVCenter, m_model.title(item),
                plain(TypeSize::secondary, s, QFont::Medium), t.color(waits ? Token::text2 : Token::text));
    const QRectF below = line.translated(0, 15 * s);
    if (!m_text.draw(painter, below, Qt::AlignLeft | Qt::AlignVCenter, words, small,
                     t.color(now.state == NodeState::ready ? Token::backward : Token::text2)))
        return;
    if (now.expected < 2 || now.expected > 6) return;
    const double radius = 3 * s;
    QPointF at(below.left() + m_text.width(words, small) + 10 * s, below.center().y());
    painter.setPen(QPen(t.color(waits ? Token::text2 : Token::backward), 1.2));
    for (std::uint32_t i = 0; i < now.expected && at.x() + radius < below.right(); ++i) {
        painter.setBrush(i < now.arrived ? QBrush(t.color(Token::backward)) : QBrush(Qt::NoBrush));
        painter.drawEllipse(at, radius, radius);
        at.rx() += 10 * s;
    }
}

void GraphPainter::paintLeaf(QPainter& painter, std::size_t item) const {
    if (!isSeen(m_layout.rects[item].united(m_layout.leafBoxes[item]))) return;
    const Theme& t = theme();
    const double s = textScale(zoom());
    const ItemProgress& now = m_model.progress(item);
    const bool runs = now.state == NodeState::running;
    const QColor text = t.color(runs                              ? Token::onFill
                                : now.state == NodeState::absent  ? Token::text3
                                : now.state == NodeState::waiting ? Token::text2
                                                                  : Token::text);
    const TextStyle small = plain(TypeSize::annotation, s);
    const QRectF pill = toView(m_layout.rects[item]);
    const bool two = pill.height() >= 26 * s;
    const auto upper = [two](const QRectF& all) { return two ? all.adjusted(0, 2, 0, -all.height() / 2) : all; };
    const auto lower = [](const QRectF& all) { return all.adjusted(0, all.height() / 2 - 1, 0, -2); };
    const QRectF inPill = pill.adjusted(6 * s, 0, -6 * s, 0);
    if (isCovered(pill.united(toView(m_layout.leafBoxes[item])))) return;
    // On the outline, since its text fills it.
    paintBreakMark(painter, {pill.left() + 7 * s, pill.top()}, 8 * s, breakMark(item), t.color(Token::text));
    const QColor state = now.state == NodeState::ready ? t.color(Token::accumulate) : text;
    const TextStyle kind = plain(TypeSize::annotation, s, QFont::Medium);
    const bool named = two && m_text.width(m_model.title(item), kind) <= inPill.width();
    if (named) m_text.draw(painter, upper(inPill), Qt::AlignCenter, m_model.title(item), kind, text);
    m_text.draw(painter, named ? lower(inPill) : inPill, Qt::AlignCenter, m_model.stateText(item), small, state);
    const QRectF leaf = toView(m_layout.leafBoxes[item]).adjusted(10 * s, 0, -8 * s, 0);
    const TextStyle name = plain(TypeSize::annotation, s, QFont::DemiBold);
    m_text.draw(painter, upper(leaf), Qt::AlignLeft | Qt::AlignVCenter,
                m_text.elided(m_model.leafName(item), name, leaf.width(), Qt::ElideLeft), name, t.color(Token::text));
    if (two)
        m_text.draw(painter, lower(leaf), Qt::AlignLeft | Qt::AlignVCenter, m_model.leafGrad(item),
                    figure(TypeSize::annotation, s),
                    t.color(m_model.leafGrad(item).contains(QLatin1Char('.')) ? Token::leaf : Token::text2));
    if (!now.changed) return;
    painter.fillRect(QRectF(leaf.left() - 6 * s, lower(leaf).top() + 1, 2, lower(leaf).height() - 1),
                     t.color(Token::text));
}

void GraphPainter::paintPartner(QPainter& painter, std::size_t item) const {
    const Rect& partner = m_layout.partners[item];
    if (partner.empty() || !isSeen(partner)) return;
    const Theme& t = theme();
    const double s = textScale(zoom());
    const ItemProgress& now = m_model.progress(item);
    const QRectF box = toView(partner).adjusted(6 * s, 0, -6 * s, 0);
    if (isCovered(box)) return;
    const TextStyle style = plain(TypeSize::secondary, s);
    const QColor color = now.forwardRuns                  ? t.color(Token::onFill)
                         : now.state == NodeState::absent ? t.color(Token::text3)
                                                          : t.color(Token::text2);
    m_text.draw(painter, box, Qt::AlignCenter, m_text.elided(m_model.partner(item), style, box.width(), Qt::ElideLeft),
                style, color);
}

void GraphPainter::paintEdges(QPainter& painter) const {
    const Theme& t = theme();
    const double s = textScale(zoom());
    std::vector<QRectF> taken;
    for (std::size_t edge = 0; edge < m_layout.routes.size(); ++edge) {
        const AutogradRoute& route = m_layout.routes[edge];
        if (route.bounds.overlaps(m_seen)) paintNorm(painter, edge, taken);
        const Rect line = forwardLine(edge);
        const Rect gap{line.x, line.y, m_layout.partners[m_graph.edges[edge].from].width / 2 + 46, line.height};
        if (line.empty() || !isSeen(gap)) continue;
        const TextStyle style = figure(TypeSize::annotation, s);
        const QString shape = m_model.shapeText(m_graph.edges[edge].to);
        const QSizeF size = m_text.size(shape, style);
        const QRectF room = toView(gap).adjusted(8 * s, 0, 0, 0);
        const QRectF rect(room.left(), room.center().y() - size.height() / 2, size.width(), size.height());
        if (size.width() > room.width() || !isFree(rect, edge, taken)) continue;
        m_text.draw(painter, rect, Qt::AlignLeft | Qt::AlignVCenter, shape, style, t.color(Token::text2));
        taken.push_back(rect);
    }
}

void GraphPainter::paintNorm(QPainter& painter, std::size_t edge, std::vector<QRectF>& taken) const {
    const EdgeProgress& now = m_model.edge(edge);
    const AutogradRoute& route = m_layout.routes[edge];
    if (!now.passed || !now.summary || route.room <= 0) return;
    const Theme& t = theme();
    const double s = textScale(zoom());
    const TextStyle style = figure(TypeSize::annotation, s, now.changed ? QFont::DemiBold : QFont::Normal);
    const bool bad = !now.summary->finite();
    const QString text = !bad                   ? formatNumber(now.summary->norm)
                         : now.summary->nan > 0 ? QStringLiteral("NaN")
                                                : QStringLiteral("∞");
    const QSizeF size = m_text.size(text, style);
    const QPointF at = toView(route.label);
    QRectF rect(at.x() - 7 * s - size.width(), at.y() - size.height() / 2, size.width(), size.height());
    bool free = false;
    if (route.level) {
        // Above the line: in its middle, or else to a side, where nothing crosses it.
        const double room = route.room * zoom() - size.width() - 4;
        if (room < 0) return;
        for (const double share : {0.0, -0.5, 0.5, -0.9, 0.9}) {
            rect.moveTo(at.x() - size.width() / 2 + share * room / 2, at.y() - size.height() - 1);
            free = isFree(rect, edge, taken);
            if (free) break;
        }
    } else {
        free = size.height() <= route.room * zoom() + 2 && isFree(rect, edge, taken);
    }
    if (!free) return;
    m_text.draw(painter, rect, Qt::AlignLeft | Qt::AlignVCenter, text, style,
                t.color(bad ? Token::nan : Token::backward));
    if (now.changed)
        painter.fillRect(QRectF(rect.left() - 5, rect.top() + 1, 2, rect.height() - 2), t.color(Token::text));
    taken.push_back(rect);
}

bool GraphPainter::isFree(const QRectF& rect, std::size_t own, const std::vector<QRectF>& taken) const {
    for (const QRectF& other : taken)
        if (other.intersects(rect)) return false;
    if (isCovered(rect)) return false;
    const QRectF scene = m_view.toScene(rect.adjusted(-1, 0, 1, 0));
    const Rect area{scene.x(), scene.y(), scene.width(), scene.height()};
    for (std::size_t edge = 0; edge < m_layout.routes.size(); ++edge) {
        const AutogradRoute& route = m_layout.routes[edge];
        if (forwardLine(edge).overlaps(area)) return false;
        if (edge == own || !route.bounds.overlaps(area)) continue;
        for (std::size_t i = 0; i + 1 < route.points.size(); ++i) {
            const Point a = route.points[i], b = route.points[i + 1];
            const Rect part{std::min(a.x, b.x) - 1, std::min(a.y, b.y) - 1, std::abs(a.x - b.x) + 2,
                            std::abs(a.y - b.y) + 2};
            if (part.overlaps(area)) return false;
        }
    }
    return true;
}

} // namespace hs::ui
