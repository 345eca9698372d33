#include "ui/render/map_batch.h"

#include "ui/render/draw_data.h"
#include "ui/render/draw_list.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hs::ui {

namespace {

std::uint32_t appendValues(DrawData& data, std::span<const float> values) {
    const auto offset = std::uint32_t(data.words.size());
    data.words.resize(offset + values.size());
    std::memcpy(data.words.data() + offset, values.data(), values.size_bytes());
    return offset;
}

bool allFinite(std::span<const float> values) {
    // Without a branch, so that the compiler makes it parallel.
    std::uint32_t special = 0;
    for (float value : values)
        special |= std::uint32_t((std::bit_cast<std::uint32_t>(value) & 0x7F800000u) == 0x7F800000u);
    return special == 0;
}

/// The item of a map at `pixels`; its values begin at `offset`.
gpu::MapItem itemOf(DrawData& data, const QRectF& pixels, const MapStyle& style, std::uint32_t offset, int width,
                    int height, int stride) {
    gpu::MapItem item{};
    item.rect = toVec4(pixels);
    const auto scale = float(1 / (style.high - style.low));
    const bool isRange = style.high > style.low && std::isfinite(scale);
    item.low = isRange ? float(style.low) : 0.0f;
    item.scale = isRange ? scale : 0.0f;
    item.base = isRange ? 0.0f : 0.5f;
    item.last = float(style.colors.lookup().size() - 1);
    item.nan = packed(style.nan);
    item.values = offset;
    item.table = data.tableOffset(style.colors);
    item.width = std::uint32_t(width);
    item.height = std::uint32_t(height);
    item.stride = std::uint32_t(stride);
    return item;
}

} // namespace

MapGrid MapGrid::fit(const QRectF& rect, int count, int width, int height, double gap, bool centred, bool wholeScale) {
    MapGrid grid;
    grid.gap = gap;
    if (count <= 0 || width <= 0 || height <= 0 || rect.isEmpty()) return grid;
    double best = 0;
    for (int columns = 1; columns <= count; ++columns) {
        const int rows = (count + columns - 1) / columns;
        const double scale = std::min((rect.width() - gap * (columns - 1)) / (double(columns) * width),
                                      (rect.height() - gap * (rows - 1)) / (double(rows) * height));
        if (scale <= best) continue;
        best = scale;
        grid.columns = columns;
        grid.rows = rows;
    }
    if (best <= 0) return grid;
    if (wholeScale && best >= 1) best = std::floor(best);
    grid.count = count;
    grid.cell = {best * width, best * height};
    grid.origin = rect.topLeft();
    if (centred) grid.origin.rx() += (rect.width() - grid.bounds().width()) / 2;
    return grid;
}

QRectF MapGrid::cellRect(int index) const {
    const int column = index % columns, row = index / columns;
    return {origin + QPointF(column * (cell.width() + gap), row * (cell.height() + gap)), cell};
}

QRectF MapGrid::bounds() const {
    return {origin, QSizeF(columns * (cell.width() + gap) - gap, rows * (cell.height() + gap) - gap)};
}

int MapGrid::indexAt(QPointF point) const {
    if (count == 0 || cell.isEmpty()) return -1;
    const int column = int(std::floor((point.x() - origin.x()) / (cell.width() + gap)));
    const int row = int(std::floor((point.y() - origin.y()) / (cell.height() + gap)));
    if (column < 0 || column >= columns || row < 0 || row >= rows) return -1;
    const int index = row * columns + column;
    return index < count && cellRect(index).contains(point) ? index : -1;
}

void MapBatch::add(const QRectF& rect, std::span<const float> values, int width, int height, const MapStyle& style,
                   int stride) {
    if (width <= 0 || height <= 0) return;
    if (stride <= 0) stride = width;
    const std::size_t needed = std::size_t(stride) * std::size_t(height - 1) + std::size_t(width);
    DrawData& data = m_list.data();
    const QRectF pixels = snapped(data.toPixels(rect.normalized()));
    if (values.size() < needed || data.isOutside(pixels)) return;
    const std::uint32_t offset = appendValues(data, values.first(needed));
    const gpu::MapItem item = itemOf(data, pixels, style, offset, width, height, stride);
    data.append(allFinite(values.first(needed)) ? DrawKind::Map : DrawKind::PatternedMap, &item, pixels);
}

void MapBatch::addGrid(const MapGrid& grid, std::span<const float> values, int width, int height,
                       const MapStyle& style) {
    if (width <= 0 || height <= 0) return;
    const std::size_t size = std::size_t(width) * std::size_t(height);
    for (int i = 0; i < grid.count && values.size() >= size; ++i, values = values.subspan(size))
        add(grid.cellRect(i), values.first(size), width, height, style);
}

void MapBatch::legend(const QRectF& rect, const ColorMap& colors) {
    DrawData& data = m_list.data();
    const QRectF pixels = snapped(data.toPixels(rect.normalized()));
    if (data.isOutside(pixels)) return;
    // The positions are shown evenly, whatever the map's power.
    std::array<QColor, ColorMap::size> stops;
    std::array<float, ColorMap::size> ramp{};
    for (std::size_t i = 0; i < ramp.size(); ++i) {
        ramp[i] = float(i) / float(ramp.size() - 1);
        stops[i] = colors.at(double(ramp[i]));
    }
    const MapStyle style{ColorMap(colors.name(), stops), 0, 1, {}};
    const gpu::MapItem item = itemOf(data, pixels, style, appendValues(data, ramp), ColorMap::size, 1, ColorMap::size);
    data.append(DrawKind::Map, &item, pixels);
}

} // namespace hs::ui
