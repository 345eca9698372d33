#include "ui/render/polyline.h"

#include "ui/render/draw_data.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hs::ui {

namespace {

double lengthOf(QPointF v) {
    return std::hypot(v.x(), v.y());
}

/// Straight pieces for a quarter of a circle, so that they stay within a tenth of a pixel of it.
int arcPieces(double radius) {
    constexpr double tolerance = 0.1;
    if (radius < 0.5) return 1;
    const double angle = 2 * std::acos(1 - std::min(tolerance / radius, 1.0));
    return std::clamp(int(std::ceil(std::numbers::pi / 2 / angle)), 2, 32);
}

/// From `corner` - a to `corner` + b, tangent to both legs; a and b are vectors along the path.
void appendArc(std::vector<QPointF>& path, QPointF corner, QPointF a, QPointF b) {
    const QPointF center = corner - a + b;
    const int pieces = arcPieces(std::max(lengthOf(a), lengthOf(b)));
    for (int i = 0; i <= pieces; ++i) {
        const double t = std::numbers::pi / 2 * i / pieces;
        path.push_back(center - b * std::cos(t) + a * std::sin(t));
    }
}

bool isFinite(QPointF p) {
    return std::isfinite(p.x()) && std::isfinite(p.y());
}

/// Without points that repeat and those that are nowhere; the distance of each to the start beside it.
void clean(std::span<const QPointF> points, bool closed, std::vector<QPointF>& path) {
    constexpr double tiny = 1e-3;
    for (QPointF p : points) {
        if (isFinite(p) && (path.empty() || lengthOf(p - path.back()) > tiny)) path.push_back(p);
    }
    while (closed && path.size() > 1 && lengthOf(path.back() - path.front()) <= tiny)
        path.pop_back();
}

} // namespace

void appendPolyline(DrawData& data, std::span<const QPointF> points, bool closed, const PixelStroke& stroke) {
    std::vector<QPointF> path;
    path.reserve(points.size());
    clean(points, closed, path);
    const std::size_t count = path.size();
    if (count < 2 || stroke.width <= 0) return;

    float on = stroke.on, off = stroke.off;
    if (closed && on > 0) {
        double total = 0;
        for (std::size_t i = 0; i < count; ++i)
            total += lengthOf(path[(i + 1) % count] - path[i]);
        const double dashes = std::max(1.0, std::round(total / (on + off)));
        const auto stretch = float(total / (dashes * (on + off)));
        on *= stretch;
        off *= stretch;
    }

    double start = 0;
    const double reach = stroke.width / 2 + 1;
    const std::size_t segments = closed ? count : count - 1;
    for (std::size_t i = 0; i < segments; ++i) {
        const QPointF from = path[i], to = path[(i + 1) % count];
        const bool joinedAtStart = closed || i > 0, joinedAtEnd = closed || i + 2 < count;
        const QPointF before = joinedAtStart ? path[(i + count - 1) % count] : from;
        const QPointF after = joinedAtEnd ? path[(i + 2) % count] : to;
        const QRectF bounds = QRectF(from, to).normalized().adjusted(-reach, -reach, reach, reach);
        if (!data.isOutside(bounds)) {
            data.append(gpu::LineItem{{float(from.x()), float(from.y()), float(to.x()), float(to.y())},
                                      {float(before.x()), float(before.y()), float(after.x()), float(after.y())},
                                      float(start),
                                      stroke.width / 2,
                                      on,
                                      off,
                                      stroke.color,
                                      (joinedAtStart ? 1u : 0u) | (joinedAtEnd ? 2u : 0u),
                                      0,
                                      0},
                        bounds);
        }
        start += lengthOf(to - from);
        // The dash's position stays small, where a float is exact.
        if (on > 0) start = std::fmod(start, double(on + off));
    }
}

void appendPolygon(DrawData& data, std::span<const QPointF> points, std::uint32_t fill, std::uint32_t outline,
                   float outlineWidth) {
    QPointF low = points[0], high = low;
    double area = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF p = points[i], q = points[(i + 1) % points.size()];
        if (!isFinite(p)) return;
        low = {std::min(low.x(), p.x()), std::min(low.y(), p.y())};
        high = {std::max(high.x(), p.x()), std::max(high.y(), p.y())};
        area += p.x() * q.y() - q.x() * p.y();
    }
    const QRectF bounds = QRectF(low, high).adjusted(-1, -1, 1, 1);
    if (data.isOutside(bounds)) return;
    // Clockwise on the screen, y downwards, has a positive area.
    const auto corner = [&](std::size_t i) {
        const std::size_t at = std::min(i, points.size() - 1);
        return points[area >= 0 ? at : points.size() - 1 - at];
    };
    const auto pair = [&](std::size_t i) {
        const QPointF a = corner(i), b = corner(i + 1);
        return gpu::vec4{float(a.x()), float(a.y()), float(b.x()), float(b.y())};
    };
    data.append(gpu::PolygonItem{pair(0), pair(2), pair(4), pair(6), fill, outline, outlineWidth, 0}, bounds);
}

std::vector<QPointF> roundedPath(const QRectF& box, const std::array<double, 4>& radii) {
    const double largest = std::min(box.width(), box.height()) / 2;
    const std::array corners{box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()};
    const std::array<QPointF, 4> incoming{QPointF(0, -1), QPointF(1, 0), QPointF(0, 1), QPointF(-1, 0)};
    std::vector<QPointF> path;
    for (std::size_t i = 0; i < 4; ++i) {
        const double radius = std::clamp(radii[i], 0.0, std::max(largest, 0.0));
        if (radius < 0.5)
            path.push_back(corners[i]);
        else
            appendArc(path, corners[i], incoming[i] * radius, incoming[(i + 1) % 4] * radius);
    }
    return path;
}

std::vector<QPointF> roundedBends(std::span<const QPointF> points, double radius) {
    if (points.size() < 3) return {points.begin(), points.end()};
    std::vector<QPointF> path{points.front()};
    for (std::size_t i = 1; i + 1 < points.size(); ++i) {
        const QPointF in = points[i] - points[i - 1], out = points[i + 1] - points[i];
        const double lengthIn = lengthOf(in), lengthOut = lengthOf(out);
        const double r = std::min({radius, lengthIn / 2, lengthOut / 2});
        if (r < 0.5)
            path.push_back(points[i]);
        else
            appendArc(path, points[i], in * (r / lengthIn), out * (r / lengthOut));
    }
    path.push_back(points.back());
    return path;
}

void snapPath(std::vector<QPointF>& points, double width) {
    const bool odd = std::max(1L, std::lround(width)) % 2 == 1;
    const auto snap = [odd](double v) { return odd ? std::floor(v) + 0.5 : std::round(v); };
    for (QPointF& p : points)
        p = {snap(p.x()), snap(p.y())};
}

std::array<QPointF, 3> cutArrow(std::vector<QPointF>& points, double length) {
    const QPointF tip = points.back();
    QPointF direction;
    for (std::size_t i = points.size() - 1; i-- > 0;) {
        direction = tip - points[i];
        if (lengthOf(direction) > 1e-3) break;
    }
    const double size = lengthOf(direction);
    if (size <= 1e-3) return {tip, tip, tip};
    direction /= size;
    const QPointF across(-direction.y(), direction.x());
    const QPointF base = tip - direction * length;
    // The line ends inside the head, where the head is wider than any line that has one.
    points.back() = tip - direction * std::min(0.7 * length, lengthOf(tip - points[points.size() - 2]));
    return {tip, base + across * (0.4 * length), base - across * (0.4 * length)};
}

} // namespace hs::ui
