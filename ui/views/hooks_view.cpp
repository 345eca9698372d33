#include "ui/views/hooks_view.h"

#include "engine/session/session.h"
#include "ui/models/hooks_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/histogram_view.h"
#include "ui/views/hooks_commands.h"
#include "ui/views/line_undo.h"

#include <QAbstractItemDelegate>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QUndoStack>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace hs::ui {

using session::HookAction;
using session::HookKind;
using session::HookPlace;
using session::HookRow;
using session::HookSpec;

namespace {

constexpr int hookRowHeight = 25;
constexpr int detailWidth = 260;

class HooksDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return {QStyledItemDelegate::sizeHint(option, index).width(), hookRowHeight};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, theme().color(selected ? Token::hover : Token::raised));
        if (selected && index.column() == 0)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()),
                              theme().color(Token::selection));
        const bool words = index.column() == HooksModel::Kind || index.column() == HooksModel::What;
        const bool problem =
            index.column() == HooksModel::Change && !index.data(HooksModel::ProblemRole).toString().isEmpty();
        const QFont font = words || problem ? theme().font(TypeSize::secondary) : theme().mono(TypeSize::annotation);
        painter->setFont(font);
        painter->setPen(theme().color(problem                                      ? Token::error
                                      : index.data(HooksModel::MutedRole).toBool() ? Token::text3
                                      : index.data(HooksModel::IsOwnRole).toBool() ? Token::text
                                                                                   : Token::text2));
        const QRect inner = option.rect.adjusted(index.column() == 0 ? 6 : 4, 0, -4, 0);
        const QString text = QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, inner.width());
        painter->drawText(inner, index.data(Qt::TextAlignmentRole).toInt(), text);
        painter->restore();
    }
};

bool needsAmount(HookAction action) {
    return action != HookAction::statistics && action != HookAction::zero && action != HookAction::stop_non_finite;
}

std::optional<double> readAmount(const QString& given) {
    QString text = given.trimmed();
    text.replace(QChar(0x2212), QLatin1Char('-'));
    text.replace(QLatin1Char(','), QLatin1Char('.'));
    bool ok = false;
    const double value = text.toDouble(&ok);
    return ok && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool isOnNode(int kindChoice) {
    return kindChoice >= 6;
}

/// In the order of the list; the last three are of the selected node.
constexpr HookKind kindChoices[] = {HookKind::forward_pre, HookKind::forward,  HookKind::backward_pre,
                                    HookKind::backward,    HookKind::tensor,   HookKind::post_accumulate,
                                    HookKind::tensor,      HookKind::node_pre, HookKind::node_post};

} // namespace

HooksView::HooksView(SessionModel& session, Selection& selection, TraceCursor& cursor, QUndoStack& undo,
                     QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_cursor(cursor), m_undo(undo),
      m_model(new HooksModel(this)), m_table(new QTreeView) {
    m_table->setModel(m_model);
    m_table->setItemDelegate(new HooksDelegate(m_table));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAllColumnsShowFocus(true);
    m_table->setMouseTracking(true);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAccessibleName(tr("Hooks"));
    m_table->setAccessibleDescription(
        tr("Hooks in the order in which they fire. Space mutes one, Delete removes it, Alt+Up and Alt+Down move it."));
    m_table->header()->setSectionsMovable(false);
    m_table->header()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->header()->setFixedHeight(26);
    m_table->header()->setStretchLastSection(true);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    m_empty =
        new QLabel(tr("No hooks. Choose what one shall do, and put it on the selected module, parameter or node."));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);

    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(makeAddRow());
    left->addWidget(m_empty, 1);
    left->addWidget(m_table, 1);
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addLayout(left, 1);
    all->addWidget(makeDetail());
    setFocusProxy(m_table);

    connect(&session, &SessionModel::statusChanged, this, &HooksView::takeTable);
    connect(&session, &SessionModel::sourceChanged, this, &HooksView::takeTable);
    connect(&session, &SessionModel::modulesChanged, this, &HooksView::showPlace);
    connect(&selection, &Selection::moduleChanged, this, &HooksView::showPlace);
    connect(&selection, &Selection::valueChanged, this, &HooksView::showPlace);
    connect(&selection, &Selection::nodeChanged, this, &HooksView::showPlace);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        const HookRow* row = m_model->hook(current);
        if (m_filling || !row) return;
        m_current = row->id;
        select(*row);
        showDetail();
    });
    connect(&theme(), &Theme::changed, this, &HooksView::showDetail);
    takeTable();
    showPlace();
}

