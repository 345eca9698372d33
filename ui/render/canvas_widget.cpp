#include "ui/render/canvas_widget.h"

#include "ui/render/canvas_state.h"
#include "ui/render/draw_data.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace hs::ui {

namespace {

constexpr double frameInterval = 16; // ms: about 60 frames a second
constexpr double fitMargin = 24;     // logical pixels

} // namespace

CanvasWidget::CanvasWidget(QWidget* parent) : QWidget(parent), m_state(std::make_unique<State>()) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    m_state->mailbox->canvas = this;
    m_state->timer.setSingleShot(true);
    m_state->timer.setTimerType(Qt::PreciseTimer);
    connect(&m_state->timer, &QTimer::timeout, this, [this] { startFrame(); });
}

CanvasWidget::~CanvasWidget() {
    const std::lock_guard lock(m_state->mailbox->mutex);
    m_state->mailbox->canvas = nullptr;
}

void CanvasWidget::setDevice(std::shared_ptr<GpuDevice> device, const QString& problem) {
    State& s = *m_state;
    ++s.serial;
    s.inFlight = false;
    s.front.reset();
    s.back.reset();
    s.drawnBackground = {};
    s.device = std::move(device);
    s.problem = s.device ? QString() : problem;
    requestFrame();
    update();
}

const std::shared_ptr<GpuDevice>& CanvasWidget::device() const {
    return m_state->device;
}

Viewport CanvasWidget::viewport() const {
    return {QSizeF(size()), devicePixelRatioF(), m_state->camera};
}

void CanvasWidget::requestFrame() {
    State& s = *m_state;
    s.dirty = true;
    if (!s.device) {
        update(); // the overlay is all there is
        return;
    }
    if (s.inFlight || s.timer.isActive() || !isVisible() || visibleRegion().isEmpty()) return;
    const double wait = s.startedAt + frameInterval - s.clock.now();
    s.timer.start(wait > 0 ? int(std::ceil(wait)) : 0);
}

void CanvasWidget::startFrame() {
    State& s = *m_state;
    if (!s.device || s.inFlight || !isVisible() || size().isEmpty()) return;
    s.startedAt = s.clock.now();
    s.dirty = false;
    const bool moving = stepMotion();
    s.backView = viewport();
    s.list->reset(s.backView);
    prepareScene(s.backView, *s.list);
    if (isShown()) {
        s.frontView = s.backView;
        showFrame();
    } else {
        const QString reason = submitFrame();
        if (!reason.isEmpty()) {
            s.problem = tr("This view cannot be drawn: %1.").arg(reason);
            update();
        }
    }
    s.clock.addPause(s.clock.now() - s.startedAt);
    if (moving || (s.dirty && !s.inFlight)) requestFrame();
}

bool CanvasWidget::isShown() const {
    const State& s = *m_state;
    return s.front && s.drawnBackground == background() && s.list->data().isSameDrawing(s.drawnList->data());
}

