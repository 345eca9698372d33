// How the gradients are drawn.
#include "ui/views/gradients_canvas.h"

#include "ui/render/draw_list.h"
#include "ui/theme/numbers.h"
#include "ui/views/glyphs.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr double nameWidth = 70;
constexpr double flagWidth = 66;
constexpr double titleHeight = 22;

const TextStyle label{TypeSize::annotation};
const TextStyle figure{TypeSize::annotation, QFont::Normal, true};
const TextStyle title{TypeSize::secondary, QFont::DemiBold};

QString word(GradientHealth health) {
    return health == GradientHealth::vanishing ? GradientsCanvas::tr("vanishing") : GradientsCanvas::tr("exploding");
}

} // namespace

void GradientsCanvas::prepareScene(const Viewport&, DrawList& list) {
    if (m_model.panels().empty()) return;
    prepareOverview(list);
    const QRectF all = rect();
    list.pushClip({overviewRect().right() + 4, 0, all.width(), all.height()});
    for (std::size_t i = 0; i < m_model.panels().size(); ++i)
        preparePanel(list, i);
    list.popClip();
}

void GradientsCanvas::prepareOverview(DrawList& list) const {
    const QRectF all = overviewRect();
    const Theme& t = theme();
    const double row = rowHeight();
    const double left = all.left() + nameWidth;
    const double length = all.width() - nameWidth - flagWidth;
    const double bottom = all.top() + titleHeight + row * static_cast<double>(m_model.panels().size());
    for (double decade = m_lowDecade; decade <= m_highDecade; decade += 1) {
        const double x = left + length * (decade - m_lowDecade) / (m_highDecade - m_lowDecade);
        list.shapes.rect({x, all.top() + titleHeight, 1, bottom - all.top() - titleHeight}, t.color(Token::line));
    }
    for (std::size_t i = 0; i < m_model.panels().size(); ++i) {
        const GradientPanel& panel = m_model.panels()[i];
        const double y = all.top() + titleHeight + row * static_cast<double>(i);
        if (isSelected(panel)) list.shapes.rect({all.left() - 8, y, 3, row}, t.color(Token::selection));
        if (panel.rms < 0) continue;
        const double thick = std::clamp(row * 0.5, 1.0, 8.0);
        const QRectF bar(left, y + (row - thick) / 2, std::max(2.0, length * share(panel.rms)), thick);
        list.shapes.rect(bar, panel.rms > 0 ? t.color(Token::backward) : t.color(Token::text3));
    }
    list.shapes.rect({all.right() + 5, all.top(), 1, all.height()}, t.color(Token::line));
}

void GradientsCanvas::preparePanel(DrawList& list, std::size_t index) const {
    const QRectF box = panelRect(index);
    if (box.right() < overviewRect().right() || box.left() > width()) return;
    const GradientPanel& panel = m_model.panels()[index];
    const Theme& t = theme();
    if (isSelected(panel)) list.shapes.rect({box.left(), box.top() + 17, box.width(), 2}, t.color(Token::selection));
    if (showsFocus() && isSelected(panel))
        list.shapes.ring(box.adjusted(2, 0, -2, 0), Corners::all(4), {t.color(Token::text), 1, 2, {2, 2}});
    const QRectF ridges = ridgeRect(index);
    if (ridges.height() < 20) return;
    const double middle = std::round(ridges.center().x());
    list.shapes.rect({middle, ridges.top(), 1, ridges.height()}, t.color(Token::line));
    if (panel.counts.size() == panel.points.size() * trace::bin_count && !panel.points.empty()) {
        RidgeStyle style;
        style.color = t.color(Token::backward);
        style.surface = background();
        list.ridges.panel(ridges, panel.counts, static_cast<int>(panel.points.size()), trace::bin_count, style);
    }
    list.shapes.rect({ridges.left(), ridges.bottom(), ridges.width(), 1}, t.color(Token::lineStrong));
    if (m_hit.panel != index || m_hit.bin < 0) return;
    const double x = ridges.left() + ridges.width() * m_hit.bin / (trace::bin_count - 1);
    list.shapes.rect({std::round(x), ridges.top(), 1, ridges.height()}, t.color(Token::text2));
    const double rows = static_cast<double>(panel.points.size());
    const double spacing = ridges.height() / (rows - 1 + 5);
    const double y = ridges.top() + (static_cast<double>(m_hit.point) + 5) * spacing;
    list.shapes.circle({x, y}, 3, {t.color(Token::text), {}, 1, {}, {}});
}

void GradientsCanvas::paintOverlay(QPainter& painter, const Viewport&) {
    if (!m_model.panels().empty()) {
        paintOverview(painter);
        painter.save();
        painter.setClipRect(QRectF(overviewRect().right() + 6, 0, width(), height()));
        for (std::size_t i = 0; i < m_model.panels().size(); ++i)
            paintPanel(painter, i);
        painter.restore();
    }
    paintNotice(painter);
}

