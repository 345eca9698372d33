#include "ui/views/microscope_view.h"

#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "ui/models/element_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/microscope_figure.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace hs::ui {

namespace {

constexpr int microscopePollMs = 15;
/// After that the numbers of another node go, and it says that it is at work.
constexpr int microscopePatienceMs = 300;

QLabel* microscopeText() {
    auto* label = new QLabel;
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setMinimumWidth(0);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return label;
}

/// As far apart as rounding in float32 and the second order of a difference can bring them.
bool microscopeAgrees(double difference, double derivative) {
    return std::fabs(difference - derivative) <= 1e-4 * std::max({1e-6, std::fabs(derivative), std::fabs(difference)});
}

} // namespace

MicroscopeView::MicroscopeView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_cursor(cursor), m_title(microscopeText()),
      m_formula(microscopeText()), m_problem(microscopeText()), m_numbers(new QWidget), m_input(new QComboBox),
      m_index(new QLineEdit), m_figure(new MicroscopeFigure), m_facts(microscopeText()),
      m_check(new QPushButton(tr("Check by finite differences"))), m_sliceTitle(microscopeText()),
      m_slice(new MicroscopeSlice) {
    m_formula->setProperty("mono", true);
    m_formula->setAutoFillBackground(true);
    m_formula->setBackgroundRole(QPalette::Button);
    m_formula->setContentsMargins(8, 6, 8, 6);
    m_formula->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_input->setAccessibleName(tr("Input"));
    m_input->setToolTip(tr("Input of the operation whose gradient is looked at"));
    m_index->setProperty("mono", true);
    m_index->setMaximumWidth(200);
    m_index->setAccessibleName(tr("Index of the element"));
    m_index->setToolTip(tr("Index of the element in that input, such as 0, 2. Enter looks at it"));
    m_check->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+M")));
    m_check->setToolTip(tr("Run the operation with the element a little greater and a little smaller, in float64, and "
                           "compare (%1)")
                            .arg(m_check->shortcut().toString(QKeySequence::NativeText)));
    m_check->setAutoDefault(false);

    auto* choice = new QHBoxLayout;
    choice->setSpacing(8);
    choice->addWidget(m_input);
    choice->addWidget(m_index, 1);
    choice->addStretch();
    auto* numbers = new QVBoxLayout(m_numbers);
    numbers->setContentsMargins(0, 0, 0, 0);
    numbers->setSpacing(8);
    numbers->addLayout(choice);
    numbers->addWidget(m_figure);
    numbers->addWidget(m_facts);
    numbers->addWidget(m_check, 0, Qt::AlignLeft);
    numbers->addWidget(m_sliceTitle);
    numbers->addWidget(m_slice);

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(8);
    for (QWidget* part : {static_cast<QWidget*>(m_title), static_cast<QWidget*>(m_formula),
                          static_cast<QWidget*>(m_problem), m_numbers})
        column->addWidget(part);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    auto* fill = new QVBoxLayout(this);
    fill->setContentsMargins(0, 0, 0, 0);
    fill->addWidget(scroll);
    setFocusProxy(m_index);
    setFonts();

    m_poll.setInterval(microscopePollMs);
    connect(&m_poll, &QTimer::timeout, this, &MicroscopeView::takeAnswer);
    connect(m_index, &QLineEdit::returnPressed, this, &MicroscopeView::takeIndex);
    connect(m_input, &QComboBox::activated, this, [this](int input) {
        if (!m_asked) return;
        session::ChainRule::Question next = *m_asked;
        next.input = static_cast<std::size_t>(input);
        next.position = -1;
        next.check = false;
        ask(next);
    });
    connect(m_figure, &MicroscopeFigure::picked, this, [this](qint64 position) { askForElement(position, false); });
    connect(m_check, &QPushButton::clicked, this, [this] {
        if (m_rule) askForElement(m_rule->question.position, true);
    });
    connect(&cursor, &TraceCursor::moved, this, &MicroscopeView::refresh);
    connect(&selection, &Selection::nodeChanged, this, &MicroscopeView::refresh);
    connect(&session, &SessionModel::statusChanged, this, &MicroscopeView::refresh);
    connect(&theme(), &Theme::changed, this, [this] {
        setFonts();
        showRule();
    });
    showRule();
}

