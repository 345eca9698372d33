#pragma once

#include <QWidget>

#include <memory>

class QLabel;
class QScrollBar;
class QToolButton;

namespace hs::ui {

class GpuDevice;
class GradientsCanvas;
class Selection;
class SessionModel;

/// Gradient histograms: for each parameter a ridge of the last steps, and the norms of all layers beside them.
class GradientsView : public QWidget {
    Q_OBJECT

  public:
    GradientsView(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    void setDevice(std::shared_ptr<GpuDevice> device, const QString& problem = {});
    GradientsCanvas& canvas() const { return *m_canvas; }

  private:
    void updateScroll();
    void updateTitle();

    GradientsCanvas* m_canvas;
    QToolButton* m_weights;
    QToolButton* m_all;
    QLabel* m_title;
    QScrollBar* m_scroll;
};

} // namespace hs::ui
