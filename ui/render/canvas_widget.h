#pragma once

#include "ui/render/frame_stats.h"
#include "ui/render/scene.h"

#include <QRectF>
#include <QString>
#include <QWidget>

#include <memory>

namespace hs::ui {

class GpuDevice;

/// The one base of all canvases: a plain widget whose content is drawn by Vulkan offscreen, read back and painted. It
/// draws on demand only. Implement `prepareScene`, `background` and, for text, `paintOverlay`; call `requestFrame()`
/// whenever something that is drawn has changed.
///
/// With a camera (setCameraEnabled): drag with the left or the middle button or the arrow keys pan, the wheel and + and
/// - zoom, 0 goes to 100 %, F shows everything. A press and release without a drag is `canvasClicked`.
class CanvasWidget : public QWidget, public Scene {
    Q_OBJECT

  public:
    explicit CanvasWidget(QWidget* parent = nullptr);
    ~CanvasWidget() override;

    /// Without a device the canvas shows `problem` in a strip at its top; the overlay is painted all the same.
    void setDevice(std::shared_ptr<GpuDevice> device, const QString& problem = {});
    const std::shared_ptr<GpuDevice>& device() const;

    /// Draws as soon as it may: requests are joined while a frame is under way, at most about 60 frames a second.
    /// A hidden canvas remembers the request until it is shown.
    void requestFrame();

    const Camera& camera() const;
    /// Ends a fit that follows the content.
    void setCamera(const Camera& camera);
    /// Moves there in 220 ms, or at once with reduced motion.
    void moveCamera(const Camera& target);
    /// Shows `contentBounds()` whole and keeps doing so when the widget is resized, until the camera is moved.
    void fit();
    void zoomBy(double factor);
    void setCameraEnabled(bool enabled);
    void setZoomRange(double minimum, double maximum);
    void setReducedMotion(bool reduced);

    /// The viewport of now: for input. What is painted has the one given to `paintOverlay`.
    Viewport viewport() const;

    FrameStats stats() const;
    void resetStats();

  signals:
    void cameraChanged(const hs::ui::Camera& camera);
    /// A new picture has been painted.
    void frameShown();

  protected:
    /// What `fit()` shows, in scene units.
    virtual QRectF contentBounds() const;
    /// A click without a drag. `scene` is where; `modifiers` as in QMouseEvent.
    virtual void canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers modifiers);
    virtual void canvasDoubleClicked(QPointF scene);
    /// The mouse is over `scene` and no button is down. Mouse tracking is on.
    virtual void canvasHovered(QPointF scene);
    virtual void canvasLeft();

    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

  private:
    struct State;
    void startFrame();
    /// Empty, or why it was refused.
    QString submitFrame();
    /// The next frame would be the picture that is there already; its overlay may differ.
    bool isShown() const;
    void finishFrame(quint64 serial, bool ok);
    void showFrame();
    void paintProblem(QPainter& painter) const;
    bool stepMotion();
    void applyCamera(const Camera& camera);

    std::unique_ptr<State> m_state;
};

} // namespace hs::ui
