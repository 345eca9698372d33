#pragma once

#include <QRectF>

#include <cstdint>
#include <span>

namespace hs::ui {

class DrawList;
struct MapStyle;

/// Cells of a vector, `columns` in a row, the last row shorter where they do not come out even.
void drawStrip(DrawList& list, const QRectF& rect, std::span<const float> values, std::int64_t columns,
               const MapStyle& style);

} // namespace hs::ui
