#include "ui/views/break_mark.h"

#include <QPainter>

namespace hs::ui {

void paintBreakMark(QPainter& painter, QPointF center, double diameter, BreakpointModel::Mark mark,
                    const QColor& color) {
    if (mark == BreakpointModel::Mark::none) return;
    const bool on = mark == BreakpointModel::Mark::on;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(on ? QPen(Qt::NoPen) : QPen(color, 1.5));
    painter.setBrush(on ? QBrush(color) : QBrush(Qt::NoBrush));
    const double radius = diameter / 2 - (on ? 0 : 0.75);
    painter.drawEllipse(center, radius, radius);
}

} // namespace hs::ui
