#pragma once

#include "ui/theme/theme.h"

#include <QPointF>
#include <QString>

class QPainter;

namespace hs::ui {

/// The sign of a kind of module, 11 px wide at scale 1, centred on `center`: a window for convolutions, a bent line for
/// activations, a funnel for pooling, crossing lines for linear layers, ...
void paintModuleGlyph(QPainter& painter, QPointF center, const QString& type, const QColor& color, double scale = 1);

/// The sign of a message, 14 px: a triangle for `warning`, an octagon with a cross for `error`.
void paintSign(QPainter& painter, QPointF center, Token token, double size = 14);

} // namespace hs::ui