void MicroscopeView::setFonts() {
    m_title->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    m_formula->setFont(theme().mono(TypeSize::numbers));
    for (QLabel* label : {m_problem, m_facts, m_sliceTitle})
        label->setFont(theme().font(TypeSize::secondary));
}

/// The selected node, else the one that the last event was about; those without an operation are passed over.
trace::Id MicroscopeView::node() const {
    const auto& trace = m_cursor.trace();
    if (!trace) return trace::none;
    const trace::Id selected = m_selection.node();
    if (selected < trace->nodes.size()) return selected;
    for (std::size_t i = std::min(m_cursor.position(), trace->events.size()); i-- > 0;) {
        const trace::Id node = trace->events[i].node;
        if (node < trace->nodes.size() && !trace->nodes[node].operation.empty()) return node;
    }
    return trace::none;
}

bool MicroscopeView::hasRun(trace::Id node) const {
    const trace::Trace& trace = *m_cursor.trace();
    for (std::size_t i = std::min(m_cursor.position(), trace.events.size()); i-- > 0;)
        if (trace.events[i].kind == trace::EventKind::backward && trace.events[i].node == node) return true;
    return false;
}

void MicroscopeView::refresh() {
    if (!isVisible() || m_session.isRunning()) return;
    const trace::Id shown = node();
    if (shown == trace::none || !m_session.session()) {
        m_asked.reset();
        m_rule.reset();
        m_node = trace::none;
        return showRule();
    }
    const trace::Node& is = m_cursor.trace()->nodes[shown];
    const bool ran = hasRun(shown);
    const bool same =
        m_asked && m_node == shown && m_asked->step == m_cursor.trace()->step && m_asked->sequence_nr == is.sequence_nr;
    if (same && ran == m_hasRun) return;
    const bool again = !same || (ran && m_rule && !m_rule->has_run);
    m_node = shown;
    m_hasRun = ran;
    if (!again) return showRule();
    session::ChainRule::Question question;
    if (same) question = *m_asked;
    question.step = m_cursor.trace()->step;
    question.sequence_nr = is.sequence_nr;
    question.operation = is.operation.str();
    if (is.operation.empty()) {
        m_asked = question;
        m_rule.reset();
        return showRule();
    }
    ask(question);
}

void MicroscopeView::ask(const session::ChainRule::Question& question) {
    if (!m_session.session()) return;
    m_asked = question;
    m_session.session()->microscope().chain_rules().ask(question);
    m_waited = 0;
    m_poll.start();
}

void MicroscopeView::askForElement(qint64 position, bool check) {
    if (!m_rule || !m_rule->problem.empty()) return;
    session::ChainRule::Question next = m_rule->question;
    next.position = position;
    next.check = check;
    ask(next);
}

void MicroscopeView::takeIndex() {
    if (!m_rule || m_rule->inputs.empty()) return;
    QString error;
    const auto position = parseIndex(m_index->text(), m_rule->inputs[m_rule->question.input].shape, error);
    if (!position)
        m_facts->setText(error);
    else
        askForElement(*position, false);
}

void MicroscopeView::takeAnswer() {
    if (!m_session.session()) return m_poll.stop();
    session::ChainRules& rules = m_session.session()->microscope().chain_rules();
    if (!rules.is_answered()) {
        const bool isOther = m_rule && m_asked && m_rule->question.sequence_nr != m_asked->sequence_nr;
        if (++m_waited * microscopePollMs < microscopePatienceMs || !isOther) return;
        m_rule.reset();
        return showRule();
    }
    m_poll.stop();
    const auto answer = rules.answer();
    if (!answer || !m_asked || answer->question.sequence_nr != m_asked->sequence_nr) return;
    m_rule = answer;
    showRule();
}

