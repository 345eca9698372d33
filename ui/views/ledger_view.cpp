#include "ui/views/ledger_view.h"

#include "engine/trace/moment.h"
#include "ui/models/ledger_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/role_glyph.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QIcon>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace hs::ui {

namespace {

using LineKind = trace::LedgerLine::Kind;

constexpr int ledgerRow = 25;
constexpr qint64 hiddenMs = 250; ///< from step to step that is entered while nobody looks
constexpr int ledgerWarning = 56;
constexpr int ledgerInset = 6;

int kindOfRow(const QModelIndex& index) {
    return index.data(LedgerModel::KindRole).toInt();
}

bool isKind(const QModelIndex& index, LineKind kind) {
    return kindOfRow(index) == static_cast<int>(kind);
}

/// Paints the rows: norms as gradients, the optimizer's diamond, and the warning as a box over all columns.
class LedgerDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return {QStyledItemDelegate::sizeHint(option, index).width(),
                isKind(index, LineKind::left_over) ? ledgerWarning : ledgerRow};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const Theme& t = theme();
        const bool selected = option.state & QStyle::State_Selected;
        if (selected) painter->fillRect(option.rect, t.color(Token::hover));
        if (selected && index.column() == LedgerModel::Pass)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), t.color(Token::selection));
        if (isKind(index, LineKind::left_over))
            paintWarning(*painter, option.rect, index);
        else
            paintCell(*painter, option.rect, index);
        painter->restore();
    }

  private:
    static void paintWarning(QPainter& painter, const QRect& cell, const QModelIndex& index) {
        const Theme& t = theme();
        const QRectF box = QRectF(cell).adjusted(ledgerInset + 0.5, 3.5, -ledgerInset - 0.5, -3.5);
        painter.setPen(blend(t.color(Token::warning), t.color(Token::panel), 50));
        painter.setBrush(t.tint(Token::warning, 12));
        painter.drawRoundedRect(box, 6, 6);
        const QPointF sign(box.left() + 18, box.top() + 16);
        painter.setPen(QPen(t.color(Token::warning), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolygon(QPolygonF{sign + QPointF(0, -6), sign + QPointF(6.5, 5), sign + QPointF(-6.5, 5)});
        painter.drawLine(sign + QPointF(0, -2), sign + QPointF(0, 1.5));
        painter.drawPoint(sign + QPointF(0, 3.5));
        const QRect title = box.adjusted(34, 7, -8, 0).toRect();
        painter.setPen(t.color(Token::warning));
        painter.setFont(t.font(TypeSize::secondary, QFont::DemiBold));
        painter.drawText(QRect(title.topLeft(), QSize(title.width(), 17)), Qt::AlignLeft | Qt::AlignVCenter,
                         index.data().toString());
        painter.setPen(t.color(Token::text));
        painter.setFont(t.font(TypeSize::secondary));
        const QRect line(title.left(), title.top() + 18, title.width(), 17);
        painter.drawText(
            line, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(index.data(Qt::ToolTipRole).toString(), Qt::ElideRight, line.width()));
    }

    static Token colorOf(const QModelIndex& index) {
        const int kind = kindOfRow(index);
        if (kind < 0) return Token::text3;
        if (index.column() == LedgerModel::Norm) return Token::backward;
        if (index.column() == LedgerModel::Total)
            return kind == static_cast<int>(LineKind::set_to_none) || kind == static_cast<int>(LineKind::pending)
                       ? Token::text2
                       : Token::text;
        return index.column() == LedgerModel::Pass ? Token::text2 : Token::text;
    }

    static void paintCell(QPainter& painter, const QRect& cell, const QModelIndex& index) {
        const Theme& t = theme();
        QRect rect = cell.adjusted(index.column() == LedgerModel::Pass ? 12 : ledgerInset, 0,
                                   index.column() == LedgerModel::Total ? -12 : -ledgerInset, 0);
        const bool isRead = isKind(index, LineKind::read);
        if (isRead && index.column() == LedgerModel::Path) {
            const QPointF c(rect.left() + 5, rect.center().y() + 0.5);
            painter.setPen(Qt::NoPen);
            painter.setBrush(t.color(Token::update));
            painter.drawPolygon(
                QPolygonF{c + QPointF(0, -5), c + QPointF(5, 0), c + QPointF(0, 5), c + QPointF(-5, 0)});
            rect.setLeft(rect.left() + 16);
        }
        const bool isNumber = index.column() != LedgerModel::Path;
        painter.setFont(isNumber ? t.mono() : t.font(TypeSize::secondary));
        painter.setPen(t.color(colorOf(index)));
        const int flags = index.data(Qt::TextAlignmentRole).toInt();
        QString text = index.data().toString();
        if (!isNumber) text = painter.fontMetrics().elidedText(text, Qt::ElideMiddle, rect.width());
        painter.drawText(rect, flags, text);
    }
};

} // namespace

