#include "ui/views/why_card.h"

#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/trace_cursor.h"
#include "ui/models/why_text.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QVBoxLayout>

#include <optional>

namespace hs::ui {

namespace {

QLabel* paragraph(QPalette::ColorRole color) {
    auto* label = new QLabel;
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setForegroundRole(color);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void say(QLabel& label, const QString& text) {
    label.setText(text);
    label.setVisible(!text.isEmpty());
}

/// Which operation of the step made a tensor, as the engine finds it again in the next one.
std::optional<session::Retention::Target> targetOf(const trace::Trace& trace, const trace::Why& why) {
    if (why.event == trace::none || why.operation.empty()) return std::nullopt;
    session::Retention::Target target{0, why.operation};
    for (trace::Id event = 0; event < why.event; ++event)
        if (trace.events[event].kind == trace::EventKind::forward) ++target.nth;
    return target;
}

} // namespace

WhyCard::WhyCard(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QFrame(parent), m_session(session), m_selection(selection), m_cursor(cursor),
      m_title(paragraph(QPalette::WindowText)), m_rule(new QLabel), m_sentence(paragraph(QPalette::WindowText)),
      m_detail(paragraph(QPalette::WindowText)), m_remedy(paragraph(QPalette::WindowText)),
      m_leaf(paragraph(QPalette::PlaceholderText)), m_retain(new QPushButton(tr("Retain"))),
      m_show(new QPushButton(tr("Show in graph"))) {
    setObjectName(QStringLiteral("why"));
    setProperty("card", true);
    setAccessibleName(tr("Why is there no gradient?"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 12);
    column->setSpacing(6);
    auto* head = new QHBoxLayout;
    m_rule->setForegroundRole(QPalette::PlaceholderText);
    m_rule->setToolTip(tr("The number under which the engine's tests check this rule of PyTorch's"));
    head->addWidget(m_title, 1);
    head->addWidget(m_rule, 0, Qt::AlignTop);
    column->addLayout(head);
    for (QLabel* label : {m_sentence, m_detail, m_remedy})
        column->addWidget(label);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_retain->setProperty("primary", true);
    m_retain->setToolTip(tr("Call retain_grad() on it whenever it is made, from the next step on"));
    m_show->setToolTip(tr("Select its place in the autograd graph"));
    buttons->addWidget(m_retain);
    buttons->addWidget(m_show);
    buttons->addStretch();
    column->addLayout(buttons);
    column->addWidget(m_leaf);
    setFocusProxy(m_show);
    setTexts();

    connect(m_retain, &QPushButton::clicked, this, &WhyCard::retain);
    connect(m_show, &QPushButton::clicked, this, &WhyCard::showPlace);
    connect(&cursor, &TraceCursor::moved, this, &WhyCard::refresh);
    connect(&session, &SessionModel::traceChanged, this, &WhyCard::refresh);
    connect(&session, &SessionModel::modulesChanged, this, &WhyCard::refresh);
    connect(&selection, &Selection::valueChanged, this, &WhyCard::refresh);
    connect(&theme(), &Theme::changed, this, &WhyCard::setTexts);
    hide();
    refresh();
}

void WhyCard::setTexts() {
    m_title->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    for (QLabel* label : {m_sentence, m_detail, m_remedy, m_leaf, m_rule})
        label->setFont(theme().font(TypeSize::secondary));
}

/// Hidden where nothing is to be answered, it is told by what it stands in when it may be seen.
bool WhyCard::event(QEvent* event) {
    if (event->type() == QEvent::ParentAboutToChange && parentWidget()) parentWidget()->removeEventFilter(this);
    if (event->type() == QEvent::ParentChange && parentWidget()) parentWidget()->installEventFilter(this);
    return QFrame::event(event);
}

bool WhyCard::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Show) refresh();
    return QFrame::eventFilter(watched, event);
}

/// The session and the cursor both tell of a moment.
bool WhyCard::isAnswered(trace::Id value) const {
    return !isHidden() && m_answered.trace.lock() == m_cursor.trace() && m_answered.size == m_cursor.size() &&
           m_answered.position == m_cursor.position() && m_answered.value == value;
}

void WhyCard::refresh() {
    if (parentWidget() && !parentWidget()->isVisible()) return;
    const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
    const auto& moment = m_session.trace();
    if (!module || !moment || moment->step < 0 || m_session.isRunning()) return hide();
    trace::ValueKey key = m_selection.value().value_or(defaultTensor(*module));
    if (const auto tensor = tensorOfGradient(key)) key = *tensor;
    // The moment's tables are the begin of the step's, so a place in them is the same in both.
    const trace::Id value =
        m_cursor.trace() && m_cursor.trace()->step == moment->step ? moment->find(key) : trace::none;
    if (value == trace::none || value >= m_cursor.trace()->values.size()) return hide();
    if (!isAnswered(value)) answer(value);
}

void WhyCard::answer(trace::Id value) {
    const auto& trace = m_cursor.trace();
    m_answered = {trace, m_cursor.size(), m_cursor.position(), value};
    m_gradient = trace::why_grad_is_none(trace, m_cursor.position(), value);
    const WhyText text = whyGradIsNone(m_gradient, *trace);
    const bool isNone = m_gradient.reason != trace::Reason::nothing;
    say(*m_title, isNone ? text.title : QString());
    say(*m_rule, isNone ? text.rule : QString());
    say(*m_sentence, text.sentence);
    say(*m_detail, text.detail);
    say(*m_remedy, text.remedy);
    const trace::Why leaf = trace::why_leaf(trace, value);
    // What the first answer has said already is not said again.
    const bool said = m_gradient.reason == trace::Reason::not_a_leaf;
    say(*m_leaf, said ? QString() : whyLeaf(leaf, *trace).sentence);
    m_show->setVisible(isNone);
    m_show->setEnabled(m_gradient.node != trace::none || m_gradient.event != trace::none);
    m_show->setText(m_gradient.node != trace::none ? tr("Show in graph") : tr("Go to event"));
    showRetain();
    show();
}

void WhyCard::showRetain() {
    const auto& trace = m_cursor.trace();
    const auto target = trace ? targetOf(*trace, m_gradient) : std::nullopt;
    session::Session* session = m_session.session();
    const bool possible = m_gradient.can_retain && target && session;
    m_retain->setVisible(possible);
    if (!possible) return;
    const bool asked = session->microscope().retention().retains(*target);
    m_retain->setText(asked ? tr("Do not retain") : tr("Retain"));
    m_retain->setToolTip(asked ? tr("Let its gradient go again, from the next step on")
                               : tr("Call retain_grad() on it whenever it is made, from the next step on"));
    if (asked) m_remedy->setText(tr("retain_grad() will be called when it is made again: in the next training step."));
}

void WhyCard::retain() {
    const auto& trace = m_cursor.trace();
    const auto target = trace ? targetOf(*trace, m_gradient) : std::nullopt;
    if (!target || !m_session.session()) return;
    session::Retention& retention = m_session.session()->microscope().retention();
    if (retention.retains(*target))
        retention.release(*target);
    else
        retention.retain(*target);
    m_answered = {};
    refresh();
}

void WhyCard::showPlace() {
    const auto& trace = m_cursor.trace();
    if (!trace) return;
    if (m_gradient.node != trace::none) {
        m_selection.selectNode(m_gradient.node);
        emit graphRequested();
    } else if (m_gradient.event != trace::none) {
        m_selection.selectEvent(m_gradient.event);
        m_cursor.moveTo(trace::past_notes(*trace, m_gradient.event + std::size_t{1}));
    }
}

QString WhyCard::text() const {
    QStringList lines;
    for (const QLabel* label : {m_title, m_sentence, m_detail, m_remedy, m_leaf})
        if (!label->isHidden()) lines.append(label->text());
    return lines.join(QLatin1Char('\n'));
}

} // namespace hs::ui
