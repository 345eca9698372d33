#pragma once

#include "shaders/types.h"
#include "ui/render/color_map.h"
#include "ui/render/viewport.h"

#include <QColor>
#include <QRect>

#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <vector>

namespace hs::ui {

/// One pipeline each, in the order of the pipelines.
enum class DrawKind : std::uint8_t { Rect, Box, Glow, Line, Polygon, Map, PatternedMap, Ridge };
constexpr std::size_t drawKinds = 8;

constexpr DrawKind kindOf(const gpu::RectItem&) {
    return DrawKind::Rect;
}
constexpr DrawKind kindOf(const gpu::LineItem&) {
    return DrawKind::Line;
}
constexpr DrawKind kindOf(const gpu::PolygonItem&) {
    return DrawKind::Polygon;
}
constexpr DrawKind kindOf(const gpu::RidgeItem&) {
    return DrawKind::Ridge;
}

std::size_t itemSize(DrawKind kind);

/// Neighbouring instances of one kind.
struct DrawRun {
    DrawKind kind;
    int layer;
    QRect clip; ///< device pixels
    std::uint32_t first, count;
    QRectF bounds; ///< of what it draws, device pixels

    bool operator==(const DrawRun&) const = default;
};

/// The content of a DrawList: what the batches append to and the render target uploads.
struct DrawData {
    Viewport viewport;
    std::array<std::vector<std::byte>, drawKinds> items;
    std::vector<std::uint32_t> words; ///< numbers of maps and ridges, colour tables
    std::vector<DrawRun> runs;
    std::vector<QRect> clips; ///< never empty: the whole view is first
    int layer = 0;
    bool fixed = false;

    void reset(const Viewport& view);

    /// True if it would give the same picture.
    bool isSameDrawing(const DrawData& other) const;

    /// Scene (or, while fixed, view) coordinates to device pixels.
    QPointF toPixels(QPointF p) const;
    QRectF toPixels(const QRectF& r) const;
    /// Factor from scene lengths to device pixels.
    double scale() const { return fixed ? viewport.dpr : viewport.camera.zoom * viewport.dpr; }
    bool isOutside(const QRectF& pixels) const;

    /// Runs in the order in which they are painted.
    std::vector<DrawRun> sortedRuns() const;

    /// `bounds`: the pixels it touches. It joins an earlier run of its kind where nothing drawn since lies under it.
    template <typename Item>
    void append(const Item& item, const QRectF& bounds) {
        append(kindOf(item), &item, bounds);
    }
    void append(DrawKind kind, const void* item, const QRectF& bounds);

    /// Where the map's lookup table begins in `words`; each map is written once a frame.
    std::uint32_t tableOffset(const ColorMap& colors);

  private:
    std::map<const void*, std::uint32_t> m_tables;
    std::vector<ColorMap> m_held; ///< so that no other map gets an address of m_tables
};

/// Red in the lowest byte, alpha not multiplied in. An invalid colour is transparent.
std::uint32_t packed(const QColor& color);

inline bool isSeen(const QColor& color) {
    return color.isValid() && color.alpha() > 0;
}

/// The same rectangle with its edges on whole pixels, at least one pixel wide and high.
QRectF snapped(const QRectF& pixels);

inline gpu::vec4 toVec4(const QRectF& r) {
    return {float(r.x()), float(r.y()), float(r.width()), float(r.height())};
}

} // namespace hs::ui
