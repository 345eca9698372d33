#pragma once

#include "ui/render/camera_motion.h"
#include "ui/render/canvas_widget.h"
#include "ui/render/draw_list.h"
#include "ui/render/frame_clock.h"
#include "ui/render/gpu_device.h"
#include "ui/render/render_target.h"

#include <QPointer>
#include <QTimer>

#include <mutex>

namespace hs::ui {

/// How the waiting thread reaches a canvas that may be gone by then.
struct CanvasMailbox {
    std::mutex mutex;
    CanvasWidget* canvas = nullptr;
};

struct CanvasWidget::State {
    std::shared_ptr<GpuDevice> device; // before the targets: it must outlive them
    QString problem;
    std::shared_ptr<RenderTarget> front, back;
    Viewport frontView, backView;
    std::unique_ptr<DrawList> list = std::make_unique<DrawList>(Viewport{});      // of the next frame
    std::unique_ptr<DrawList> drawnList = std::make_unique<DrawList>(Viewport{}); // of the last one submitted
    QColor drawnBackground;
    std::shared_ptr<CanvasMailbox> mailbox = std::make_shared<CanvasMailbox>();
    quint64 serial = 0; // of the device that was set: pictures of an older one are dropped
    bool inFlight = false;
    bool dirty = false;
    bool announce = false; // a picture that has not been painted yet
    double startedAt = -1000;
    QTimer timer;
    FrameClock clock;

    Camera camera;
    CameraMotion motion;
    bool hasCamera = false;
    bool followsContent = false;
    bool reducedMotion = false;
    double minimumZoom = 0.05, maximumZoom = 16;

    Qt::MouseButton pressed = Qt::NoButton;
    bool dragging = false;
    QPointF pressedAt;
    QPointF originAtPress;
};

} // namespace hs::ui
