#pragma once

#include <QPointF>
#include <QRectF>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace hs::ui {

struct DrawData;

/// Lengths in device pixels; on = 0: solid.
struct PixelStroke {
    std::uint32_t color;
    float width;
    float on, off;
};

/// Appends one item a segment. All points are device pixels. What lies outside the clip is dropped.
void appendPolyline(DrawData& data, std::span<const QPointF> points, bool closed, const PixelStroke& stroke);

/// Appends a convex polygon of 3 to 8 corners.
void appendPolygon(DrawData& data, std::span<const QPointF> points, std::uint32_t fill, std::uint32_t outline,
                   float outlineWidth);

/// The edge of a box with round corners (top left, top right, bottom right, bottom left), clockwise, without its end.
std::vector<QPointF> roundedPath(const QRectF& box, const std::array<double, 4>& radii);

/// The path with each inner point replaced by an arc that begins `radius` before it, or at the middle of a short leg.
std::vector<QPointF> roundedBends(std::span<const QPointF> points, double radius);

/// Moves the points so that level and upright lines of `width` cover whole pixels.
void snapPath(std::vector<QPointF>& points, double width);

/// The head of an arrow at the path's end; the path is shortened to end inside it.
std::array<QPointF, 3> cutArrow(std::vector<QPointF>& points, double length);

} // namespace hs::ui
