#pragma once

#include <QList>
#include <QString>

#include <functional>
#include <memory>

class QWidget;

namespace hs::ui {

class BlueprintView;
class CanvasWidget;
class GpuDevice;
class GraphView;
class PastSteps;
class Selection;
class SessionModel;
class TraceCursor;

/// The views that draw with Vulkan, as the window needs them.
struct CanvasViews {
    struct Docked {
        QString id;
        QString title;
        QWidget* widget = nullptr;
    };

    CanvasViews(SessionModel& session, Selection& selection, TraceCursor& cursor, PastSteps& past);

    BlueprintView* centre = nullptr;
    GraphView* graph = nullptr; ///< beside it
    QList<Docked> docked;       ///< for the bottom, from the left; the last one stands beside the others
    /// Hands the device (or why there is none) to all of them. Returns what the status line says of it.
    QString setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem) const;
    /// The highest rate at which one of them draws now, in frames a second.
    double framesPerSecond() const;

  private:
    QList<CanvasWidget*> canvases() const;
};

} // namespace hs::ui
