#include "ui/render/shape_batch.h"

#include "ui/render/draw_data.h"
#include "ui/render/draw_list.h"
#include "ui/render/polyline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hs::ui {

namespace {

// An outline alone is cheaper as lines than as a box from this many pixels on.
constexpr double largeOutline = 4000;
// The inside of a box is drawn as a plain rectangle from this many pixels on.
constexpr double largeFill = 4000;
// Below this size on the screen a box is a plain rectangle.
constexpr double smallBox = 3;

gpu::vec4 pixelRadii(const Corners& corners, double scale) {
    return {float(corners.topLeft * scale), float(corners.topRight * scale), float(corners.bottomRight * scale),
            float(corners.bottomLeft * scale)};
}

PixelStroke strokeOf(const QColor& color, double width, const Dash& dash, double dpr) {
    return {packed(color), float(width * dpr), float(dash.on * dpr), float(dash.off * dpr)};
}

void appendRect(DrawData& data, const QRectF& pixels, std::uint32_t color) {
    if (data.isOutside(pixels)) return;
    data.append(gpu::RectItem{toVec4(pixels), color, 0, 0, 0}, pixels);
}

double area(const QRectF& r) {
    return r.width() * r.height();
}

/// A large box is drawn as four strips with its edge and a plain rectangle: the distance to the edge, which each pixel
/// of a box computes, is not needed there.
void appendBox(DrawData& data, const QRectF& box, gpu::BoxItem item) {
    const float border = std::max({item.radii.x, item.radii.y, item.radii.z, item.radii.w, item.outlineWidth}) + 1;
    const QRectF inner = box.adjusted(std::ceil(border), std::ceil(border), -std::ceil(border), -std::ceil(border));
    if (inner.width() <= 0 || inner.height() <= 0 || area(inner) < largeFill) {
        item.part = toVec4(box);
        data.append(DrawKind::Box, &item, box);
        return;
    }
    const QRectF top(box.topLeft(), QPointF(box.right(), inner.top()));
    const QRectF bottom(QPointF(box.left(), inner.bottom()), box.bottomRight());
    const QRectF left(QPointF(box.left(), inner.top()), inner.bottomLeft());
    const QRectF right(inner.topRight(), QPointF(box.right(), inner.bottom()));
    for (const QRectF& part : {top, bottom, left, right}) {
        if (data.isOutside(part)) continue;
        item.part = toVec4(part);
        data.append(DrawKind::Box, &item, part);
    }
    if (item.fill >> 24 != 0) appendRect(data, inner, item.fill);
}

/// `box` is the outer edge of the outline, in pixels.
void appendOutline(DrawData& data, const QRectF& box, const gpu::vec4& radii, const PixelStroke& stroke) {
    const double inset = stroke.width / 2;
    const auto inner = [&](float r) { return std::max(0.0, double(r) - inset); };
    const std::vector<QPointF> path = roundedPath(box.adjusted(inset, inset, -inset, -inset),
                                                  {inner(radii.x), inner(radii.y), inner(radii.z), inner(radii.w)});
    appendPolyline(data, path, true, stroke);
}

} // namespace

void ShapeBatch::rect(const QRectF& rect, const QColor& color) {
    if (isSeen(color)) appendRect(m_list.data(), snapped(m_list.data().toPixels(rect.normalized())), packed(color));
}

void ShapeBatch::roundedRect(const QRectF& rect, const BoxStyle& style) {
    DrawData& data = m_list.data();
    const QRectF exact = data.toPixels(rect.normalized());
    if (data.isOutside(exact)) return;
    const QRectF box = snapped(exact);
    const bool hasFill = isSeen(style.fill), hasOutline = isSeen(style.outline) && style.outlineWidth > 0;
    if (box.width() < smallBox || box.height() < smallBox) {
        const QColor& color = hasOutline ? style.outline : style.fill;
        if (isSeen(color)) appendRect(data, box, packed(color));
        return;
    }

    const double dpr = data.viewport.dpr;
    const gpu::vec4 radii = pixelRadii(style.corners, data.scale());
    const bool asLines = hasOutline && (style.dash.on > 0 || (!hasFill && area(box) > largeOutline));
    const bool outlined = hasOutline && !asLines;
    if (hasFill || outlined) {
        appendBox(data, box,
                  {toVec4(box),
                   radii,
                   {},
                   packed(style.fill),
                   outlined ? packed(style.outline) : 0,
                   outlined ? float(style.outlineWidth * dpr) : 0.0f,
                   0});
    }
    if (asLines) appendOutline(data, box, radii, strokeOf(style.outline, style.outlineWidth, style.dash, dpr));
}

void ShapeBatch::ring(const QRectF& rect, const Corners& corners, const RingStyle& style) {
    DrawData& data = m_list.data();
    if (!isSeen(style.color)) return;
    const double dpr = data.viewport.dpr, grow = (style.gap + style.width) * dpr;
    const QRectF outer = snapped(data.toPixels(rect.normalized())).adjusted(-grow, -grow, grow, grow);
    if (data.isOutside(outer)) return;
    gpu::vec4 radii = pixelRadii(corners, data.scale());
    for (float* r : {&radii.x, &radii.y, &radii.z, &radii.w}) {
        if (*r > 0) *r += float(grow);
    }
    appendOutline(data, outer, radii, strokeOf(style.color, style.width, style.dash, dpr));
}

