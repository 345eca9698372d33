#include "ui/views/gradients_view.h"

#include "ui/theme/numbers.h"
#include "ui/views/gradients_canvas.h"
#include "ui/views/read_out.h"

#include <QButtonGroup>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollBar>
#include <QToolButton>

#include <cmath>

namespace hs::ui {

namespace {

QToolButton* addSegment(QWidget* bar, const QString& text, const QString& tip) {
    auto* button = new QToolButton(bar);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setProperty("segment", true);
    bar->layout()->addWidget(button);
    return button;
}

} // namespace

GradientsView::GradientsView(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_canvas(new GradientsCanvas(session, selection, this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 12, 2);
    auto* segments = new QFrame(this);
    segments->setProperty("segments", true);
    auto* row = new QHBoxLayout(segments);
    row->setContentsMargins(2, 1, 2, 1);
    row->setSpacing(0);
    m_weights = addSegment(segments, tr("Weights"), tr("Panels for weights"));
    m_all = addSegment(segments, tr("All"), tr("Panels for weights and biases"));
    auto* group = new QButtonGroup(this);
    group->addButton(m_weights);
    group->addButton(m_all);
    m_weights->setChecked(true);
    m_title = new QLabel(this);
    m_title->setProperty("secondary", true);
    m_title->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setMinimumWidth(0);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    head->addWidget(segments);
    head->addWidget(m_title, 1);
    all->addLayout(head);
    all->addWidget(m_canvas, 1);
    m_scroll = new QScrollBar(Qt::Horizontal, this);
    m_scroll->setAccessibleName(tr("Parameters"));
    m_scroll->hide();
    all->addWidget(m_scroll);

    connect(m_weights, &QToolButton::toggled, this,
            [this](bool on) { m_canvas->setWhich(on ? GradientsModel::Which::weights : GradientsModel::Which::all); });
    connect(m_scroll, &QScrollBar::valueChanged, this, [this](int value) { m_canvas->setOffset(value); });
    connect(m_canvas, &GradientsCanvas::contentChanged, this, &GradientsView::updateScroll);
    connect(m_canvas, &GradientsCanvas::readOutChanged, this, &GradientsView::updateTitle);
    connect(m_canvas, &GradientsCanvas::scrollRequested, this,
            [this](double by) { m_scroll->setValue(m_scroll->value() + static_cast<int>(std::lround(by))); });
    setFocusProxy(m_canvas);
    setMinimumHeight(120);
}

void GradientsView::setDevice(std::shared_ptr<GpuDevice> device, const QString& problem) {
    m_canvas->setDevice(std::move(device), problem);
}

void GradientsView::updateScroll() {
    const double room = m_canvas->panelRoom();
    const double more = m_canvas->contentWidth() - room;
    m_scroll->setVisible(more > 0.5);
    m_scroll->setPageStep(std::max(1, static_cast<int>(room)));
    m_scroll->setSingleStep(static_cast<int>(GradientsCanvas::leastPanel / 2));
    m_scroll->setRange(0, std::max(0, static_cast<int>(std::ceil(more))));
    updateTitle();
}

void GradientsView::updateTitle() {
    const QString title = fittingParts(m_canvas->readOut(), m_title->fontMetrics(), m_title->width());
    if (m_title->text() != title) m_title->setText(title);
    const GradientsModel& model = m_canvas->model();
    m_weights->setToolTip(tr("Panels for weights: %1 of %2 parameters")
                              .arg(formatCount(static_cast<std::int64_t>(model.panels().size())),
                                   formatCount(static_cast<std::int64_t>(model.parameterCount()))));
}

} // namespace hs::ui
