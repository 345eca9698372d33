// What is written over the blueprint's picture.
#include "ui/views/blueprint_painter.h"

#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"
#include "ui/views/glyphs.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <optional>

namespace hs::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("BlueprintPainter", text);
}

TextStyle sans(TypeSize size, double scale, QFont::Weight weight = QFont::Normal) {
    return {size, weight, false, scale};
}

TextStyle mono(TypeSize size, double scale, QFont::Weight weight = QFont::Normal) {
    return {size, weight, true, scale};
}

/// `[64, …, 28]`.
QString shortShape(std::span<const std::int64_t> shape) {
    if (shape.size() < 3) return QStringLiteral("[…]");
    return QStringLiteral("[%1, …, %2]").arg(shape.front()).arg(shape.back());
}

/// The loss of the step that is shown, once it has been computed: what ran last outside the model.
std::optional<double> lossShown(const SessionModel& session) {
    const trace::Trace* trace = session.trace().get();
    if (!trace) return std::nullopt;
    if (trace->finished()) return session.figures().loss;
    for (std::size_t i = trace->events.size(); i-- > 0;) {
        const trace::Event& event = trace->events[i];
        if (event.kind != trace::EventKind::forward || event.module != trace::none) continue;
        if (event.node == trace::none || event.value == trace::none) continue;
        const trace::Snapshot& value = trace->values[event.value].snapshot;
        return value.count() == 1 ? std::optional(value.at(0)) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

ClassRows ClassRows::fit(const QRectF& rect, int count, double rowHeight, double nameWidth) {
    ClassRows result{1, count, nameWidth, rect};
    if (count == 0) return result;
    const int fitting = std::max(0, static_cast<int>(rect.height() / rowHeight));
    const int most = std::max(1, static_cast<int>(rect.width() / (nameWidth + 36)));
    if (fitting * most < count) {
        // No room for all names: bars alone, so that no class is missing.
        result.nameWidth = 0;
        return result;
    }
    result.columns = (count + fitting - 1) / fitting;
    result.rows = (count + result.columns - 1) / result.columns;
    return result;
}

QRectF ClassRows::name(int index) const {
    const double width = rect.width() / columns;
    const double height = rect.height() / rows;
    return {rect.left() + (index / rows) * width, rect.top() + (index % rows) * height, nameWidth, height};
}

QRectF ClassRows::bar(int index) const {
    const QRectF before = name(index);
    const double thick = std::min(8.0, before.height() * 0.6);
    const double left = before.right() + (nameWidth > 0 ? 6 : 0);
    const double right = before.left() + rect.width() / columns - (columns > 1 ? 12 : 2);
    return {left, before.center().y() - thick / 2, std::max(1.0, right - left), thick};
}

LegendParts legendParts(const QRectF& legend) {
    LegendParts parts;
    parts.title = QRectF(legend.left(), legend.top() + 2, 36, 16);
    parts.bar = QRectF(legend.left() + 38, legend.top() + 5, 116, 9);
    parts.range = QRectF(parts.bar.left(), parts.bar.bottom() + 2, parts.bar.width(), 14);
    if (legend.width() < 300) return parts;
    parts.value = QRectF(legend.left() + 172, legend.top() + 2, 62, 16);
    parts.gradient = QRectF(legend.left() + 242, legend.top() + 2, 78, 16);
    return parts;
}

QRectF BlueprintPainter::memberChip(std::size_t item, const CardFrame& frame) const {
    const BlueprintCard& card = m_model.card(item);
    if (frame.detail < CardDetail::shape || card.member.isEmpty()) return {};
    const double s = frame.scale;
    const double width = m_text.width(card.member, sans(TypeSize::annotation, s)) + 12 * s;
    const double name = m_text.width(card.name, sans(TypeSize::base, s, QFont::DemiBold)) + 18 * s;
    if (name + width + 8 * s > frame.header.width()) return {};
    const double height = 16 * s;
    return {frame.header.right() - width, frame.header.center().y() - height / 2, width, height};
}

ClassRows BlueprintPainter::classRows(const CardFrame& frame) const {
    const TextStyle style = sans(TypeSize::annotation, frame.scale, QFont::DemiBold);
    double widest = 0;
    for (const QString& name : m_model.classNames())
        widest = std::max(widest, m_text.width(name, style));
    return ClassRows::fit(frame.maps, static_cast<int>(m_model.classNames().size()), 13 * frame.scale, widest);
}

void BlueprintPainter::paint(QPainter& painter) const {
    if (m_layout.rects.size() != m_graph.items.size() || m_graph.items.empty()) return;
    painter.save();
    painter.setClipRegion(QRegion(m_canvas.rect()) - m_canvas.coveredRegion());
    paintGroups(painter);
    paintEdges(painter);
    for (std::size_t item : m_graph.order)
        paintCard(painter, item);
    paintEnds(painter);
    painter.restore();
    paintLegend(painter);
}

void BlueprintPainter::paintGroups(QPainter& painter) const {
    const double s = textScale(zoom());
    for (std::size_t item = 0; item < m_graph.items.size(); ++item) {
        if (m_graph.items[item].content != Content::group) continue;
        const QRectF box = toView(m_layout.rects[item]);
        const CardDetail detail = cardDetail(box.size(), isSelected(item));
        if (detail < CardDetail::name || !isSeen(box)) continue;
        const double high = (item ? 23 : 28) * zoom();
        if (high < 11) continue;
        const QRectF header = QRectF(box.left() + 12 * s, box.top(), box.width() - 24 * s, high);
        const trace::Module& module = (*m_model.modules())[m_graph.items[item].module];
        const TextStyle title = sans(TypeSize::base, s, QFont::DemiBold);
        const QString name = m_text.elided(m_model.card(item).name, title, header.width());
        m_text.draw(painter, header, Qt::AlignLeft | Qt::AlignVCenter, name, title, theme().color(Token::text));
        const double used = m_text.width(name, title) + 16;
        if (module.parameter_count && item)
            m_text.draw(painter, header.adjusted(used, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
                        formatCount(module.parameter_count), sans(TypeSize::annotation, s),
                        theme().color(Token::text3));
    }
}

void BlueprintPainter::paintEdges(QPainter& painter) const {
    for (const EdgeRoute& route : m_layout.routes) {
        if (route.room <= 0) continue;
        const std::size_t from = m_graph.edges[route.edge].from;
        const BlueprintCard* card = from == BlueprintGraph::input ? nullptr : m_model.flowOf(from);
        const QString shape = from == BlueprintGraph::input ? m_model.inputShapeText()
                              : card                        ? card->shapeText
                                                            : QString();
        const QPointF at = toView(route.label);
        if (!isSeen(QRectF(at.x() - 80, at.y() - 60, 160, 120))) continue;
        if (route.rotated)
            paintRotated(painter, route, card, shape);
        else
            paintUpright(painter, route, card, shape);
    }
}

void BlueprintPainter::paintUpright(QPainter& painter, const EdgeRoute& route, const BlueprintCard* card,
                                    const QString& shape) const {
    const double s = textScale(zoom());
    const double room = route.room * zoom();
    if (room < 12 * s) return;
    const QPointF at = toView(route.label);
    const double half = std::min(room, 14 * s) / 2;
    const double beside = (route.backward.empty() ? 0 : 4) * zoom() + 5;
    const double before = (route.left + 8) * zoom() - beside;
    const double after = (route.right + 8) * zoom() - beside;
    const TextStyle style = mono(TypeSize::annotation, s);
    const QRectF left(at.x() - beside - before, at.y() - half, before, 2 * half);
    const QRectF right(at.x() + beside, at.y() - half, after, 2 * half);
    const bool input = route.backward.empty();
    const auto side = Qt::AlignVCenter | (input ? Qt::AlignLeft : Qt::AlignRight);
    const QColor color = theme().color(Token::text2);
    if (!m_text.draw(painter, input ? right : left, side, shape, style, color) && card)
        m_text.draw(painter, left, side, shortShape(card->shape), style, color);
    if (!card) return;
    for (const QString& norm : {card->norm, card->shortNorm})
        if (m_text.draw(painter, right, Qt::AlignLeft | Qt::AlignVCenter, norm, style, theme().color(Token::backward)))
            return;
}

void BlueprintPainter::paintRotated(QPainter& painter, const EdgeRoute& route, const BlueprintCard* card,
                                    const QString& shape) const {
    const double s = textScale(zoom());
    const double room = route.room * zoom() - 12;
    if (!card || route.left * zoom() < 12 * s) return;
    const QPointF at = toView(route.label);
    const double beside = 4 * zoom() + 3 + 6 * s;
    const TextStyle style = mono(TypeSize::annotation, s);
    if (m_text.width(shape, style) <= room)
        m_text.drawRotated(painter, at - QPointF(beside, 0), shape, style, theme().color(Token::text2));
    if (!card->norm.isEmpty() && m_text.width(card->norm, style) <= room)
        m_text.drawRotated(painter, at + QPointF(beside, 0), card->norm, style, theme().color(Token::backward));
}

void BlueprintPainter::paintCard(QPainter& painter, std::size_t item) const {
    const CardFrame frame = frameOf(item);
    if (frame.header.isEmpty() || !isSeen(frame.box)) return;
    const BlueprintCard& card = m_model.card(item);
    const double s = frame.scale;
    paintHeader(painter, item, frame);
    if (m_graph.items[item].content == Content::classes && !frame.maps.isEmpty()) paintClasses(painter, item, frame);
    if (!frame.norm.isEmpty() && card.hasGradient) {
        const TextStyle figure = mono(TypeSize::annotation, s);
        const double used = m_text.width(card.norm, figure);
        m_text.draw(painter, frame.norm, Qt::AlignRight | Qt::AlignVCenter, card.norm, figure,
                    theme().color(Token::backward));
        m_text.draw(painter, frame.norm.adjusted(0, 0, -used - 4, 0), Qt::AlignLeft | Qt::AlignVCenter,
                    QStringLiteral("∇"), sans(TypeSize::annotation, s), theme().color(Token::text2));
    }
    if (frame.footer.isEmpty() || card.mean.isEmpty()) return;
    const TextStyle label = sans(TypeSize::annotation, s);
    const TextStyle figure = mono(TypeSize::annotation, s);
    const QColor dim = theme().color(Token::text2);
    const QString mean = tr("mean");
    const QString most = tr("max");
    const double left = m_text.width(mean, label) + 4 + m_text.width(card.mean, figure);
    const double right = m_text.width(most, label) + 4 + m_text.width(card.most, figure);
    const double y = frame.footer.center().y();
    if (left > frame.footer.width()) return;
    m_text.drawAt(painter, {frame.footer.left(), y}, mean, label, dim);
    m_text.drawAt(painter, {frame.footer.left() + m_text.width(mean, label) + 4, y}, card.mean, figure, dim);
    if (left + 12 + right > frame.footer.width()) return;
    m_text.drawAt(painter, {frame.footer.right() - right, y}, most, label, dim);
    m_text.drawAt(painter, {frame.footer.right() - m_text.width(card.most, figure), y}, card.most, figure, dim);
}

void BlueprintPainter::paintHeader(QPainter& painter, std::size_t item, const CardFrame& frame) const {
    const BlueprintCard& card = m_model.card(item);
    const GraphItem& box = m_graph.items[item];
    const double s = frame.scale;
    const Theme& t = theme();
    const TextStyle title = sans(TypeSize::base, s, QFont::DemiBold);
    QRectF rest = frame.header;
    if (box.content == Content::join) {
        const QString name = m_text.elided(card.name, title, rest.width());
        m_text.draw(painter, rest, Qt::AlignCenter, name, title, t.color(Token::text));
        return;
    }
    if (frame.detail >= CardDetail::shape) {
        paintModuleGlyph(painter, {rest.left() + 6 * s, rest.center().y()}, card.type, t.color(Token::text2), s);
        rest.setLeft(rest.left() + 18 * s);
    }
    const QString name = m_text.elided(card.name, title, rest.width());
    if (!m_text.draw(painter, rest, Qt::AlignLeft | Qt::AlignVCenter, name, title, t.color(Token::text))) return;
    rest.setLeft(rest.left() + m_text.width(name, title) + 8 * s);
    if (frame.detail < CardDetail::shape) return;
    const QRectF chip = memberChip(item, frame);
    if (!chip.isEmpty()) {
        m_text.draw(painter, chip, Qt::AlignCenter, card.member, sans(TypeSize::annotation, s), t.color(Token::leaf));
        rest.setRight(chip.left() - 6 * s);
    } else if (!card.zeros.isEmpty()) {
        const QString zeros = tr("%1 zeros").arg(card.zeros);
        const TextStyle style = sans(TypeSize::annotation, s);
        if (m_text.draw(painter, rest, Qt::AlignRight | Qt::AlignVCenter, zeros, style, t.color(Token::text2)))
            rest.setRight(rest.right() - m_text.width(zeros, style) - 8 * s);
    }
    m_text.draw(painter, rest, Qt::AlignLeft | Qt::AlignVCenter, card.type, sans(TypeSize::secondary, s),
                t.color(Token::text3));
}

void BlueprintPainter::paintClasses(QPainter& painter, std::size_t item, const CardFrame& frame) const {
    const ClassRows rows = classRows(frame);
    if (rows.nameWidth <= 0) return;
    const std::vector<float> shares = m_model.classShares(item);
    const auto best = std::max_element(shares.begin(), shares.end());
    const auto& names = m_model.classNames();
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        const bool first = !shares.empty() && best - shares.begin() == i;
        m_text.draw(painter, rows.name(i), Qt::AlignLeft | Qt::AlignVCenter, names[static_cast<std::size_t>(i)],
                    sans(TypeSize::annotation, frame.scale, first ? QFont::DemiBold : QFont::Normal),
                    theme().color(first ? Token::text : Token::text2));
    }
}

void BlueprintPainter::paintEnds(QPainter& painter) const {
    const double s = textScale(zoom());
    const Theme& t = theme();
    const QRectF input = toView(m_layout.input);
    const TextStyle title = sans(TypeSize::base, s, QFont::DemiBold);
    const QRectF beside(toView(Point{12, 0}).x(), input.top(), (m_layout.input.x - 12) * zoom() - 6, input.height());
    const QRectF upper(beside.left(), beside.top() + 4 * zoom(), beside.width(), 18 * s);
    m_text.draw(painter, upper, Qt::AlignLeft, tr("input"), title, t.color(Token::text));
    const auto& names = m_model.classNames();
    if (m_graph.imageInput && m_model.target() >= 0 && m_model.target() < static_cast<std::int64_t>(names.size())) {
        const TextStyle style = sans(TypeSize::secondary, s);
        const QString& name = names[static_cast<std::size_t>(m_model.target())];
        m_text.draw(painter, upper.translated(0, 18 * s), Qt::AlignLeft, name, style, t.color(Token::text2));
    }

    const QRectF loss = toView(m_layout.loss).adjusted(10 * s, 0, -10 * s, 0);
    if (loss.height() >= 16) {
        const TextStyle key = mono(TypeSize::keyFigure, std::min(s, loss.height() / 28), QFont::Medium);
        const std::optional<double> known = lossShown(m_canvas.session());
        const QString value = known ? formatNumber(*known) : QStringLiteral("–");
        QRectF rest = loss;
        if (m_text.draw(painter, rest, Qt::AlignRight | Qt::AlignVCenter, value, key, t.color(Token::text)))
            rest.setRight(rest.right() - m_text.width(value, key) - 8);
        const bool two = loss.height() >= 34 * s;
        QRectF line = two ? QRectF(rest.left(), rest.top() + 4 * s, rest.width(), 16 * s) : rest;
        if (m_text.draw(painter, line, Qt::AlignLeft | Qt::AlignVCenter, tr("loss"), title, t.color(Token::text))) {
            const double used = m_text.width(tr("loss"), title) + 8;
            m_text.draw(painter, line.adjusted(used, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_model.lossName(),
                        sans(TypeSize::secondary, s), t.color(Token::text3));
        }
        if (two)
            m_text.draw(painter, line.translated(0, 16 * s), Qt::AlignLeft | Qt::AlignVCenter, tr("[] scalar"),
                        mono(TypeSize::annotation, s), t.color(Token::text2));
    }
    if (m_layout.picture.empty()) return;
    const QRectF picture = toView(m_layout.picture).adjusted(8 * s, 0, -8 * s, 0);
    const bool points = m_model.inputShape().strip && m_model.inputShape().width == 2;
    m_text.draw(painter, {picture.left(), picture.top(), picture.width(), 26 * s}, Qt::AlignLeft | Qt::AlignVCenter,
                points ? tr("Decision boundary") : tr("Picture"), title, t.color(Token::text));
}

void BlueprintPainter::paintLegend(QPainter& painter) const {
    const QRectF legend = m_canvas.legendRect();
    if (legend.width() <= 0) return;
    const LegendParts parts = legendParts(legend);
    const QColor dim = theme().color(Token::text2);
    const TextStyle label = sans(TypeSize::secondary, 1);
    const TextStyle small = sans(TypeSize::annotation, 1);
    const TextStyle figure = mono(TypeSize::annotation, 1);
    m_text.draw(painter, parts.title, Qt::AlignLeft | Qt::AlignVCenter, tr("Maps"), label, dim);
    // The range of the selected module; of none, what the ends mean.
    QString low = tr("min");
    QString high = tr("max");
    QString middle = tr("per module");
    bool figures = false;
    if (m_selected < m_graph.items.size() && m_graph.isCard(m_selected)) {
        const BlueprintCard& card = m_model.card(m_selected);
        if (card.low != card.high) {
            low = formatNumber(card.low, 3);
            high = formatNumber(card.high, 3);
            middle = card.name;
            figures = true;
        }
    }
    const TextStyle& ends = figures ? figure : small;
    m_text.draw(painter, parts.range, Qt::AlignLeft | Qt::AlignVCenter, low, ends, dim);
    m_text.draw(painter, parts.range, Qt::AlignRight | Qt::AlignVCenter, high, ends, dim);
    const double between = 2 * std::max(m_text.width(low, ends), m_text.width(high, ends)) + 8;
    if (m_text.width(middle, small) + between <= parts.range.width())
        m_text.draw(painter, parts.range, Qt::AlignHCenter | Qt::AlignVCenter, middle, small, dim);
    if (parts.value.isEmpty()) return;
    m_text.draw(painter, parts.value.adjusted(30, 0, 20, 0), Qt::AlignLeft | Qt::AlignVCenter, tr("value"), label, dim);
    m_text.draw(painter, parts.gradient.adjusted(30, 0, 20, 0), Qt::AlignLeft | Qt::AlignVCenter, tr("gradient"), label,
                dim);
}

} // namespace hs::ui
