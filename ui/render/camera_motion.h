#pragma once

#include "ui/render/viewport.h"

#include <optional>

namespace hs::ui {

/// A camera on its way: 220 ms, ease-in-out; the zoom changes by equal factors in equal times.
class CameraMotion {
  public:
    static constexpr double duration = 220; // ms

    void start(const Camera& from, const Camera& to, QSizeF viewSize, double now);
    void stop() { m_path.reset(); }
    bool isMoving() const { return m_path.has_value(); }
    /// Where the camera is at `now`; at the end exactly the target, and the motion stops.
    Camera at(double now);

  private:
    struct Path {
        Camera from, to;
        QSizeF viewSize;
        double start;
    };
    std::optional<Path> m_path;
};

} // namespace hs::ui
