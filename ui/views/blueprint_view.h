#pragma once

#include <QWidget>

#include <memory>

class QSpinBox;

namespace hs::ui {

class BlueprintCanvas;
class GpuDevice;
class Selection;
class SessionModel;
class ZoomBar;

/// The model as boxes in columns, with what flows between them: the centre of the window. A canvas with a sample
/// picker at its top and a zoom bar at its bottom.
class BlueprintView : public QWidget {
    Q_OBJECT

  public:
    BlueprintView(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    void setDevice(std::shared_ptr<GpuDevice> device, const QString& problem = {});
    BlueprintCanvas& canvas() const { return *m_canvas; }

  signals:
    /// The maps of a module are wanted (Enter, double click); it is selected already.
    void openRequested(const QString& path);

  protected:
    void resizeEvent(QResizeEvent* event) override;

  private:
    void place();
    void setSamples(int count);

    Selection& m_selection;
    BlueprintCanvas* m_canvas;
    QWidget* m_picker;
    QSpinBox* m_sample;
    ZoomBar* m_zoomBar;
    int m_samples = 0;      ///< in the batch
    bool m_drawable = true; ///< false once there turned out to be no device
};

} // namespace hs::ui
