#pragma once

#include <QFrame>

class QHBoxLayout;
class QToolButton;

namespace hs::ui {

class CanvasWidget;

/// Zoom out, the zoom of now (a click goes to 100 %), zoom in, show everything: lies over a canvas with a camera.
class ZoomBar : public QFrame {
    Q_OBJECT

  public:
    explicit ZoomBar(CanvasWidget& canvas, QWidget* parent = nullptr);

    /// A further button at its right.
    QToolButton* addButton(const QString& text, const QString& tip);

  private:
    QHBoxLayout* m_row;
};

} // namespace hs::ui
