#include "ui/views/breakpoints_view.h"

#include "ui/models/breakpoint_model.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/break_mark.h"
#include "ui/views/line_undo.h"

#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QStringListModel>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

using session::Breakpoint;
using Check = Breakpoint::Check;
using Place = Breakpoint::Place;

namespace {

constexpr int breakRow = 25;

bool takesNumber(Check check) {
    return check == Check::norm_above || check == Check::norm_below || check == Check::zeros_above;
}

class BreakDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return {QStyledItemDelegate::sizeHint(option, index).width(), breakRow};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool selected = option.state & QStyle::State_Selected;
        if (selected) painter->fillRect(option.rect, theme().color(Token::hover));
        const auto mark = static_cast<BreakpointModel::Mark>(index.data(BreakpointModel::MarkRole).toInt());
        const bool inModel = index.data(BreakpointModel::InModelRole).toBool();
        const bool counts = mark == BreakpointModel::Mark::on && inModel;
        const Token color = counts ? Token::text : Token::text3;
        QRect rect = option.rect.adjusted(8, 0, -4, 0);
        if (index.column() == BreakpointModel::Enabled) {
            if (selected)
                painter->fillRect(QRect(0, option.rect.top(), 3, option.rect.height()),
                                  theme().color(Token::selection));
            paintBreakMark(*painter, {rect.left() + 9.0, rect.center().y() + 0.5}, 9, mark, theme().color(color));
            rect.setLeft(rect.left() + 22);
        }
        const bool words = index.column() == BreakpointModel::Pass;
        painter->setFont(words ? theme().font(TypeSize::secondary) : theme().mono());
        const bool missing = index.column() == BreakpointModel::Hits && !inModel;
        painter->setPen(theme().color(missing ? Token::warning : color));
        const QFontMetrics metrics(painter->font());
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                          metrics.elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
        painter->restore();
    }
};

void select(QComboBox& box, int value) {
    box.setCurrentIndex(box.findData(value));
}

template <class E>
E selected(const QComboBox& box) {
    return static_cast<E>(box.currentData().toInt());
}

void addChoice(QComboBox& box, const QString& text, auto value) {
    box.addItem(text, static_cast<int>(value));
}

} // namespace

BreakpointsView::BreakpointsView(SessionModel& session, BreakpointModel& model, QWidget* parent)
    : QWidget(parent), m_session(session), m_model(model), m_side(new QComboBox), m_place(new QComboBox),
      m_name(new QLineEdit), m_check(new QComboBox), m_bound(new QLineEdit), m_pass(new QComboBox),
      m_fromHit(new QSpinBox), m_submit(new QPushButton), m_problem(new QLabel), m_table(new QTreeView),
      m_empty(new QLabel), m_cost(new QLabel), m_names(new QStringListModel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeChoices());
    column->addWidget(makeTable(), 1);
    setFocusProxy(m_name);
    connect(&m_model, &BreakpointModel::changed, this, &BreakpointsView::showState);
    connect(&m_session, &SessionModel::figuresChanged, this, &BreakpointsView::showState);
    connect(&m_session, &SessionModel::modulesChanged, this, &BreakpointsView::complete);
    choose({});
    showState();
}