void GradientsCanvas::paintOverview(QPainter& painter) const {
    const QRectF all = overviewRect();
    const Theme& t = theme();
    text().draw(painter, {all.left(), all.top(), all.width(), 18}, Qt::AlignLeft | Qt::AlignVCenter, tr("All layers"),
                title, t.color(Token::text));
    text().draw(painter, {all.left() + nameWidth, all.top(), all.width() - nameWidth, 18},
                Qt::AlignRight | Qt::AlignVCenter, tr("root mean square"), label, t.color(Token::text2));
    const double row = rowHeight();
    for (std::size_t i = 0; i < m_model.panels().size(); ++i) {
        const GradientPanel& panel = m_model.panels()[i];
        const double y = all.top() + titleHeight + row * static_cast<double>(i);
        if (row >= 12) {
            const QString name = text().elided(panel.layer, label, nameWidth - 6, Qt::ElideLeft);
            text().draw(painter, {all.left(), y, nameWidth - 6, row}, Qt::AlignLeft | Qt::AlignVCenter, name, label,
                        t.color(isSelected(panel) ? Token::text : Token::text2));
        }
        if (panel.health == GradientHealth::fine) continue;
        const QPointF at(all.right() - flagWidth + 12, y + row / 2);
        paintSign(painter, at, Token::warning, std::clamp(row - 2, 5.0, 11.0));
        if (row >= 12) text().drawAt(painter, at + QPointF(9, 0), word(panel.health), label, t.color(Token::warning));
    }
    const double bottom = all.top() + titleHeight + row * static_cast<double>(m_model.panels().size());
    const double length = all.width() - nameWidth - flagWidth;
    const QRectF axis(all.left() + nameWidth - 16, bottom + 1, length + 32, 14);
    text().draw(painter, axis, Qt::AlignLeft | Qt::AlignVCenter, powerOfTen(static_cast<int>(m_lowDecade)), label,
                t.color(Token::text3));
    text().draw(painter, axis, Qt::AlignRight | Qt::AlignVCenter, powerOfTen(static_cast<int>(m_highDecade)), label,
                t.color(Token::text3));
}

void GradientsCanvas::paintPanel(QPainter& painter, std::size_t index) const {
    const QRectF box = panelRect(index);
    if (box.right() < overviewRect().right() || box.left() > width()) return;
    const GradientPanel& panel = m_model.panels()[index];
    const Theme& t = theme();
    const QColor dim = t.color(Token::text2);

    const auto pair = [&](QRectF rect, bool right, const QString& name, const QString& value, const QColor& color) {
        const double used = text().width(name, label) + 4 + text().width(value, figure);
        if (value.isEmpty() || used > rect.width()) return 0.0;
        const double x = right ? rect.right() - used : rect.left();
        text().drawAt(painter, {x, rect.center().y()}, name, label, dim);
        text().drawAt(painter, {x + text().width(name, label) + 4, rect.center().y()}, value, figure, color);
        return used + 10;
    };
    QRectF first(box.left(), box.top(), box.width(), 17);
    first.setRight(first.right() - pair(first.adjusted(first.width() * 0.4, 0, 0, 0), true, tr("norm"), panel.norm,
                                        t.color(Token::backward)));
    const QString name = text().elided(panel.name, title, first.width(), Qt::ElideLeft);
    text().draw(painter, first, Qt::AlignLeft | Qt::AlignVCenter, name, title, t.color(Token::text));

    QRectF second(box.left(), box.top() + 20, box.width(), 15);
    if (panel.health != GradientHealth::fine) {
        paintSign(painter, {second.left() + 6, second.center().y()}, Token::warning, 11);
        text().drawAt(painter, {second.left() + 16, second.center().y()}, word(panel.health), label,
                      t.color(Token::warning));
        second.setLeft(second.left() + 24 + text().width(word(panel.health), label));
    } else {
        second.setLeft(second.left() + pair(second, false, tr("zeros"), panel.zeros, t.color(Token::text)));
    }
    if (pair(second, true, tr("update / weight"), panel.updateRatio, t.color(Token::text)) <= 0)
        pair(second, true, tr("upd / wt"), panel.updateRatio, t.color(Token::text));

    const QRectF ridges = ridgeRect(index);
    if (panel.points.empty()) {
        text().draw(painter, ridges, Qt::AlignCenter, tr("pending"), label, t.color(Token::text3));
        return;
    }
    // The axis: the ends, the middle of each half, and zero.
    const int low = static_cast<int>(std::lround(std::log10(panel.range.low)));
    const int high = static_cast<int>(std::lround(std::log10(panel.range.high)));
    const int middle = (low + high) / 2;
    const auto tick = [&](double share, const QString& words) {
        const double wide = text().width(words, label);
        const double x = std::clamp(ridges.left() + share * ridges.width() - wide / 2, box.left(), box.right() - wide);
        text().drawAt(painter, {x, ridges.bottom() + 8}, words, label, t.color(Token::text3));
    };
    const double at = 0.5 * (middle - low) / std::max(1, high - low);
    const QString minus = QStringLiteral("−");
    tick(0, minus + powerOfTen(high));
    tick(0.5 - at, minus + powerOfTen(middle));
    tick(0.5, QStringLiteral("0"));
    tick(0.5 + at, powerOfTen(middle));
    tick(1, powerOfTen(high));
}

} // namespace hs::ui
