#include "ui/render/viewport.h"

#include "ui/render/scene.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

void Scene::paintOverlay(QPainter&, const Viewport&) {}

QPointF Viewport::toView(QPointF scene) const {
    return (scene - camera.origin) * camera.zoom;
}

QRectF Viewport::toView(const QRectF& scene) const {
    return {toView(scene.topLeft()), scene.size() * camera.zoom};
}

QPointF Viewport::toScene(QPointF view) const {
    return view / camera.zoom + camera.origin;
}

QRectF Viewport::toScene(const QRectF& view) const {
    return {toScene(view.topLeft()), view.size() / camera.zoom};
}

QRectF Viewport::visibleScene() const {
    return toScene(QRectF(QPointF(0, 0), size));
}

QSize Viewport::pixels() const {
    return {std::max(1, int(std::lround(size.width() * dpr))), std::max(1, int(std::lround(size.height() * dpr)))};
}

Camera fitCamera(const QRectF& content, QSizeF size, double margin, double minimum, double maximum) {
    if (content.isEmpty()) return {};
    const double width = std::max(size.width() - 2 * margin, 1.0), height = std::max(size.height() - 2 * margin, 1.0);
    const double zoom = std::clamp(std::min(width / content.width(), height / content.height()), minimum, maximum);
    return {content.center() - QPointF(size.width(), size.height()) / (2 * zoom), zoom};
}

Camera zoomCamera(const Camera& camera, double factor, QPointF anchor, double minimum, double maximum) {
    const double zoom = std::clamp(camera.zoom * factor, minimum, maximum);
    return {camera.origin + anchor / camera.zoom - anchor / zoom, zoom};
}

} // namespace hs::ui
