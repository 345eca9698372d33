#pragma once

#include "ui/layout/blueprint_graph.h"

#include <QRectF>

namespace hs::ui {

/// How much a card shows, by its size on the screen. A card's size is the mean of its sides.
enum class CardDetail : quint8 {
    bar,     ///< under 24 px: a bar
    name,    ///< under 60: its name
    shape,   ///< under 110: name, type and what fits of figures in the header
    maps,    ///< under 120: and thumbnails
    figures, ///< and the gradient's ridge, norm, mean, maximum
};

/// Where the parts of a card are, in view space. Parts that are not shown are empty. No two parts overlap.
struct CardFrame {
    CardDetail detail = CardDetail::bar;
    double scale = 1; ///< of text and paddings
    QRectF box;
    QRectF header; ///< glyph, name, type, chip
    QRectF maps;   ///< thumbnails, strip, or rows of classes
    QRectF norm;   ///< one line
    QRectF ridge;
    QRectF footer; ///< one line: mean and maximum
};

CardDetail cardDetail(QSizeF size, bool selected);

/// The parts of a card whose box is `box` in view space at camera zoom `zoom`. A selected card keeps one level more.
CardFrame cardFrame(const QRectF& box, const GraphItem& item, double zoom, bool selected);

/// Scale of text for a camera zoom: nothing is set smaller than 9 px, and it grows with the picture.
double textScale(double zoom);

} // namespace hs::ui