void ShapeBatch::circle(QPointF center, double radius, const BoxStyle& style) {
    DrawData& data = m_list.data();
    const QRectF box = data.toPixels(QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius));
    const QRectF whole = box.adjusted(-1, -1, 1, 1);
    if (data.isOutside(whole)) return;
    const auto r = float(box.width() / 2);
    const bool hasOutline = isSeen(style.outline);
    const gpu::BoxItem item{toVec4(box),
                            {r, r, r, r},
                            toVec4(whole),
                            packed(style.fill),
                            hasOutline ? packed(style.outline) : 0,
                            hasOutline ? float(style.outlineWidth * data.viewport.dpr) : 0.0f,
                            0};
    data.append(DrawKind::Box, &item, whole);
}

void ShapeBatch::line(QPointF from, QPointF to, const LineStyle& style) {
    polyline(std::array{from, to}, style);
}

void ShapeBatch::polyline(std::span<const QPointF> points, const LineStyle& style) {
    edge(points, 0, style);
}

void ShapeBatch::edge(std::span<const QPointF> points, double radius, const LineStyle& style) {
    if (points.size() < 2 || !isSeen(style.color)) return;
    DrawData& data = m_list.data();
    const double dpr = data.viewport.dpr;
    std::vector<QPointF> path;
    path.reserve(points.size());
    for (QPointF p : points)
        path.push_back(data.toPixels(p));
    if (style.snap) snapPath(path, style.width * dpr);
    if (style.arrow) {
        const std::array<QPointF, 3> head = cutArrow(path, style.arrowLength * dpr);
        appendPolygon(data, head, packed(style.color), 0, 0);
    }
    if (radius > 0) path = roundedBends(path, radius * data.scale());
    appendPolyline(data, path, false, strokeOf(style.color, style.width, style.dash, dpr));
}

void ShapeBatch::closedPolyline(std::span<const QPointF> points, const LineStyle& style) {
    if (points.size() < 3 || !isSeen(style.color)) return;
    DrawData& data = m_list.data();
    std::vector<QPointF> path;
    path.reserve(points.size());
    for (QPointF p : points)
        path.push_back(data.toPixels(p));
    if (style.snap) snapPath(path, style.width * data.viewport.dpr);
    appendPolyline(data, path, true, strokeOf(style.color, style.width, style.dash, data.viewport.dpr));
}

void ShapeBatch::polygon(std::span<const QPointF> points, const BoxStyle& style) {
    if (points.size() < 3 || points.size() > 8) return;
    DrawData& data = m_list.data();
    std::array<QPointF, 8> pixels;
    std::transform(points.begin(), points.end(), pixels.begin(), [&](QPointF p) { return data.toPixels(p); });
    const std::span<const QPointF> used(pixels.data(), points.size());
    const double dpr = data.viewport.dpr;
    const bool hasOutline = isSeen(style.outline) && style.outlineWidth > 0, dashed = hasOutline && style.dash.on > 0;
    appendPolygon(data, used, packed(style.fill), hasOutline && !dashed ? packed(style.outline) : 0,
                  hasOutline && !dashed ? float(style.outlineWidth * dpr) : 0.0f);
    if (dashed) appendPolyline(data, used, true, strokeOf(style.outline, style.outlineWidth, style.dash, dpr));
}

void ShapeBatch::diamond(const QRectF& rect, const BoxStyle& style) {
    const QPointF c = rect.center();
    polygon(std::array{QPointF(c.x(), rect.top()), QPointF(rect.right(), c.y()), QPointF(c.x(), rect.bottom()),
                       QPointF(rect.left(), c.y())},
            style);
}

void ShapeBatch::glow(const QRectF& rect, const Corners& corners, const QColor& color, double blur) {
    DrawData& data = m_list.data();
    if (!isSeen(color)) return;
    const double reach = std::max(blur * data.viewport.dpr, 1.0);
    const QRectF box = data.toPixels(rect.normalized());
    if (data.isOutside(box.adjusted(-reach, -reach, reach, reach))) return;
    const QRectF whole = box.adjusted(-reach, -reach, reach, reach);
    const gpu::BoxItem item{
        toVec4(box), pixelRadii(corners, data.scale()), toVec4(whole), packed(color), 0, float(reach), 0};
    data.append(DrawKind::Glow, &item, whole);
}

void ShapeBatch::bars(const QRectF& rect, std::span<const float> values, float full, const QColor& color, double gap) {
    if (values.empty() || !(full > 0) || !isSeen(color)) return;
    DrawData& data = m_list.data();
    const double step = (rect.width() + gap) / double(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double height = std::min(double(values[i]) / full, 1.0) * rect.height();
        if (!(height > 0)) continue; // NaN too
        const QRectF bar(rect.left() + step * double(i), rect.bottom() - height, std::max(step - gap, 0.0), height);
        appendRect(data, snapped(data.toPixels(bar)), packed(color));
    }
}

void ShapeBatch::dotGrid(double spacing, const QColor& color, const QRectF& covered) {
    DrawData& data = m_list.data();
    const double zoom = data.viewport.camera.zoom, fade = std::clamp(2 * zoom - 1, 0.0, 1.0);
    if (fade <= 0 || !isSeen(color) || spacing * zoom < 4) return;
    QColor faded = color;
    faded.setAlphaF(float(color.alphaF() * fade));
    const QRectF seen = data.viewport.visibleScene();
    const double size = std::max(1.0, std::round(data.viewport.dpr));
    for (double y = std::ceil(seen.top() / spacing) * spacing; y < seen.bottom(); y += spacing) {
        for (double x = std::ceil(seen.left() / spacing) * spacing; x < seen.right(); x += spacing) {
            if (covered.contains(x, y)) continue;
            const QPointF p = data.toPixels(QPointF(x, y));
            appendRect(data, QRectF(std::floor(p.x()), std::floor(p.y()), size, size), packed(faded));
        }
    }
}

} // namespace hs::ui