QWidget* HooksView::makeAddRow() {
    m_kinds = new QComboBox;
    m_kinds->addItems({tr("Module: forward pre"), tr("Module: forward"), tr("Module: backward pre"),
                       tr("Module: backward"), tr("Parameter: tensor"), tr("Parameter: post-accumulate"),
                       tr("Node: its output"), tr("Node: before it runs"), tr("Node: after it ran")});
    m_kinds->setCurrentIndex(1);
    m_kinds->setAccessibleName(tr("Kind of the new hook"));
    m_kinds->setToolTip(tr("What the new hook is registered with"));
    m_kinds->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_kinds->setMinimumContentsLength(17);
    m_place = new QLabel;
    m_place->setFont(theme().mono());
    m_place->setMinimumWidth(60);
    m_place->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_actions = new QComboBox;
    m_actions->addItems({tr("show statistics"), tr("scale by"), tr("clip norm to"), tr("clip values to ±"),
                         tr("replace by zeros"), tr("add noise of"), tr("stop at NaN or Inf"),
                         tr("stop at norm above")});
    m_actions->setAccessibleName(tr("What the new hook does"));
    m_actions->setToolTip(tr("What the new hook does to the tensor that it is given"));
    m_amount = new QLineEdit(QStringLiteral("0.5"));
    m_amount->setProperty("mono", true);
    m_amount->setFixedWidth(72);
    m_amount->setAccessibleName(tr("How much"));
    m_amount->setToolTip(tr("Factor, limit or standard deviation. Enter adds the hook"));
    m_seed = new QLineEdit(QStringLiteral("0"));
    m_seed->setProperty("mono", true);
    m_seed->setFixedWidth(56);
    m_seed->setAccessibleName(tr("Seed of the noise"));
    m_seed->setToolTip(tr("Seed of the noise, a whole number"));
    m_add = new QPushButton(tr("Add hook"));
    m_add->setProperty("primary", true);

    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(12, 6, 12, 6);
    row->setSpacing(8);
    row->addWidget(m_kinds);
    row->addWidget(m_place, 1);
    row->addWidget(m_actions);
    row->addWidget(m_amount);
    row->addWidget(m_seed);
    row->addWidget(m_add);
    const auto update = [this] {
        const auto action = static_cast<HookAction>(m_actions->currentIndex());
        m_amount->setVisible(needsAmount(action));
        m_seed->setVisible(action == HookAction::noise);
        showPlace();
    };
    connect(m_kinds, &QComboBox::currentIndexChanged, this, update);
    connect(m_actions, &QComboBox::currentIndexChanged, this, update);
    connect(m_amount, &QLineEdit::textChanged, this, &HooksView::showPlace);
    connect(m_seed, &QLineEdit::textChanged, this, &HooksView::showPlace);
    connect(m_amount, &QLineEdit::returnPressed, m_add, &QPushButton::click);
    connect(m_seed, &QLineEdit::returnPressed, m_add, &QPushButton::click);
    connect(m_add, &QPushButton::clicked, this, &HooksView::add);
    m_amount->installEventFilter(this);
    m_seed->installEventFilter(this);
    m_amount->hide();
    m_seed->hide();
    return box;
}

QWidget* HooksView::makeDetail() {
    m_detail = new QWidget;
    m_detail->setFixedWidth(detailWidth);
    auto* column = new QVBoxLayout(m_detail);
    column->setContentsMargins(12, 6, 12, 6);
    column->setSpacing(2);
    const auto add = [&](QLabel*& text, HistogramView*& bins) {
        text = new QLabel;
        text->setFont(theme().mono(TypeSize::annotation));
        bins = new HistogramView;
        bins->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
        column->addWidget(text);
        column->addWidget(bins, 1);
    };
    add(m_beforeText, m_before);
    add(m_afterText, m_after);
    return m_detail;
}

