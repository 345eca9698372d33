#include "ui/views/blueprint_view.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"
#include "ui/views/blueprint_canvas.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>

#include <cmath>

namespace hs::ui {

namespace {

constexpr double zoomStep = 1.25;

QToolButton* addButton(QWidget* bar, const QString& text, const QString& tip) {
    auto* button = new QToolButton(bar);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setProperty("flat", true);
    button->setFocusPolicy(Qt::TabFocus);
    bar->layout()->addWidget(button);
    return button;
}

} // namespace

BlueprintView::BlueprintView(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_canvas(new BlueprintCanvas(session, selection, this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_canvas);

    m_picker = new QWidget(m_canvas);
    auto* row = new QHBoxLayout(m_picker);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* label = new QLabel(tr("Sample"), m_picker);
    label->setProperty("secondary", true);
    m_sample = new QSpinBox(m_picker);
    m_sample->setAccessibleName(tr("Sample of the batch"));
    m_sample->setToolTip(tr("Which sample of the batch the maps show"));
    label->setBuddy(m_sample);
    row->addWidget(label);
    row->addWidget(m_sample);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int value) { m_selection.setSample(value - 1); });
    connect(&selection, &Selection::sampleChanged, this, [this] { m_sample->setValue(m_selection.sample() + 1); });
    connect(m_canvas, &BlueprintCanvas::batchSizeChanged, this, &BlueprintView::setSamples);

    m_zoomBar = new QFrame(m_canvas);
    m_zoomBar->setProperty("segments", true);
    auto* zoom = new QHBoxLayout(m_zoomBar);
    zoom->setContentsMargins(2, 1, 2, 1);
    zoom->setSpacing(0);
    auto* out = addButton(m_zoomBar, QStringLiteral("−"), tr("Zoom out (−)"));
    m_zoom = addButton(m_zoomBar, QStringLiteral("100 %"), tr("Zoom to 100 % (0)"));
    auto* in = addButton(m_zoomBar, QStringLiteral("+"), tr("Zoom in (+)"));
    auto* fit = addButton(m_zoomBar, tr("Fit"), tr("Show everything (F)"));
    m_zoom->setFont(theme().mono(TypeSize::numbers));
    m_zoom->setMinimumWidth(58);
    connect(out, &QToolButton::clicked, this, [this] { m_canvas->zoomBy(1 / zoomStep); });
    connect(in, &QToolButton::clicked, this, [this] { m_canvas->zoomBy(zoomStep); });
    connect(m_zoom, &QToolButton::clicked, this, [this] { m_canvas->zoomBy(1 / m_canvas->camera().zoom); });
    connect(fit, &QToolButton::clicked, this, [this] { m_canvas->fit(); });
    connect(m_canvas, &CanvasWidget::cameraChanged, this, [this](const Camera& camera) {
        m_zoom->setText(QStringLiteral("%1 %").arg(std::lround(camera.zoom * 100)));
    });
    connect(m_canvas, &BlueprintCanvas::openRequested, this, &BlueprintView::openRequested);
    connect(m_canvas, &BlueprintCanvas::laidOut, this, &BlueprintView::place);
    setFocusProxy(m_canvas);
    setSamples(0);
}

void BlueprintView::setDevice(std::shared_ptr<GpuDevice> device, const QString& problem) {
    m_drawable = device != nullptr;
    m_canvas->setDevice(std::move(device), problem);
    setSamples(m_samples);
}

void BlueprintView::setSamples(int count) {
    m_samples = count;
    // Without a device there are no maps to choose a sample for, and the canvas says so in this place.
    m_picker->setVisible(count > 1 && m_drawable);
    if (count > 1) {
        m_sample->setRange(1, count);
        m_sample->setSuffix(tr(" of %1").arg(count));
        m_sample->setValue(m_selection.sample() + 1);
    }
    place();
}

void BlueprintView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
}

void BlueprintView::place() {
    m_picker->adjustSize();
    const QRectF legend = m_canvas->legendRect();
    const int gap = legend.width() > 0 ? 24 : 0;
    m_picker->move(int(legend.left()) - gap - m_picker->width(), 10);
    m_zoomBar->adjustSize();
    const QRectF map = m_canvas->miniMapRect();
    m_zoomBar->move(map.isEmpty() ? 12 : int(map.right()) + 12, m_canvas->height() - m_zoomBar->height() - 12);
}

} // namespace hs::ui