QWidget* BreakpointsView::makeChoices() {
    addChoice(*m_place, tr("module"), Place::module);
    addChoice(*m_place, tr("node"), Place::node);
    addChoice(*m_place, tr("operation"), Place::operation);
    m_place->setAccessibleName(tr("Kind of place"));
    m_place->setToolTip(tr("A module, an autograd node, or an operation by name"));
    addChoice(*m_side, tr("before"), Breakpoint::Side::before);
    addChoice(*m_side, tr("after"), Breakpoint::Side::after);
    m_side->setAccessibleName(tr("Before or after"));
    m_side->setToolTip(tr("Before it runs, or after. The condition is about what it takes, or what it gives"));
    m_name->setProperty("mono", true);
    m_name->setAccessibleName(tr("Name"));
    m_name->setClearButtonEnabled(true);
    auto* completer = new QCompleter(m_names, this);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_name->setCompleter(completer);
    addChoice(*m_check, tr("always"), Check::always);
    addChoice(*m_check, tr("has NaN"), Check::has_nan);
    addChoice(*m_check, tr("has Inf"), Check::has_inf);
    addChoice(*m_check, tr("norm above"), Check::norm_above);
    addChoice(*m_check, tr("norm below"), Check::norm_below);
    addChoice(*m_check, tr("zeros above"), Check::zeros_above);
    addChoice(*m_check, tr("shape is"), Check::shape_is);
    addChoice(*m_check, tr("sign change"), Check::sign_change);
    m_check->setAccessibleName(tr("Condition"));
    m_check->setToolTip(tr("Of the tensor: before a module its input, after it its output, of nodes their gradients. "
                           "Sign change: of the mean, against the last time"));
    m_bound->setProperty("mono", true);
    m_bound->setAccessibleName(tr("Bound"));
    m_bound->setFixedWidth(96);
    addChoice(*m_pass, tr("both passes"), Breakpoint::Pass::both);
    addChoice(*m_pass, tr("forward"), Breakpoint::Pass::forward);
    addChoice(*m_pass, tr("backward"), Breakpoint::Pass::backward);
    m_pass->setAccessibleName(tr("Pass"));
    m_pass->setToolTip(tr("The pass in which it holds"));
    m_fromHit->setRange(1, 1'000'000'000);
    m_fromHit->setPrefix(tr("from hit "));
    m_fromHit->setAccessibleName(tr("First hit that stops"));
    m_fromHit->setToolTip(tr("Stops when the condition holds for this time, and from then on"));
    m_fromHit->setFixedWidth(120);
    m_submit->setProperty("primary", true);
    m_submit->setAutoDefault(false);

    auto* box = new QWidget;
    auto* rows = new QVBoxLayout(box);
    rows->setContentsMargins(12, 6, 12, 4);
    rows->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    for (QWidget* one : {static_cast<QWidget*>(m_side), static_cast<QWidget*>(m_place)})
        row->addWidget(one);
    row->addWidget(m_name, 1);
    for (QWidget* one : {static_cast<QWidget*>(m_check), static_cast<QWidget*>(m_bound), static_cast<QWidget*>(m_pass),
                         static_cast<QWidget*>(m_fromHit), static_cast<QWidget*>(m_submit)})
        row->addWidget(one);
    rows->addLayout(row);
    m_problem->setWordWrap(true);
    m_problem->hide();
    rows->addWidget(m_problem);

    connect(m_place, &QComboBox::currentIndexChanged, this, [this] {
        fitChoices();
        complete();
    });
    connect(m_check, &QComboBox::currentIndexChanged, this, &BreakpointsView::fitChoices);
    connect(m_submit, &QPushButton::clicked, this, &BreakpointsView::submit);
    for (QLineEdit* line : {m_name, m_bound}) {
        // Queued: after the list of completions, which writes what was chosen there into the line.
        connect(line, &QLineEdit::returnPressed, this, &BreakpointsView::submit, Qt::QueuedConnection);
        connect(line, &QLineEdit::textEdited, this, [this] { say({}); });
    }
    for (QWidget* one : std::initializer_list<QWidget*>{m_side, m_place, m_name, m_check, m_bound, m_pass, m_fromHit})
        one->installEventFilter(this);
    return box;
}

QWidget* BreakpointsView::makeTable() {
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new BreakDelegate(m_table));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAllColumnsShowFocus(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAccessibleName(tr("Breakpoints"));
    m_table->setToolTip(tr("Enter: change, Space: off and on, Delete: remove"));
    m_table->installEventFilter(this);
    QHeaderView* header = m_table->header();
    header->setStretchLastSection(true);
    header->setSectionsMovable(false);
    m_table->setColumnWidth(BreakpointModel::Enabled, 56);
    m_table->setColumnWidth(BreakpointModel::Where, 280);
    m_table->setColumnWidth(BreakpointModel::Condition, 190);
    m_table->setColumnWidth(BreakpointModel::Pass, 96);
    connect(m_table, &QTreeView::doubleClicked, this, [this](const QModelIndex& index) { edit(index.row()); });
    connect(m_table, &QTreeView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == BreakpointModel::Enabled) m_model.toggle(index.row());
    });
    // A row's place stays when rows come and go.
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, m_table,
            [this] { m_table->setProperty("row", m_table->currentIndex().row()); });
    connect(&m_model, &QAbstractItemModel::modelReset, m_table, [this] {
        const int row = std::min(m_table->property("row").toInt(), m_model.rowCount() - 1);
        if (row >= 0) m_table->setCurrentIndex(m_model.index(row, 0));
    });

    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setText(tr("Training will stop at the breakpoints listed here. Ctrl+F9 sets one at the selected module "
                        "or node."));
    m_cost->setProperty("secondary", true);
    m_cost->setContentsMargins(12, 3, 12, 5);
    m_cost->setToolTip(tr("While a breakpoint is on, every step keeps its events, its graph and its values, so that "
                          "a stop can be looked at and stepped back from"));
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_empty, 1);
    column->addWidget(m_table, 1);
    column->addWidget(m_cost);
    return box;
}