QString CanvasWidget::submitFrame() {
    State& s = *m_state;
    try {
        if (!s.back) s.back = std::make_shared<RenderTarget>(*s.device);
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
    s.drawnBackground = background();
    if (!s.back->submit(*s.list, s.drawnBackground)) return s.back->problem();
    std::swap(s.list, s.drawnList);
    s.inFlight = true;
    s.device->watch(s.back, [mailbox = s.mailbox, serial = s.serial](bool ok) {
        const std::lock_guard lock(mailbox->mutex);
        CanvasWidget* canvas = mailbox->canvas;
        if (!canvas) return;
        QMetaObject::invokeMethod(
            canvas, [canvas, serial, ok] { canvas->finishFrame(serial, ok); }, Qt::QueuedConnection);
    });
    return {};
}

void CanvasWidget::finishFrame(quint64 serial, bool ok) {
    State& s = *m_state;
    if (serial != s.serial) return;
    s.inFlight = false;
    if (ok) {
        std::swap(s.front, s.back);
        s.frontView = s.backView;
        showFrame();
    } else {
        s.problem = tr("The graphics device stopped answering. Start the program again to draw this view.");
        update();
    }
    if (s.dirty) requestFrame();
}

void CanvasWidget::showFrame() {
    State& s = *m_state;
    s.announce = true;
    s.problem.clear();
    s.clock.addFrame(s.startedAt);
    update();
}

bool CanvasWidget::stepMotion() {
    State& s = *m_state;
    if (!s.motion.isMoving()) return false;
    applyCamera(s.motion.at(s.clock.now()));
    return s.motion.isMoving();
}

void CanvasWidget::paintEvent(QPaintEvent*) {
    State& s = *m_state;
    const double start = s.clock.now();
    {
        QPainter painter(this);
        QImage image = s.front ? s.front->image() : QImage();
        if (image.isNull()) {
            painter.fillRect(rect(), background());
        } else {
            image.setDevicePixelRatio(s.frontView.dpr);
            painter.drawImage(QPointF(0, 0), image);
            // While a larger picture is on its way.
            const QSizeF drawn = s.frontView.size;
            if (drawn.width() < width())
                painter.fillRect(QRectF(drawn.width(), 0, width() - drawn.width(), height()), background());
            if (drawn.height() < height())
                painter.fillRect(QRectF(0, drawn.height(), width(), height() - drawn.height()), background());
        }
        painter.save();
        paintOverlay(painter, image.isNull() ? viewport() : s.frontView);
        painter.restore();
        if (!s.problem.isEmpty()) paintProblem(painter);
    }
    s.clock.addPause(s.clock.now() - start);
    if (s.announce) {
        s.announce = false;
        emit frameShown();
    }
    // A canvas that was covered asks again when it comes to light.
    if (s.dirty && s.device) requestFrame();
}

void CanvasWidget::paintProblem(QPainter& painter) const {
    constexpr int pad = 12, sign = 16;
    const QRect inner = rect().adjusted(pad + sign + 8, 0, -pad, 0);
    const QFontMetrics metrics(font());
    const int textHeight = metrics.boundingRect(inner, Qt::TextWordWrap, m_state->problem).height();
    const QRect strip(0, 0, width(), std::max(textHeight, sign) + 2 * pad);
    painter.fillRect(strip, palette().color(QPalette::Button));
    painter.setPen(palette().color(QPalette::ButtonText));
    painter.drawLine(strip.bottomLeft(), strip.bottomRight());

    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath triangle(QPointF(pad + sign / 2.0, pad + 1));
    triangle.lineTo(pad + sign, pad + sign - 1);
    triangle.lineTo(pad, pad + sign - 1);
    triangle.closeSubpath();
    painter.drawPath(triangle);
    painter.drawText(QRectF(pad, pad + 2, sign, sign - 2), Qt::AlignCenter, QStringLiteral("!"));
    painter.drawText(QRect(inner.left(), pad, inner.width(), textHeight), Qt::TextWordWrap, m_state->problem);
}

void CanvasWidget::resizeEvent(QResizeEvent*) {
    if (m_state->followsContent) fit();
    requestFrame();
}

void CanvasWidget::showEvent(QShowEvent*) {
    requestFrame();
}

void CanvasWidget::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    const QEvent::Type type = event->type();
    if (type == QEvent::PaletteChange || type == QEvent::FontChange || type == QEvent::EnabledChange) requestFrame();
}

FrameStats CanvasWidget::stats() const {
    return m_state->clock.stats();
}

void CanvasWidget::resetStats() {
    m_state->clock.reset();
}

const Camera& CanvasWidget::camera() const {
    return m_state->camera;
}

void CanvasWidget::setCamera(const Camera& camera) {
    m_state->followsContent = false;
    m_state->motion.stop();
    applyCamera(camera);
}

void CanvasWidget::applyCamera(const Camera& camera) {
    if (m_state->camera == camera) return;
    m_state->camera = camera;
    emit cameraChanged(camera);
    requestFrame();
}

void CanvasWidget::moveCamera(const Camera& target) {
    State& s = *m_state;
    s.followsContent = false;
    if (s.reducedMotion || !s.device || !isVisible()) {
        setCamera(target);
        return;
    }
    s.motion.start(s.camera, target, QSizeF(size()), s.clock.now());
    requestFrame();
}

void CanvasWidget::fit() {
    State& s = *m_state;
    s.motion.stop();
    s.followsContent = true;
    applyCamera(fitCamera(contentBounds(), QSizeF(size()), fitMargin, s.minimumZoom, s.maximumZoom));
}

void CanvasWidget::zoomBy(double factor) {
    const State& s = *m_state;
    const QPointF middle(width() / 2.0, height() / 2.0);
    setCamera(zoomCamera(s.camera, factor, middle, s.minimumZoom, s.maximumZoom));
}

void CanvasWidget::setCameraEnabled(bool enabled) {
    m_state->hasCamera = enabled;
    if (enabled) setFocusPolicy(Qt::StrongFocus);
}

void CanvasWidget::setZoomRange(double minimum, double maximum) {
    m_state->minimumZoom = minimum;
    m_state->maximumZoom = maximum;
}

void CanvasWidget::setReducedMotion(bool reduced) {
    m_state->reducedMotion = reduced;
}

QRectF CanvasWidget::contentBounds() const {
    return {};
}

} // namespace hs::ui