LedgerView::LedgerView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_cursor(cursor), m_model(new LedgerModel(this)),
      m_glyph(new QLabel), m_name(new QLabel), m_shape(new QLabel), m_table(new QTableView),
      m_nothing(new QLabel(tr("Every addition into the .grad of the selected parameter will be listed here."))) {
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 10);
    head->setSpacing(8);
    m_name->setFont(theme().font(TypeSize::subject, QFont::DemiBold));
    m_name->setTextFormat(Qt::PlainText);
    m_name->setMinimumWidth(20);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_shape->setFont(theme().mono());
    m_shape->setForegroundRole(QPalette::PlaceholderText);
    head->addWidget(m_glyph);
    head->addWidget(m_name, 1);
    head->addWidget(m_shape);

    m_table->setModel(m_model);
    m_table->setItemDelegate(new LedgerDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(20);
    m_table->verticalHeader()->setDefaultSectionSize(ledgerRow);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(24);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setSectionResizeMode(LedgerModel::Path, QHeaderView::Stretch);
    m_table->setAccessibleName(tr("Ledger of the gradient"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setMargin(16);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_nothing, 1);
    column->addWidget(m_table, 1);
    setFocusProxy(m_table);

    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) { go(index.row()); });
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) { go(index.row()); });
    connect(&session, &SessionModel::recorded, this, &LedgerView::takeFinished);
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        m_book.clear();
        m_finished.reset();
        m_sinceEntered.invalidate();
    });
    connect(&cursor, &TraceCursor::moved, this, &LedgerView::refresh);
    connect(&session, &SessionModel::modulesChanged, this, &LedgerView::refresh);
    connect(&selection, &Selection::valueChanged, this, &LedgerView::refresh);
    connect(&selection, &Selection::nodeChanged, this, &LedgerView::refresh);
    connect(&theme(), &Theme::changed, this, [this] {
        showHead();
        m_table->viewport()->update();
    });
    refresh();
}

/// The parameter that is selected itself, by its gradient, by its AccumulateGrad, or with its module.
trace::ValueKey LedgerView::chosen() const {
    const trace::ValueKey nobody{trace::Role::parameter, {}, {}};
    const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
    if (!module) return nobody;
    const auto named = [&](const std::string& name) {
        const auto is = [&](const trace::Member& member) { return !member.is_buffer && member.name == name; };
        return std::any_of(module->members.begin(), module->members.end(), is);
    };
    const auto& trace = m_cursor.trace();
    if (trace && m_selection.node() < trace->nodes.size()) {
        const trace::Node& node = trace->nodes[m_selection.node()];
        if (node.is_accumulate_grad && node.module != trace::none) {
            const trace::Module& owner = (*trace->modules)[node.module];
            for (const trace::Member& member : owner.members) {
                const trace::ValueKey key{trace::Role::parameter, owner.path, member.name};
                if (to_string(key) == node.name.str()) return key;
            }
        }
    }
    if (m_selection.value() && named(m_selection.value()->member))
        return {trace::Role::parameter, module->path, m_selection.value()->member};
    for (const trace::Member& member : module->members)
        if (!member.is_buffer) return {trace::Role::parameter, module->path, member.name};
    return nobody;
}

/// What a `.grad` was when `step` began, as far as it is known.
double LedgerView::normBefore(const trace::ValueKey& parameter, std::int64_t step) const {
    const double known = m_book.total_after(parameter, step - 1);
    if (known == known || !m_session.history()) return known;
    const trace::Series series =
        m_session.history()->series({trace::Role::gradient, parameter.module, parameter.member}, 2);
    for (std::size_t i = series.size(); i-- > 0;)
        if (series[i].last_step < step) return series[i].summary.norm;
    return trace::LedgerLine::unknown;
}

