#pragma once

#include <QImage>
#include <QString>

#include <memory>

namespace hs::ui {

class CanvasWidget;
class GpuDevice;
class Scene;
struct Viewport;

/// Draws a scene and its overlay to a picture and waits for it: tests, --screenshot, golden pictures. The drawing is
/// the window's own; only the waiting differs.
class OffscreenRenderer {
  public:
    explicit OffscreenRenderer(std::shared_ptr<GpuDevice> device);
    ~OffscreenRenderer();

    /// A null image and a sentence in `problem` when it cannot.
    QImage render(Scene& scene, const Viewport& view, QString* problem = nullptr);

    /// The canvas as it would be shown now, with its own size and camera; `dpr` 0 takes the widget's. It need not be
    /// shown.
    QImage render(CanvasWidget& canvas, double dpr = 0, QString* problem = nullptr);

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace hs::ui