std::optional<HookPlace> HooksView::nodePlace(HookKind kind, QString& reason) const {
    const trace::Trace* trace = m_cursor.trace().get();
    const trace::Id id = m_selection.node();
    if (!trace || id >= trace->nodes.size() || trace->nodes[id].is_accumulate_grad) {
        reason = tr("Select a node in the autograd graph");
        return std::nullopt;
    }
    const trace::Node& node = trace->nodes[id];
    if (node.operation.empty()) {
        reason = tr("%1 was made by no operation, and cannot be found again").arg(QString::fromStdString(node.name));
        return std::nullopt;
    }
    HookPlace place{.kind = kind, .node = node.name};
    if (node.module != trace::none) place.module = (*trace->modules)[node.module].path;
    const std::size_t count = trace->nodes.size();
    for (std::size_t i = 0; i < count; ++i) {
        const trace::Node& other = trace->nodes[i];
        if (other.name == node.name && !other.operation.empty() && other.sequence_nr < node.sequence_nr)
            ++place.occurrence;
    }
    return place;
}

std::optional<HookPlace> HooksView::chosenPlace(QString& reason) const {
    if (!m_session.session()) {
        reason = tr("Nothing is open that could be hooked");
        return std::nullopt;
    }
    const int choice = std::max(m_kinds->currentIndex(), 0);
    const HookKind kind = kindChoices[choice];
    if (isOnNode(choice)) return nodePlace(kind, reason);
    const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
    if (!module) {
        reason = tr("Select a module");
        return std::nullopt;
    }
    if (kind <= HookKind::backward) return HookPlace{.kind = kind, .module = module->path};
    std::string member = m_selection.value() ? m_selection.value()->member.str() : std::string();
    const auto isParameter = [&](const trace::Member& one) { return !one.is_buffer && one.name == member; };
    if (std::none_of(module->members.begin(), module->members.end(), isParameter)) {
        const auto first = std::find_if(module->members.begin(), module->members.end(),
                                        [](const trace::Member& one) { return !one.is_buffer; });
        if (first == module->members.end()) {
            reason =
                tr("%1 has no parameters of its own: select another module").arg(QString::fromStdString(module->name));
            return std::nullopt;
        }
        member = first->name;
    }
    return HookPlace{.kind = kind, .module = module->path, .member = member};
}

void HooksView::showPlace() {
    QString reason;
    const auto place = chosenPlace(reason);
    const auto action = static_cast<HookAction>(m_actions->currentIndex());
    const bool badAmount = needsAmount(action) && !readAmount(m_amount->text());
    bool goodSeed = true;
    if (action == HookAction::noise) m_seed->text().toULongLong(&goodSeed);
    const auto mark = [](QLineEdit* box, bool bad) {
        if (box->property("invalid").toBool() == bad) return;
        box->setProperty("invalid", bad);
        box->style()->unpolish(box);
        box->style()->polish(box);
    };
    mark(m_amount, badAmount);
    mark(m_seed, !goodSeed);
    if (place && badAmount) reason = tr("“%1” is no number").arg(m_amount->text());
    if (place && !goodSeed) reason = tr("“%1” is no whole number").arg(m_seed->text());
    const QString name = place ? QString::fromStdString(place_text(*place)) : reason;
    m_place->setText(name);
    m_place->setForegroundRole(place ? QPalette::WindowText : QPalette::PlaceholderText);
    m_place->setToolTip(name);
    m_add->setEnabled(place && !badAmount && goodSeed);
    m_add->setToolTip(m_add->isEnabled() ? tr("Put the hook on %1").arg(name) : reason);
}

void HooksView::add() {
    QString reason;
    const auto place = chosenPlace(reason);
    if (!place || !m_add->isEnabled()) return;
    HookSpec spec{.place = *place, .action = static_cast<HookAction>(m_actions->currentIndex())};
    if (needsAmount(spec.action)) spec.amount = readAmount(m_amount->text()).value_or(1);
    spec.seed = m_seed->text().toULongLong();
    auto* command = new AddHook(m_session, spec);
    m_undo.push(command);
    // From here on the addition is what is taken back, not what was typed for it.
    for (QLineEdit* line : {m_amount, m_seed})
        line->setText(line->text());
    m_added = command->hookId();
}

void HooksView::beginAdding() {
    m_kinds->setFocus(Qt::ShortcutFocusReason);
}

