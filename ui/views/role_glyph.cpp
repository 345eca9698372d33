#include "ui/views/role_glyph.h"

#include "ui/views/value_colors.h"

#include <QIcon>
#include <QPainter>
#include <QPainterPath>

namespace hs::ui {

namespace {

/// Two opposite round corners, two sharp ones.
QPainterPath leafShape(const QRectF& r) {
    const double round = r.height() * 0.7;
    QPainterPath path;
    path.moveTo(r.left() + round, r.top());
    path.lineTo(r.topRight());
    path.lineTo(r.right(), r.bottom() - round);
    path.quadTo(r.bottomRight(), QPointF(r.right() - round, r.bottom()));
    path.lineTo(r.bottomLeft());
    path.lineTo(r.left(), r.top() + round);
    path.quadTo(r.topLeft(), QPointF(r.left() + round, r.top()));
    return path;
}

} // namespace

void paintRoleGlyph(QPainter& painter, const QRectF& rect, trace::Role role) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const Token token = tokenOf(role);
    const bool dashed = token == Token::buffer;
    QPen pen(theme().color(token), 1.5);
    if (dashed) pen.setDashPattern({2, 1.6});
    painter.setPen(pen);
    painter.setBrush(dashed ? QBrush(Qt::NoBrush) : QBrush(theme().tint(token, 20)));
    const QRectF r = rect.adjusted(1, 1, -1, -1);
    if (token == Token::leaf) {
        painter.drawPath(leafShape(r));
    } else if (token == Token::update) {
        const QPointF c = r.center();
        const double reach = r.height() / 2;
        painter.drawPolygon(
            QPolygonF{{c.x() - reach, c.y()}, {c.x(), r.top()}, {c.x() + reach, c.y()}, {c.x(), r.bottom()}});
    } else {
        const double round = token == Token::forward ? r.height() / 2 : 2.5;
        painter.drawRoundedRect(r, round, round);
    }
    painter.restore();
}

QIcon roleIcon(trace::Role role, double pixelRatio) {
    QPixmap pixmap(QSize(qRound(16 * pixelRatio), qRound(16 * pixelRatio)));
    pixmap.setDevicePixelRatio(pixelRatio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintRoleGlyph(painter, QRectF(0.5, 2.5, 15, 11), role);
    painter.end();
    return QIcon(pixmap);
}

} // namespace hs::ui
