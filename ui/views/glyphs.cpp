#include "ui/views/glyphs.h"

#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>

#include <cmath>
#include <numbers>

namespace hs::ui {

namespace {

QPainterPath bentLine() {
    QPainterPath path({-5, 3});
    path.lineTo(0, 3);
    path.lineTo(5, -4);
    return path;
}

QPainterPath curve() {
    QPainterPath path({-5, 4});
    path.cubicTo(1, 4, -1, -4, 5, -4);
    return path;
}

QPainterPath window() {
    QPainterPath path;
    path.addRoundedRect(QRectF(-5, -5, 10, 10), 2, 2);
    path.addRect(QRectF(-2, -2, 4, 4));
    return path;
}

QPainterPath funnel() {
    QPainterPath path({-5, -4});
    path.lineTo(5, -4);
    path.lineTo(2.5, 4);
    path.lineTo(-2.5, 4);
    path.closeSubpath();
    return path;
}

QPainterPath crossing() {
    QPainterPath path({-5, -4});
    path.lineTo(5, 4);
    path.moveTo(-5, 4);
    path.lineTo(5, -4);
    path.moveTo(-5, 0);
    path.lineTo(5, 0);
    return path;
}

QPainterPath lines() {
    QPainterPath path;
    for (double y : {-4.0, 0.0, 4.0}) {
        path.moveTo(-5, y);
        path.lineTo(5, y);
    }
    return path;
}

QPainterPath bell() {
    QPainterPath path({-5, 4});
    path.cubicTo(-2, 4, -2, -5, 0, -5);
    path.cubicTo(2, -5, 2, 4, 5, 4);
    return path;
}

QPainterPath dots() {
    QPainterPath path;
    path.addEllipse(QPointF(-3, -3), 1.2, 1.2);
    path.addEllipse(QPointF(3, 3), 1.2, 1.2);
    path.moveTo(-4.5, 4.5);
    path.lineTo(4.5, -4.5);
    return path;
}

QPainterPath box() {
    QPainterPath path;
    path.addRoundedRect(QRectF(-4.5, -4.5, 9, 9), 2, 2);
    return path;
}

QPainterPath glyphOf(const QString& type) {
    if (type.contains(QLatin1String("Conv"))) return window();
    if (type.contains(QLatin1String("Pool"))) return funnel();
    if (type.contains(QLatin1String("Norm"))) return bell();
    if (type.contains(QLatin1String("Dropout"))) return dots();
    if (type.contains(QLatin1String("Linear")) || type.contains(QLatin1String("Embedding"))) return crossing();
    if (type.contains(QLatin1String("Flatten"))) return lines();
    if (type.contains(QLatin1String("LU"))) return bentLine();
    if (type == QLatin1String("Tanh") || type == QLatin1String("Sigmoid") || type == QLatin1String("Softmax"))
        return curve();
    return box();
}

} // namespace

void paintModuleGlyph(QPainter& painter, QPointF center, const QString& type, const QColor& color, double scale) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(center);
    painter.scale(scale, scale);
    QPen pen(color, 1.3);
    pen.setCapStyle(Qt::RoundCap);
    pen.setJoinStyle(Qt::RoundJoin);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(glyphOf(type));
    painter.restore();
}

void paintSign(QPainter& painter, QPointF center, Token token, double size) {
    const double r = size / 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(center);
    QPen pen(theme().color(token), 1.5);
    pen.setCapStyle(Qt::RoundCap);
    pen.setJoinStyle(Qt::RoundJoin);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    if (token == Token::error) {
        QPolygonF octagon;
        for (int i = 0; i < 8; ++i) {
            const double angle = (i + 0.5) * std::numbers::pi / 4;
            octagon << QPointF(r * std::cos(angle), r * std::sin(angle));
        }
        painter.drawPolygon(octagon);
        const double c = r * 0.4;
        painter.drawLine(QPointF(-c, -c), QPointF(c, c));
        painter.drawLine(QPointF(-c, c), QPointF(c, -c));
    } else {
        painter.drawPolygon(QPolygonF({{0, -r * 0.9}, {r, r * 0.8}, {-r, r * 0.8}}));
        painter.drawLine(QPointF(0, -r * 0.3), QPointF(0, r * 0.2));
        painter.drawPoint(QPointF(0, r * 0.5));
    }
    painter.restore();
}

} // namespace hs::ui
