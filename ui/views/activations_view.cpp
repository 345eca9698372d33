#include "ui/views/activations_view.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/activations_canvas.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>

namespace hs::ui {

namespace {

QFrame* makeSegments(QWidget* parent) {
    auto* frame = new QFrame(parent);
    frame->setProperty("segments", true);
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(2, 1, 2, 1);
    row->setSpacing(0);
    return frame;
}

QToolButton* addSegment(QFrame* bar, QButtonGroup* group, int id, const QString& text, const QString& tip) {
    auto* button = new QToolButton(bar);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setProperty("segment", true);
    bar->layout()->addWidget(button);
    group->addButton(button, id);
    return button;
}

} // namespace

ActivationsView::ActivationsView(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection),
      m_canvas(new ActivationsCanvas(session, selection, this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 12, 2);
    head->setSpacing(8);
    m_subject = new QLabel(this);
    m_subject->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    m_subject->setTextFormat(Qt::PlainText);
    m_type = new QLabel(this);
    m_type->setProperty("secondary", true);
    m_type->setTextFormat(Qt::PlainText);
    head->addWidget(m_subject);
    head->addWidget(m_type);
    head->addStretch(1);

    QFrame* values = makeSegments(this);
    auto* kinds = new QButtonGroup(this);
    addSegment(values, kinds, 0, tr("Output"), tr("The module's output"))->setChecked(true);
    addSegment(values, kinds, 1, tr("Gradient"), tr("The gradient of the output, blue below zero, red above"));
    connect(kinds, &QButtonGroup::idClicked, this, [this](int id) { m_canvas->setGradient(id == 1); });
    head->addWidget(values);

    QFrame* ranges = makeSegments(this);
    auto* choices = new QButtonGroup(this);
    addSegment(ranges, choices, int(MapRange::shared), tr("Shared"), tr("One range of colours for all modules"));
    addSegment(ranges, choices, int(MapRange::module), tr("Module"), tr("One range of colours for the module"))
        ->setChecked(true);
    addSegment(ranges, choices, int(MapRange::map), tr("Map"), tr("A range of colours for each map"));
    connect(choices, &QButtonGroup::idClicked, this, [this](int id) { m_canvas->setRange(static_cast<MapRange>(id)); });
    m_ranges = ranges;
    head->addWidget(ranges);

    m_colors = new QComboBox(this);
    m_colors->addItems({QStringLiteral("viridis"), QStringLiteral("cividis"), QStringLiteral("grey")});
    m_colors->setToolTip(tr("Colours of the maps"));
    m_colors->setAccessibleName(tr("Colours of the maps"));
    connect(m_colors, &QComboBox::currentTextChanged, m_canvas, &ActivationsCanvas::setColorMap);
    head->addWidget(m_colors);

    m_sample = new QSpinBox(this);
    m_sample->setAccessibleName(tr("Sample of the batch"));
    m_sample->setToolTip(tr("Which sample of the batch is shown"));
    m_sample->setRange(1, 1);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int value) { m_selection.setSample(value - 1); });
    connect(&selection, &Selection::sampleChanged, this, [this] { m_sample->setValue(m_selection.sample() + 1); });
    connect(m_canvas, &ActivationsCanvas::batchSizeChanged, this, &ActivationsView::setSamples);
    head->addWidget(m_sample);
    all->addLayout(head);
    all->addWidget(m_canvas, 1);

    connect(m_canvas, &ActivationsCanvas::subjectChanged, this, &ActivationsView::updateSubject);
    connect(&session, &SessionModel::modulesChanged, this, &ActivationsView::updateSubject);
    setFocusProxy(m_canvas);
    setMinimumHeight(120);
    updateSubject();
}

void ActivationsView::setDevice(std::shared_ptr<GpuDevice> device, const QString& problem) {
    m_canvas->setDevice(std::move(device), problem);
}

void ActivationsView::setSamples(int count) {
    m_sample->setRange(1, std::max(1, count));
    m_sample->setSuffix(tr(" of %1").arg(count));
    m_sample->setValue(m_selection.sample() + 1);
}

void ActivationsView::updateSubject() {
    const std::string& path = m_selection.module();
    const auto& modules = m_session.modules();
    m_subject->clear();
    m_type->clear();
    if (!modules) return;
    for (const trace::Module& module : *modules) {
        if (module.path != path) continue;
        m_subject->setText(QString::fromStdString(path.empty() ? module.name : path));
        m_type->setText(path.empty() ? tr("output of the model") : QString::fromStdString(module.type));
        break;
    }
}

void ActivationsView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // What there is no room for goes, the least needed first.
    m_colors->setVisible(width() >= 640);
    m_type->setVisible(width() >= 560);
    m_ranges->setVisible(width() >= 480);
}

} // namespace hs::ui