QString MicroscopeView::factsText() const {
    const session::ChainRule& rule = *m_rule;
    const bool ran = m_hasRun && rule.has_run;
    QStringList lines;
    if (!rule.elementwise)
        lines.append(tr("Output %1, which counts most of the %2 that depend on it")
                         .arg(formatIndex(rule.output_position, rule.output_shape), formatCount(rule.terms)));
    if (!ran) lines.append(tr("The node has not run yet: its gradients are pending."));
    if (ran && !rule.elementwise && rule.terms != 1)
        lines.append(tr("All %1 products add up to %2").arg(formatCount(rule.terms), formatNumber(rule.outgoing)));
    if (ran && rule.sent) lines.append(tr("The node sent %1").arg(formatNumber(*rule.sent)));
    if (ran && !rule.sent) lines.append(tr("The node sent nothing there: this input needs no gradient."));
    if (ran && rule.plane) {
        const auto zeros = std::count(rule.plane->local.begin(), rule.plane->local.end(), 0.0);
        if (zeros > 0)
            lines.append(
                tr("%1 of the factors %2 are 0")
                    .arg(formatPercent(static_cast<double>(zeros) / static_cast<double>(rule.plane->local.size())),
                         rule.plane->whole ? tr("in this plane") : tr("around it")));
    }
    if (rule.check) {
        const bool agrees = microscopeAgrees(rule.check->local, rule.local) &&
                            (!ran || microscopeAgrees(rule.check->outgoing, rule.outgoing));
        QString line = tr("%1 Finite difference: local %2")
                           .arg(agrees ? QStringLiteral("✓") : QStringLiteral("⚠"), formatNumber(rule.check->local));
        if (ran) line += tr(", outgoing %1").arg(formatNumber(rule.check->outgoing));
        if (!agrees) line += tr(". They differ: is there a kink or a step at this value?");
        lines.append(line);
    }
    return lines.join(QLatin1Char('\n'));
}

void MicroscopeView::showRule() {
    const bool known = m_asked && m_node != trace::none && m_cursor.trace() && m_node < m_cursor.trace()->nodes.size();
    const bool answered = known && m_rule;
    const bool numbers = answered && m_rule->problem.empty();
    m_title->setVisible(known);
    m_formula->setVisible(answered);
    m_problem->setVisible(!numbers);
    m_numbers->setVisible(numbers);
    if (!known) {
        m_problem->setText(tr("What a node does to its gradient will be here in numbers. Step to a node (Ctrl+F10)."));
        return;
    }
    const trace::Node& node = m_cursor.trace()->nodes[m_node];
    const QString name = QString::fromStdString(node.name.str());
    const QString which = node.operation.empty() ? name : QStringLiteral("%1 #%2").arg(name).arg(node.sequence_nr);
    m_title->setText(m_selection.node() == m_node ? tr("%1, selected").arg(which) : tr("%1, the last one").arg(which));
    if (!answered) {
        m_problem->setText(node.operation.empty()
                               ? tr("%1 is no operation: it only adds what arrives to .grad.").arg(name)
                               : tr("Running the operation again …"));
        return;
    }
    QString formula = QString::fromStdString(m_rule->forward);
    for (std::size_t i = 0; i < m_rule->inputs.size(); ++i)
        if (!numbers || i == m_rule->question.input)
            formula += QLatin1Char('\n') + QString::fromStdString(m_rule->inputs[i].formula);
    m_formula->setText(formula);
    m_problem->setText(tr("No numbers: %1.").arg(QString::fromStdString(m_rule->problem)));
    if (!numbers) return;
    const std::vector<session::ChainRule::Input>& inputs = m_rule->inputs;
    m_input->clear();
    for (const session::ChainRule::Input& input : inputs)
        m_input->addItem(QString::fromStdString(input.name));
    m_input->setCurrentIndex(static_cast<int>(m_rule->question.input));
    m_index->setText(formatIndex(m_rule->question.position, inputs[m_rule->question.input].shape));
    m_figure->show(m_rule, m_hasRun);
    m_facts->setText(factsText());
    m_sliceTitle->setText(tr("Local Jacobian: %1 of %2 outputs (rows) by inputs around the element")
                              .arg(m_rule->slice.outputs.size())
                              .arg(formatCount(std::accumulate(m_rule->output_shape.begin(), m_rule->output_shape.end(),
                                                               std::int64_t{1}, std::multiplies<>()))));
    m_slice->show(m_rule);
}

void MicroscopeView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

} // namespace hs::ui