void LedgerView::takeFinished() {
    const auto& newest = m_session.newest();
    if (!newest || !newest->finished() || !newest->keeps_all) return;
    m_finished = newest;
    if (isVisible() || !m_session.isRunning() || !m_sinceEntered.isValid() || m_sinceEntered.elapsed() >= hiddenMs)
        enter();
}

void LedgerView::enter() {
    const auto trace = std::exchange(m_finished, nullptr);
    if (!trace) return;
    m_sinceEntered.start();
    m_book.take(trace, [&](const trace::ValueKey& key) { return normBefore(key, trace->step); });
}

void LedgerView::refresh() {
    if (m_session.isRunning()) return;
    enter();
    if (!isVisible()) return;
    m_parameter = chosen();
    const auto& trace = m_cursor.trace();
    std::vector<trace::LedgerLine> now;
    std::int64_t step = -1;
    if (trace && trace->step >= 0 && !m_parameter.member.empty()) {
        step = trace->step;
        auto ledger = trace::ledger_of(trace, m_cursor.position(),
                                       [&](const trace::ValueKey& key) { return normBefore(key, step); });
        now = std::move(ledger[m_parameter]);
    }
    const auto row = m_table->currentIndex().row();
    const bool wasLast = row < 0 || row == m_model->rowCount() - 1;
    m_model->setLines(m_book.lines(m_parameter), now, step);
    showHead();
    m_table->clearSpans();
    for (int i = 0; i < m_model->rowCount(); ++i) {
        const QModelIndex first = m_model->index(i, 0);
        const int kind = kindOfRow(first);
        const bool warns = kind == static_cast<int>(LineKind::left_over);
        m_table->setRowHeight(i, warns ? ledgerWarning : ledgerRow);
        if (warns) m_table->setSpan(i, 0, 1, LedgerModel::columnCountOfAll);
        // Only additions have a norm of their own; other words may take its room.
        if (!warns && kind != static_cast<int>(LineKind::added))
            m_table->setSpan(i, LedgerModel::Path, 1, kind < 0 ? 3 : 2);
    }
    fitColumns();
    const int last = m_model->lastRowOfStep();
    const int wanted = wasLast ? last : std::min(row, m_model->rowCount() - 1);
    if (wanted >= 0) m_table->setCurrentIndex(m_model->index(wanted, LedgerModel::Path));
    if (wasLast) m_table->scrollToBottom();
}

void LedgerView::fitColumns() {
    const QFontMetrics mono(theme().mono());
    const auto width = [&](int column, int margins) {
        int most = mono.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString());
        for (int row = 0; row < m_model->rowCount(); ++row)
            if (!isKind(m_model->index(row, 0), LineKind::left_over))
                most = std::max(most, mono.horizontalAdvance(m_model->index(row, column).data().toString()));
        return most + margins + 2;
    };
    m_table->setColumnWidth(LedgerModel::Pass, width(LedgerModel::Pass, 12 + ledgerInset));
    m_table->setColumnWidth(LedgerModel::Norm, width(LedgerModel::Norm, 2 * ledgerInset));
    m_table->setColumnWidth(LedgerModel::Total, width(LedgerModel::Total, ledgerInset + 12));
}

void LedgerView::showHead() {
    const bool some = !m_parameter.member.empty();
    const trace::Module* module = findModule(m_session.modules().get(), m_parameter.module);
    m_glyph->setPixmap(some ? roleIcon(trace::Role::parameter, devicePixelRatioF()).pixmap(16, 16) : QPixmap());
    const QString name = some ? QString::fromStdString(to_string(m_parameter)) + QStringLiteral(".grad") : QString();
    m_name->setText(name);
    m_name->setToolTip(name);
    m_shape->clear();
    if (module)
        for (const trace::Member& member : module->members)
            if (member.name == m_parameter.member.str()) m_shape->setText(formatShape(member.shape));
    m_table->setVisible(!m_model->isEmpty());
    m_nothing->setVisible(m_model->isEmpty());
}

void LedgerView::go(int row) {
    const auto event = m_model->index(row, 0).data(LedgerModel::EventRole).value<trace::Id>();
    const auto& trace = m_cursor.trace();
    if (event == trace::none || !trace || event >= trace->events.size()) return;
    m_selection.selectEvent(event);
    m_cursor.moveTo(trace::past_notes(*trace, event + std::size_t{1}));
}

void LedgerView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    enter();
    refresh();
}

} // namespace hs::ui
