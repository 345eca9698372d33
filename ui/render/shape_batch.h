#pragma once

#include <QColor>
#include <QPointF>
#include <QRectF>

#include <span>

namespace hs::ui {

class DrawList;

/// Radii of a box's corners in scene units. A radius of 0 is a sharp corner.
struct Corners {
    double topLeft = 0, topRight = 0, bottomRight = 0, bottomLeft = 0;

    static Corners all(double radius) { return {radius, radius, radius, radius}; }
    /// The sign of a leaf tensor: two opposite round corners, two sharp ones.
    static Corners leaf(double radius) { return {radius, 0, radius, 0}; }
};

/// Dashes in logical pixels; `on` = 0 means a solid line.
struct Dash {
    double on = 0, off = 0;
};

/// A box. The outline lies inside the rectangle. A colour that is invalid or has alpha 0 is not drawn.
struct BoxStyle {
    QColor fill = {};
    QColor outline = {};
    double outlineWidth = 1; ///< logical pixels
    Corners corners = {};
    Dash dash = {}; ///< of the outline; closed outlines stretch it a little so that it meets itself
};

/// A ring around a box: what is selected (solid), what has the keyboard focus (dotted 2-2).
struct RingStyle {
    QColor color = {};
    double width = 2; ///< logical pixels
    double gap = 2;   ///< logical pixels between the box and the ring
    Dash dash = {};
};

struct LineStyle {
    QColor color = {};
    double width = 1; ///< logical pixels
    Dash dash = {};
    bool arrow = false;     ///< a filled head at the last point; its tip is the point
    double arrowLength = 8; ///< logical pixels; the head is 0.8 of it wide
    bool snap = false;      ///< puts level and upright lines on whole device pixels, so that they are crisp
};

/// Boxes, lines and marks with analytic anti-aliasing. Positions and radii are in scene units and follow the camera;
/// widths, dashes, gaps and blurs are logical pixels and do not. What lies outside the view or the clip is dropped.
class ShapeBatch {
  public:
    /// A plain rectangle on whole device pixels: bars, backgrounds, hairlines. It is never thinner than one device
    /// pixel.
    void rect(const QRectF& rect, const QColor& color);
    void roundedRect(const QRectF& rect, const BoxStyle& style);
    /// `corners` are those of the box inside.
    void ring(const QRectF& rect, const Corners& corners, const RingStyle& style);
    void circle(QPointF center, double radius, const BoxStyle& style);

    void line(QPointF from, QPointF to, const LineStyle& style);
    void polyline(std::span<const QPointF> points, const LineStyle& style);
    /// As `polyline`, with each bend rounded by `radius` scene units (less where a leg is short). For orthogonal edges.
    void edge(std::span<const QPointF> points, double radius, const LineStyle& style);
    void closedPolyline(std::span<const QPointF> points, const LineStyle& style);

    /// A convex polygon of 3 to 8 points in either direction. The style's radii (`corners`) are not used.
    void polygon(std::span<const QPointF> points, const BoxStyle& style);
    /// The diamond that touches the middles of `rect`'s sides.
    void diamond(const QRectF& rect, const BoxStyle& style);

    /// A soft box: alpha falls from the colour's to 0 over `blur` logical pixels around the edge, half of it outside.
    void glow(const QRectF& rect, const Corners& corners, const QColor& color, double blur);

    /// One bar for each value, upwards from the bottom of `rect`; a value of `full` is as high as `rect`.
    /// `gap` is in scene units. Values that are not finite or not above 0 have no bar.
    void bars(const QRectF& rect, std::span<const float> values, float full, const QColor& color, double gap = 1);

    /// Dots of one logical pixel each `spacing` scene units over the whole view. Fades out from 100 % to 50 % zoom.
    /// Dots inside `covered` (scene units) are left out: some opaque box will lie over them, and 3,000 dots are 2 ms.
    void dotGrid(double spacing, const QColor& color, const QRectF& covered = {});

  private:
    friend class DrawList;
    explicit ShapeBatch(DrawList& list) : m_list(list) {}

    DrawList& m_list;
};

} // namespace hs::ui
