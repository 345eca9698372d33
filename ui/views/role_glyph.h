#pragma once

#include "engine/trace/value.h"

#include <QRectF>

class QIcon;
class QPainter;

namespace hs::ui {

/// The shape that stands for a kind of tensor beside its colour: leaf for a leaf that keeps a gradient, pill for a
/// non-leaf, box for a gradient, diamond for an update, dashed outline for buffers and constants.
void paintRoleGlyph(QPainter& painter, const QRectF& rect, trace::Role role);

/// The same as an icon; made for the theme of now.
QIcon roleIcon(trace::Role role, double pixelRatio);

} // namespace hs::ui
