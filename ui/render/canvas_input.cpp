// What mouse and keyboard do on a canvas.
#include "ui/render/canvas_widget.h"

#include "ui/render/canvas_state.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <cmath>

namespace hs::ui {

namespace {

constexpr double keyStep = 40; // logical pixels
constexpr double keyZoom = 1.25;
constexpr double wheelZoom = 1.0015; // for an eighth of a degree; a notch is 120

} // namespace

void CanvasWidget::canvasClicked(QPointF, Qt::MouseButton, Qt::KeyboardModifiers) {}
void CanvasWidget::canvasDoubleClicked(QPointF) {}
void CanvasWidget::canvasHovered(QPointF) {}
void CanvasWidget::canvasLeft() {}

void CanvasWidget::mousePressEvent(QMouseEvent* event) {
    State& s = *m_state;
    if (s.pressed != Qt::NoButton) return;
    s.pressed = event->button();
    s.dragging = false;
    s.pressedAt = event->position();
    s.originAtPress = s.camera.origin;
    event->accept();
}

void CanvasWidget::mouseMoveEvent(QMouseEvent* event) {
    State& s = *m_state;
    if (s.pressed == Qt::NoButton) {
        canvasHovered(viewport().toScene(event->position()));
        return;
    }
    const QPointF moved = event->position() - s.pressedAt;
    if (moved.manhattanLength() >= QApplication::startDragDistance()) s.dragging = true;
    const bool pans = s.pressed == Qt::LeftButton || s.pressed == Qt::MiddleButton;
    if (s.dragging && s.hasCamera && pans) {
        setCursor(Qt::ClosedHandCursor);
        setCamera({s.originAtPress - moved / s.camera.zoom, s.camera.zoom});
    }
}

void CanvasWidget::mouseReleaseEvent(QMouseEvent* event) {
    State& s = *m_state;
    if (event->button() != s.pressed) return;
    s.pressed = Qt::NoButton;
    if (s.dragging)
        unsetCursor();
    else
        canvasClicked(viewport().toScene(event->position()), event->button(), event->modifiers());
}

void CanvasWidget::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) canvasDoubleClicked(viewport().toScene(event->position()));
}

void CanvasWidget::wheelEvent(QWheelEvent* event) {
    State& s = *m_state;
    if (!s.hasCamera || event->angleDelta().y() == 0) {
        event->ignore();
        return;
    }
    const double factor = std::pow(wheelZoom, event->angleDelta().y());
    setCamera(zoomCamera(s.camera, factor, event->position(), s.minimumZoom, s.maximumZoom));
    event->accept();
}

void CanvasWidget::keyPressEvent(QKeyEvent* event) {
    State& s = *m_state;
    const auto pan = [&](double x, double y) {
        setCamera({s.camera.origin + QPointF(x, y) / s.camera.zoom, s.camera.zoom});
    };
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const int key = s.hasCamera && plain ? event->key() : 0;
    switch (key) {
    case Qt::Key_Left:
        return pan(-keyStep, 0);
    case Qt::Key_Right:
        return pan(keyStep, 0);
    case Qt::Key_Up:
        return pan(0, -keyStep);
    case Qt::Key_Down:
        return pan(0, keyStep);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomBy(keyZoom);
    case Qt::Key_Minus:
        return zoomBy(1 / keyZoom);
    case Qt::Key_0:
        return zoomBy(1 / s.camera.zoom);
    case Qt::Key_F:
        return fit();
    default:
        QWidget::keyPressEvent(event);
    }
}

void CanvasWidget::leaveEvent(QEvent*) {
    canvasLeft();
}

} // namespace hs::ui
