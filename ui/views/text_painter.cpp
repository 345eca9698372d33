#include "ui/views/text_painter.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace hs::ui {

namespace {

constexpr qsizetype mostEntries = 1500; // of one face; figures that change would fill memory otherwise

} // namespace

TextPainter::TextPainter() = default;

void TextPainter::clear() {
    m_faces.clear();
}

TextPainter::Face& TextPainter::face(const TextStyle& style) const {
    const auto eighths = static_cast<quint32>(std::lround(style.scale * 8));
    const quint32 key = static_cast<quint32>(style.size) | (style.mono ? 0x80u : 0u) |
                        (static_cast<quint32>(style.weight) << 8) | (eighths << 20);
    auto found = m_faces.find(key);
    if (found == m_faces.end()) {
        Face made;
        made.font = style.mono ? theme().mono(style.size, style.weight) : theme().font(style.size, style.weight);
        if (eighths != 8) made.font.setPointSizeF(made.font.pointSizeF() * eighths / 8.0);
        found = m_faces.insert(key, made);
    }
    return *found;
}

const TextPainter::Entry& TextPainter::entry(Face& face, const QString& text) const {
    auto found = face.entries.find(text);
    if (found == face.entries.end()) {
        if (face.entries.size() >= mostEntries) face.entries.clear();
        Entry made{QStaticText(text), {}};
        made.text.setTextFormat(Qt::PlainText);
        made.text.setPerformanceHint(QStaticText::AggressiveCaching);
        made.text.prepare({}, face.font);
        made.size = made.text.size();
        found = face.entries.insert(text, made);
    }
    return *found;
}

QSizeF TextPainter::size(const QString& text, const TextStyle& style) const {
    return entry(face(style), text).size;
}

bool TextPainter::draw(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text,
                       const TextStyle& style, const QColor& color) const {
    if (text.isEmpty()) return false;
    Face& with = face(style);
    const Entry& drawn = entry(with, text);
    // A line's ascent and descent may stand out of a box that its letters fit into.
    if (drawn.size.width() > rect.width() + 0.5 || drawn.size.height() > rect.height() + 6) return false;
    QPointF at = rect.topLeft();
    if (alignment & Qt::AlignRight) at.setX(rect.right() - drawn.size.width());
    if (alignment & Qt::AlignHCenter) at.setX(rect.center().x() - drawn.size.width() / 2);
    if (alignment & Qt::AlignVCenter) at.setY(rect.center().y() - drawn.size.height() / 2);
    if (alignment & Qt::AlignBottom) at.setY(rect.bottom() - drawn.size.height());
    painter.setFont(with.font);
    painter.setPen(color);
    painter.drawStaticText(QPointF(std::round(at.x()), std::round(at.y())), drawn.text);
    return true;
}

void TextPainter::drawAt(QPainter& painter, QPointF point, const QString& text, const TextStyle& style,
                         const QColor& color) const {
    Face& with = face(style);
    const Entry& drawn = entry(with, text);
    painter.setFont(with.font);
    painter.setPen(color);
    painter.drawStaticText(QPointF(std::round(point.x()), std::round(point.y() - drawn.size.height() / 2)), drawn.text);
}

void TextPainter::drawRotated(QPainter& painter, QPointF middle, const QString& text, const TextStyle& style,
                              const QColor& color) const {
    Face& with = face(style);
    const QSizeF size = entry(with, text).size;
    painter.save();
    painter.translate(std::round(middle.x()), std::round(middle.y()));
    painter.rotate(-90);
    painter.setFont(with.font);
    painter.setPen(color);
    painter.drawText(QPointF(-size.width() / 2, size.height() / 2 - QFontMetricsF(with.font).descent()), text);
    painter.restore();
}

QString TextPainter::elided(const QString& text, const TextStyle& style, double width, Qt::TextElideMode mode) const {
    if (this->width(text, style) <= width) return text;
    return QFontMetricsF(face(style).font).elidedText(text, mode, width);
}

} // namespace hs::ui
