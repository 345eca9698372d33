#include "ui/views/inspector.h"

#include "engine/session/edits.h"
#include "engine/session/session.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/values_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/numbers.h"
#include "ui/views/fact_grid.h"
#include "ui/views/histogram_view.h"
#include "ui/views/map_strip.h"
#include "ui/views/role_glyph.h"
#include "ui/views/section_title.h"
#include "ui/views/tensor_facts.h"
#include "ui/views/values_view.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>

#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

QToolButton* segment(const QString& text, const QString& tip, QButtonGroup* group) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setProperty("segment", true);
    group->addButton(button);
    return button;
}

/// Whether the tensor holds what a person wrote into it in this step.
bool isEdited(const SessionModel& session, const trace::ValueKey& key) {
    if (!session.session() || !session.trace()) return false;
    const auto table = session.session()->edits().table();
    return std::any_of(table->records.begin(), table->records.end(), [&](const session::EditRecord& record) {
        return record.state == session::EditState::applied && record.edit.key == key &&
               record.step == session.trace()->step;
    });
}

/// Whether the first dimension counts the samples of the batch.
bool isBatched(trace::Role role) {
    return role == trace::Role::input || role == trace::Role::output || role == trace::Role::output_gradient;
}

} // namespace

Inspector::Inspector(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_values(new ValuesModel(this)) {
    auto* body = new QWidget;
    auto* column = new QVBoxLayout(body);
    m_column = column;
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(0);
    m_strip = new MapStrip(*m_values, m_colors);
    m_attributes = new FactGrid(1, 22, false);
    m_attributes->setLabelWidth(104);
    connect(m_attributes, &FactGrid::clicked, this, [this](const QString& label) {
        if (label == QStringLiteral("requires_grad")) emit requiresGradClicked();
    });
    m_statistics = new FactGrid(2, 20, true);
    m_histogram = new HistogramView;
    column->addWidget(m_strip);
    column->addSpacing(8);
    column->addWidget(m_attributes);
    column->addSpacing(8);
    column->addWidget(new SectionTitle(tr("Statistics")));
    column->addWidget(m_statistics);
    column->addWidget(m_histogram);
    column->addSpacing(8);
    column->addWidget(makeValues(), 1);

    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(body);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(makeHead());
    m_nothing = new QLabel(tr("The selected tensor will be shown here."));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);
    all->addWidget(m_nothing, 1);
    all->addWidget(scroll, 1);
    m_scroll = scroll;
    setFocusProxy(m_picker);

    connect(&session, &SessionModel::figuresChanged, this, &Inspector::refresh);
    connect(&session, &SessionModel::modulesChanged, this, &Inspector::takeSelection);
    connect(&session, &SessionModel::valuesChanged, this, [this] {
        // A tensor that was just picked is shown with the first step that kept it.
        if (isVisible() && m_values->isEmpty()) refresh();
    });
    connect(&selection, &Selection::valueChanged, this, &Inspector::takeSelection);
    connect(&selection, &Selection::sampleChanged, this, &Inspector::refresh);
    connect(m_values, &ValuesModel::sliceChanged, this, [this] { rebuildIndices(); });
    connect(&theme(), &Theme::changed, this, [this] {
        fillPicker();
        refresh();
    });
    takeSelection();
}

Inspector::~Inspector() = default;

QWidget* Inspector::makeHead() {
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(8, 8, 12, 6);
    m_picker = new QComboBox;
    m_picker->setProperty("subject", true);
    m_picker->setAccessibleName(tr("Tensor of the selected module"));
    m_picker->setToolTip(tr("Tensor of the selected module"));
    m_picker->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_picker->setMinimumContentsLength(10);
    m_kind = new QLabel;
    m_kind->setFont(theme().font(TypeSize::secondary));
    row->addWidget(m_picker, 1);
    row->addWidget(m_kind);
    connect(m_picker, &QComboBox::activated, this, [this](int index) {
        const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
        if (!module) return;
        const auto keys = tensorsOf(*module);
        if (index >= 0 && index < static_cast<int>(keys.size()))
            m_selection.selectValue(keys[static_cast<std::size_t>(index)]);
    });
    return head;
}

