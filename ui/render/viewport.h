#pragma once

#include <QPointF>
#include <QRectF>
#include <QSize>
#include <QSizeF>

namespace hs::ui {

/// Where a view looks. The default shows scene units as logical pixels from the top left corner, which is what plots
/// and lists want; graphs pan and zoom.
struct Camera {
    QPointF origin;    ///< the scene point at the view's top left corner
    double zoom = 1.0; ///< logical pixels for one scene unit

    bool operator==(const Camera&) const = default;
};

/// A camera, the size of the view in logical pixels, and how many device pixels one logical pixel has.
/// Spaces: scene (the caller's units), view (logical pixels, origin top left), device pixels (view times dpr).
struct Viewport {
    QSizeF size;
    double dpr = 1.0;
    Camera camera;

    QPointF toView(QPointF scene) const;
    QRectF toView(const QRectF& scene) const;
    QPointF toScene(QPointF view) const;
    QRectF toScene(const QRectF& view) const;

    /// The part of the scene that is seen.
    QRectF visibleScene() const;

    /// Size in device pixels, at least 1x1.
    QSize pixels() const;
};

/// The camera that shows `content` whole and centred in a view of `size` logical pixels, `margin` logical pixels from
/// its edges, with the zoom within [minimum, maximum]. Empty content gives the default camera.
Camera fitCamera(const QRectF& content, QSizeF size, double margin, double minimum, double maximum);

/// Changes the zoom by `factor`, within [minimum, maximum], and keeps the scene point under `anchor` (in view space).
Camera zoomCamera(const Camera& camera, double factor, QPointF anchor, double minimum, double maximum);

} // namespace hs::ui
