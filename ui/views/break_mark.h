#pragma once

#include "ui/models/breakpoint_model.h"

#include <QColor>
#include <QPointF>

class QPainter;

namespace hs::ui {

/// The sign of a breakpoint: a disc, hollow where it is off. Nothing for Mark::none.
void paintBreakMark(QPainter& painter, QPointF center, double diameter, BreakpointModel::Mark mark,
                    const QColor& color);

} // namespace hs::ui
