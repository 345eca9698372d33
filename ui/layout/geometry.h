#pragma once

#include <algorithm>

namespace hs::ui {

/// A point of a layout, in scene units: logical pixels at 100 % zoom, y downwards.
struct Point {
    double x = 0, y = 0;

    bool operator==(const Point&) const = default;
};

/// An upright rectangle of a layout, in scene units.
struct Rect {
    double x = 0, y = 0, width = 0, height = 0;

    double right() const { return x + width; }
    double bottom() const { return y + height; }
    Point center() const { return {x + width / 2, y + height / 2}; }
    bool empty() const { return width <= 0 || height <= 0; }
    bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
    bool contains(const Rect& r) const {
        return r.x >= x && r.right() <= right() && r.y >= y && r.bottom() <= bottom();
    }
    bool overlaps(const Rect& r) const { return x < r.right() && r.x < right() && y < r.bottom() && r.y < bottom(); }
    Rect united(const Rect& r) const {
        if (empty()) return r;
        if (r.empty()) return *this;
        const double left = std::min(x, r.x);
        const double top = std::min(y, r.y);
        return {left, top, std::max(right(), r.right()) - left, std::max(bottom(), r.bottom()) - top};
    }

    bool operator==(const Rect&) const = default;
};

} // namespace hs::ui