void BreakpointsView::fitChoices() {
    const Place place = selected<Place>(*m_place);
    const Check check = selected<Check>(*m_check);
    m_side->setEnabled(place != Place::operation);
    if (place == Place::operation) select(*m_side, static_cast<int>(Breakpoint::Side::after));
    m_pass->setEnabled(place != Place::node);
    if (place == Place::node) select(*m_pass, static_cast<int>(Breakpoint::Pass::backward));
    m_name->setPlaceholderText(place == Place::module ? tr("Path, such as conv1; empty: the whole model")
                               : place == Place::node ? tr("ReluBackward0, or ReluBackward0 in stage1")
                                                      : tr("conv2d, or conv2d in stage1"));
    m_name->setToolTip(m_name->placeholderText());
    const bool bound = takesNumber(check) || check == Check::shape_is;
    m_bound->setVisible(bound);
    m_bound->setPlaceholderText(check == Check::shape_is      ? QStringLiteral("[64, *]")
                                : check == Check::zeros_above ? QStringLiteral("90 %")
                                                              : QStringLiteral("10"));
    m_bound->setToolTip(check == Check::shape_is      ? tr("Sizes; * is any size")
                        : check == Check::zeros_above ? tr("A fraction, or a percentage")
                                                      : tr("A number, 0 or more"));
}

void BreakpointsView::complete() {
    m_names->setStringList(m_model.names(selected<Place>(*m_place)));
}

Breakpoint BreakpointsView::chosen(QString& problem) const {
    Breakpoint one;
    one.place = selected<Place>(*m_place);
    one.side = selected<Breakpoint::Side>(*m_side);
    one.check = selected<Check>(*m_check);
    one.pass = selected<Breakpoint::Pass>(*m_pass);
    one.from_hit = m_fromHit->value();
    QString name = m_name->text().trimmed();
    if (one.place != Place::module) {
        const QString word = QStringLiteral(" in ");
        const qsizetype in = (QLatin1Char(' ') + name).indexOf(word);
        if (in >= 0) {
            one.inside = name.mid(in + word.size() - 1).trimmed().toStdString();
            name = name.left(std::max<qsizetype>(in - 1, 0)).trimmed();
        }
    }
    one.name = name.toStdString();
    QString bound = m_bound->text().trimmed();
    if (one.check == Check::shape_is) one.shape = bound.toStdString();
    if (!takesNumber(one.check)) return one;
    const bool percent = one.check == Check::zeros_above && bound.endsWith(QLatin1Char('%'));
    if (percent) bound.chop(1);
    bound.replace(QLatin1Char(','), QLatin1Char('.'));
    bool ok = false;
    one.bound = bound.trimmed().toDouble(&ok) / (percent ? 100 : 1);
    if (!ok)
        problem = tr("“%1” is not a number; write one such as %2.").arg(m_bound->text(), m_bound->placeholderText());
    return one;
}