void HooksView::takeTable() {
    const session::Session* session = m_session.session();
    m_filling = true;
    m_model->setTable(session ? session->hook_bench().table() : std::make_shared<const session::HookTable>());
    if (m_added != 0 && m_model->rowOf(m_added) >= 0) m_current = std::exchange(m_added, 0);
    const int row = m_current == 0 ? -1 : m_model->rowOf(m_current);
    if (row >= 0 && m_table->currentIndex().row() != row) m_table->setCurrentIndex(m_model->index(row, 0));
    m_filling = false;
    const bool any = m_model->rowCount() > 0;
    if (!any && m_table->hasFocus()) m_kinds->setFocus(Qt::OtherFocusReason);
    m_table->setVisible(any);
    m_empty->setVisible(!any);
    showDetail();
}

void HooksView::select(const HookRow& row) {
    const HookPlace& place = row.spec.place;
    if (place.kind == HookKind::step_pre || place.kind == HookKind::step_post || !place.node.empty()) return;
    if (place.member.empty())
        m_selection.selectModule(place.module);
    else
        m_selection.selectValue({trace::Role::parameter, place.module, place.member});
}

void HooksView::showDetail() {
    const HookRow* row = m_model->hook(m_table->currentIndex());
    const bool some = row && row->before && width() > 760;
    m_detail->setVisible(some);
    if (!some) return;
    const bool forward = row->spec.place.kind <= HookKind::forward;
    const Token color = forward ? Token::forward : Token::backward;
    const auto text = [](const QString& which, const trace::Summary& of) {
        return tr("%1  mean %2  std %3").arg(which, formatNumber(of.mean), formatNumber(of.std));
    };
    m_beforeText->setText(text(tr("before"), *row->before));
    m_before->setSummary(row->before, color);
    m_afterText->setVisible(row->after.has_value());
    m_after->setVisible(row->after.has_value());
    if (!row->after) return;
    m_afterText->setText(text(tr("after"), *row->after));
    m_after->setSummary(row->after, color);
}

bool HooksView::actOn(const HookRow& row, int key, Qt::KeyboardModifiers modifiers) {
    using session::HookBench;
    const bool alt = modifiers & Qt::AltModifier;
    const bool known =
        key == Qt::Key_Space || key == Qt::Key_Delete || (alt && (key == Qt::Key_Up || key == Qt::Key_Down));
    if (!known) return false;
    if (row.id == 0) return true; // the program's own is only looked at
    const quint64 id = row.id;
    const QString name = QString::fromStdString(place_text(row.spec.place));
    const auto push = [&](const QString& text, ChangeHook::Change change, ChangeHook::Change opposite) {
        m_undo.push(new ChangeHook(m_session, text, std::move(change), std::move(opposite)));
    };
    const auto raise = [id](HookBench& bench) { bench.raise(id); };
    const auto sink = [id](HookBench& bench) { bench.sink(id); };
    if (key == Qt::Key_Space) {
        const bool mute = !row.spec.muted;
        push((mute ? tr("muting the hook on %1") : tr("unmuting the hook on %1")).arg(name),
             [id, mute](HookBench& bench) { bench.set_muted(id, mute); },
             [id, mute](HookBench& bench) { bench.set_muted(id, !mute); });
    } else if (key == Qt::Key_Delete) {
        push(
            tr("removing the hook on %1").arg(name), [id](HookBench& bench) { bench.remove(id); },
            [id](HookBench& bench) { bench.restore(id); });
    } else if (key == Qt::Key_Up && row.can_rise) {
        push(tr("moving the hook on %1").arg(name), raise, sink);
    } else if (key == Qt::Key_Down && row.can_sink) {
        push(tr("moving the hook on %1").arg(name), sink, raise);
    }
    return true;
}

bool HooksView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) layoutColumns();
    if (leavesUndoToWindow(watched, event)) return true;
    if (watched != m_table || event->type() != QEvent::KeyPress) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    const HookRow* row = m_model->hook(m_table->currentIndex());
    return row && actOn(*row, key->key(), key->modifiers());
}

void HooksView::layoutColumns() {
    const int width = m_table->viewport()->width();
    const int widths[] = {108, std::clamp(width / 5, 90, 220), std::clamp(width / 4, 110, 190), 58, 76};
    m_table->setColumnHidden(HooksModel::Cost, width < 520);
    m_table->setColumnHidden(HooksModel::Fired, width < 440);
    for (int column = 0; column < HooksModel::Change; ++column)
        m_table->setColumnWidth(column, widths[column]);
}

void HooksView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    takeTable();
}

void HooksView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    showDetail();
}

} // namespace hs::ui
