#include "ui/render/camera_motion.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

void CameraMotion::start(const Camera& from, const Camera& to, QSizeF viewSize, double now) {
    m_path = Path{from, to, viewSize, now};
}

Camera CameraMotion::at(double now) {
    const Path path = *m_path;
    const double t = std::clamp((now - path.start) / duration, 0.0, 1.0);
    if (t >= 1) {
        m_path.reset();
        return path.to;
    }
    const double eased = t * t * (3 - 2 * t);
    const QPointF half(path.viewSize.width() / 2, path.viewSize.height() / 2);
    const QPointF centerFrom = path.from.origin + half / path.from.zoom,
                  centerTo = path.to.origin + half / path.to.zoom;
    const double zoom = path.from.zoom * std::pow(path.to.zoom / path.from.zoom, eased);
    return {centerFrom + (centerTo - centerFrom) * eased - half / zoom, zoom};
}

} // namespace hs::ui