void BreakpointsView::choose(const Breakpoint& one) {
    select(*m_place, static_cast<int>(one.place));
    select(*m_check, static_cast<int>(one.check));
    select(*m_side, static_cast<int>(one.side));
    select(*m_pass, static_cast<int>(one.pass));
    const QString inside = QString::fromStdString(one.inside);
    m_name->setText(
        (QString::fromStdString(one.name) + (inside.isEmpty() ? QString() : QStringLiteral(" in ") + inside))
            .trimmed());
    m_bound->setText(one.check == Check::shape_is      ? QString::fromStdString(one.shape)
                     : one.check == Check::zeros_above ? QString::number(one.bound * 100) + QStringLiteral(" %")
                     : takesNumber(one.check)          ? QString::number(one.bound)
                                                       : QString());
    m_fromHit->setValue(static_cast<int>(std::min<std::int64_t>(one.from_hit, m_fromHit->maximum())));
    m_edited = one.id;
    m_submit->setText(m_edited ? tr("Change %1").arg(m_edited) : tr("Add"));
    m_submit->setToolTip(m_edited ? tr("Change breakpoint %1 (Enter); Escape leaves it as it is").arg(m_edited)
                                  : tr("Add this breakpoint (Enter)"));
    fitChoices();
    complete();
    say({});
}

void BreakpointsView::submit() {
    QString problem;
    Breakpoint one = chosen(problem);
    if (problem.isEmpty()) {
        int row = 0;
        while (row < m_model.rowCount() && m_model.at(row).id != m_edited)
            ++row;
        if (m_edited && row < m_model.rowCount()) {
            one.enabled = m_model.at(row).enabled;
            problem = m_model.change(row, one);
        } else {
            problem = m_model.add(one);
            row = m_model.rowCount() - 1;
        }
        if (problem.isEmpty()) {
            choose({});
            m_table->setCurrentIndex(m_model.index(row, 0));
        }
    }
    say(problem);
}

void BreakpointsView::edit(int row) {
    if (row < 0 || row >= m_model.rowCount()) return;
    choose(m_model.at(row));
    m_name->setFocus(Qt::OtherFocusReason);
}

void BreakpointsView::say(const QString& problem) {
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    QPalette colors = m_problem->palette();
    colors.setColor(QPalette::WindowText, theme().color(Token::error));
    m_problem->setPalette(colors);
}

void BreakpointsView::showState() {
    const bool any = m_model.rowCount() > 0;
    m_table->setVisible(any);
    m_empty->setVisible(!any);
    const double ratio = m_session.figures().observe_ratio;
    bool on = false;
    for (int row = 0; row < m_model.rowCount(); ++row)
        on = on || (m_model.at(row).enabled && m_model.at(row).in_model);
    m_cost->setVisible(on);
    m_cost->setText(tr("While one is on, every step is recorded whole. Observing now adds %1 to a step's time")
                        .arg(formatPercent(std::max(ratio - 1, 0.0))));
}

bool BreakpointsView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::ShortcutOverride) {
        // The window has this key for values of tensors.
        const bool own = static_cast<QKeyEvent*>(event)->key() == Qt::Key_F2 && m_table->currentIndex().isValid();
        if (own) event->accept();
        return own;
    }
    if (leavesUndoToWindow(watched, event)) return true;
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (watched != m_table) {
        if (key != Qt::Key_Escape || !m_edited) return false;
        choose({});
        m_table->setFocus(Qt::OtherFocusReason);
        return true;
    }
    const int row = m_table->currentIndex().row();
    if (row < 0) return false;
    if (key == Qt::Key_Delete || key == Qt::Key_Backspace)
        m_model.remove(row);
    else if (key == Qt::Key_Space)
        m_model.toggle(row);
    else if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_F2)
        edit(row);
    else
        return false;
    return true;
}

} // namespace hs::ui
