#include "ui/views/blueprint_view.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/blueprint_canvas.h"
#include "ui/views/zoom_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>

namespace hs::ui {

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

    m_zoomBar = new ZoomBar(*m_canvas, m_canvas);
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
