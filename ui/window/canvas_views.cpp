#include "ui/window/canvas_views.h"

#include "ui/render/canvas_widget.h"
#include "ui/render/gpu_device.h"
#include "ui/views/activations_view.h"
#include "ui/views/blueprint_view.h"
#include "ui/views/gradients_view.h"
#include "ui/views/graph_view.h"
#include "ui/views/plots_view.h"
#include "ui/views/session_canvas.h"
#include "ui/views/timeline_steps.h"
#include "ui/views/timeline_view.h"

#include <QCoreApplication>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

namespace {

struct ViewText {
    Q_DECLARE_TR_FUNCTIONS(CanvasViews)
};

} // namespace

CanvasViews::CanvasViews(SessionModel& session, Selection& selection, TraceCursor& cursor, PastSteps& past)
    : centre(new BlueprintView(session, selection)), graph(new GraphView(session, selection, cursor)) {
    // The training steps stand above the events of the one that is shown.
    auto* timeline = new QWidget;
    auto* column = new QVBoxLayout(timeline);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* events = new TimelineView(session, selection, cursor);
    column->addWidget(new TimelineSteps(session, past));
    column->addWidget(events, 1);
    timeline->setFocusProxy(events);
    docked = {
        {QStringLiteral("gradients"), ViewText::tr("Gradients"), new GradientsView(session, selection)},
        {QStringLiteral("activations"), ViewText::tr("Activations"), new ActivationsView(session, selection)},
        {QStringLiteral("timeline"), ViewText::tr("Timeline"), timeline},
        {QStringLiteral("loss"), ViewText::tr("Loss and accuracy"), new PlotsView(session, selection)},
    };
    for (CanvasWidget* canvas : canvases())
        if (auto* view = qobject_cast<SessionCanvas*>(canvas)) view->setSaysTraining(false);
}

QList<CanvasWidget*> CanvasViews::canvases() const {
    QList<CanvasWidget*> all = centre->findChildren<CanvasWidget*>();
    all.append(graph->findChildren<CanvasWidget*>());
    for (const Docked& view : docked) {
        if (auto* canvas = qobject_cast<CanvasWidget*>(view.widget)) all.append(canvas);
        all.append(view.widget->findChildren<CanvasWidget*>());
    }
    return all;
}

QString CanvasViews::setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem) const {
    for (CanvasWidget* canvas : canvases())
        canvas->setDevice(device, problem);
    return device ? device->summary() : ViewText::tr("No Vulkan device");
}

double CanvasViews::framesPerSecond() const {
    double most = 0;
    for (const CanvasWidget* canvas : canvases())
        most = std::max(most, canvas->stats().framesPerSecond);
    return most;
}

} // namespace hs::ui