QWidget* Inspector::makeValues() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    auto* title = new SectionTitle(tr("Values"));
    m_slice = new QLabel;
    m_slice->setFont(theme().mono());
    auto* group = new QButtonGroup(this);
    m_dataButton = segment(QStringLiteral("data"), tr("Show the tensor's own values"), group);
    m_gradButton = segment(QStringLiteral("grad"), tr("Show its gradient"), group);
    m_dataButton->setChecked(true);
    auto* segments = new QFrame;
    segments->setProperty("segments", true);
    auto* pair = new QHBoxLayout(segments);
    pair->setContentsMargins(2, 2, 2, 2);
    pair->setSpacing(0);
    pair->addWidget(m_dataButton);
    pair->addWidget(m_gradButton);
    auto* copy = new QToolButton;
    copy->setProperty("flat", true);
    copy->setFixedWidth(26);
    copy->setIcon(icon(QStringLiteral("copy")));
    copy->setToolTip(tr("Copy the selected cells (Ctrl+C)"));
    copy->setAccessibleName(tr("Copy the selected cells"));
    title->addWidget(m_slice);
    title->addStretch();
    title->addWidget(copy);
    title->addWidget(segments);
    column->addWidget(title);
    m_indexRow = new QHBoxLayout;
    m_indexRow->setSpacing(6);
    column->addLayout(m_indexRow);
    m_view = new ValuesView(*m_values, m_colors);
    column->addWidget(m_view, 1);

    m_emptyValues = new QWidget;
    auto* empty = new QHBoxLayout(m_emptyValues);
    empty->setContentsMargins(0, 0, 0, 0);
    m_emptyText = new QLabel(tr("Its values come with the next step."));
    auto* step = new QPushButton(tr("Step"));
    step->setToolTip(tr("Run one training step"));
    empty->addWidget(m_emptyText);
    empty->addWidget(step);
    empty->addStretch();
    column->addWidget(m_emptyValues);
    connect(step, &QPushButton::clicked, &m_session, &SessionModel::step);
    connect(copy, &QToolButton::clicked, m_view, &ValuesView::copy);
    connect(m_gradButton, &QToolButton::toggled, this, &Inspector::setShowsGradient);
    return box;
}

void Inspector::addSection(QWidget* section) {
    const int place = m_column->indexOf(m_attributes) + 1;
    m_column->insertWidget(place, section);
    m_column->insertSpacing(place, 8);
}

void Inspector::revealSection(QWidget* section) {
    m_scroll->ensureWidgetVisible(section);
    section->setFocus(Qt::ShortcutFocusReason);
}

void Inspector::setShowsGradient(bool gradient) {
    m_gradButton->setChecked(gradient);
    m_dataButton->setChecked(!gradient);
    const auto other = gradient ? gradientOf(m_key) : std::optional(m_key);
    if (!other || *other == m_shown) return;
    m_shown = *other;
    updateWatch();
    refresh();
}

void Inspector::fillPicker() {
    m_filling = true;
    m_picker->clear();
    if (const trace::Module* module = findModule(m_session.modules().get(), m_key.module)) {
        const auto keys = tensorsOf(*module);
        for (const trace::ValueKey& key : keys)
            m_picker->addItem(roleIcon(key.role, devicePixelRatioF()), shortName(key, *module));
        const auto at = std::find(keys.begin(), keys.end(), m_key);
        m_picker->setCurrentIndex(at == keys.end() ? -1 : static_cast<int>(at - keys.begin()));
    }
    m_filling = false;
}

void Inspector::takeSelection() {
    const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
    m_scroll->setVisible(module != nullptr);
    m_nothing->setVisible(module == nullptr);
    m_picker->setVisible(module != nullptr);
    m_picker->setEnabled(module != nullptr);
    if (!module) {
        m_picker->clear();
        m_kind->clear();
        m_session.watch(this, {});
        return;
    }
    choose(m_selection.value().value_or(defaultTensor(*module)));
}

void Inspector::choose(const trace::ValueKey& key) {
    m_key = key;
    const auto gradient = gradientOf(key);
    m_gradButton->setEnabled(gradient.has_value());
    if (!gradient && m_gradButton->isChecked()) {
        const QSignalBlocker blocker(m_gradButton);
        m_dataButton->setChecked(true);
    }
    m_shown = m_gradButton->isChecked() && gradient ? *gradient : key;
    fillPicker();
    updateWatch();
    refresh();
}

void Inspector::updateWatch() {
    if (isVisible())
        m_session.watch(this, {m_shown});
    else
        m_session.watch(this, {});
}

