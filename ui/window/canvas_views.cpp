#include "ui/window/canvas_views.h"

#include "ui/render/canvas_widget.h"
#include "ui/render/gpu_device.h"

#include <QWidget>

#include <algorithm>

namespace hs::ui {

CanvasViews::CanvasViews(SessionModel&, Selection&) : centre(new QWidget) {}

QString CanvasViews::setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem) const {
    return device ? device->summary() : problem;
}

double CanvasViews::framesPerSecond() const {
    double most = 0;
    for (const CanvasWidget* canvas : centre->findChildren<CanvasWidget*>())
        most = std::max(most, canvas->stats().framesPerSecond);
    return most;
}

} // namespace hs::ui