void Inspector::refresh() {
    if (!isVisible() || m_scroll->isHidden()) return;
    refreshFacts(m_session.trace().get());
    refreshValues();
}

void Inspector::refreshFacts(const trace::Trace* trace) {
    const trace::Id id = trace ? trace->find(m_key) : trace::none;
    const trace::Summary* summary = trace ? trace->find_summary(m_shown) : nullptr;
    if (id != trace::none) {
        const trace::Value& value = trace->values[id];
        m_attributes->setFacts(attributeFacts(*trace, value));
        m_kind->setText(isEdited(m_session, m_shown) ? tr("%1 · edited").arg(kindOf(value)) : kindOf(value));
        QPalette colors = m_kind->palette();
        const QColor wanted = theme().color(tokenOf(m_key.role));
        if (colors.color(QPalette::WindowText) != wanted) {
            colors.setColor(QPalette::WindowText, wanted);
            m_kind->setPalette(colors);
        }
    } else {
        m_kind->clear();
        m_attributes->setFacts({{.label = tr("not recorded yet"), .value = QStringLiteral("–")}});
    }
    m_statistics->setFacts(statisticFacts(summary));
    m_histogram->setSummary(summary ? std::optional(*summary) : std::nullopt, tokenOf(m_shown.role));
}

void Inspector::refreshValues() {
    const trace::Trace* trace = m_session.valuesTrace().get();
    const trace::Id id = trace ? trace->find(m_shown) : trace::none;
    const trace::Snapshot snapshot = id == trace::none ? trace::Snapshot() : trace->values[id].snapshot;
    const trace::Summary* summary = snapshot ? trace->find_summary(m_shown) : nullptr;
    m_colors.set(m_shown.role, summary);
    m_values->setSnapshot(snapshot);
    if (snapshot && isBatched(m_shown.role) && m_values->fixedDimensions() > 0)
        m_values->setFixedIndex(0, m_selection.sample());
    m_values->setLargest(summary ? std::max(std::abs(summary->min), std::abs(summary->max)) : 1);
    const bool some = static_cast<bool>(snapshot);
    m_view->setVisible(some && snapshot.count() > 0);
    m_strip->setVisible(some && snapshot.count() > 1);
    m_emptyValues->setVisible(!some);
    QString slice = m_values->sliceText();
    if (m_values->exponent() != 0) slice += QStringLiteral(" × 1e%1").arg(formatCount(m_values->exponent()));
    m_slice->setText(slice);
    m_slice->setToolTip(some ? tr("Kept in step %1").arg(formatCount(trace->step)) : QString());
}

void Inspector::rebuildIndices() {
    const int wanted = m_values->fixedDimensions();
    while (static_cast<int>(m_indices.size()) > wanted) {
        m_indices.back()->deleteLater();
        m_indices.pop_back();
    }
    while (static_cast<int>(m_indices.size()) < wanted) {
        const int dimension = static_cast<int>(m_indices.size());
        auto* box = new QSpinBox;
        box->setPrefix(tr("dim %1: ").arg(dimension));
        box->setAccessibleName(tr("Index in dimension %1").arg(dimension));
        box->setWrapping(true);
        box->setMinimumWidth(48);
        connect(box, &QSpinBox::valueChanged, this, [this, dimension](int index) {
            if (m_filling) return;
            m_values->setFixedIndex(dimension, index);
            if (dimension == 0 && isBatched(m_shown.role)) m_selection.setSample(index);
        });
        m_indexRow->addWidget(box, 1);
        m_indices.push_back(box);
    }
    m_filling = true;
    for (int i = 0; i < wanted; ++i) {
        QSpinBox* box = m_indices[static_cast<std::size_t>(i)];
        box->setRange(0, static_cast<int>(std::min<std::int64_t>(m_values->fixedSize(i) - 1, INT_MAX)));
        box->setValue(static_cast<int>(m_values->fixedIndex(i)));
        box->setToolTip(tr("Index in dimension %1, 0 to %2").arg(i).arg(formatCount(m_values->fixedSize(i) - 1)));
    }
    m_filling = false;
    m_slice->setText(m_values->sliceText());
}

void Inspector::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    updateWatch();
    refresh();
}

void Inspector::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    updateWatch();
}

} // namespace hs::ui
