#include "ui/views/watches_view.h"

#include "ui/models/session_model.h"
#include "ui/models/watch_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/views/line_undo.h"

#include <QCompleter>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QStringListModel>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace hs::ui {

using session::WatchedExpression;
using session::WatchPoint;

namespace {

constexpr int watchRow = 26;

/// The curve of a history, and a tick where it jumped.
void paintSpark(QPainter& painter, const QRectF& rect, const std::vector<WatchPoint>& history) {
    double low = 0, high = 0;
    bool any = false;
    for (const WatchPoint& point : history) {
        if (!std::isfinite(point.value)) continue;
        low = any ? std::min(low, point.value) : point.value;
        high = any ? std::max(high, point.value) : point.value;
        any = true;
    }
    const double width = rect.width() / static_cast<double>(std::max<std::size_t>(history.size() - 1, 1));
    QPolygonF line;
    const auto flush = [&] {
        painter.setPen(QPen(theme().color(Token::text), 1.2));
        if (line.size() > 1) painter.drawPolyline(line);
        line.clear();
    };
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = 0; i < history.size(); ++i) {
        const double x = rect.left() + static_cast<double>(i) * width;
        const bool finite = std::isfinite(history[i].value);
        if (history[i].jump) {
            painter.setPen(QPen(theme().color(finite ? Token::text2 : Token::nan), 1, Qt::DotLine));
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()));
        }
        if (!finite) {
            flush();
            continue;
        }
        const double share = high > low ? (history[i].value - low) / (high - low) : 0.5;
        line.append({x, rect.bottom() - share * rect.height()});
    }
    flush();
}

class WatchDelegate final : public QStyledItemDelegate {
  public:
    WatchDelegate(const WatchModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return {QStyledItemDelegate::sizeHint(option, index).width(), watchRow};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool selected = option.state & QStyle::State_Selected;
        if (selected) painter->fillRect(option.rect, theme().color(Token::hover));
        if (selected && index.column() == WatchModel::Expression)
            painter->fillRect(QRect(0, option.rect.top(), 3, option.rect.height()), theme().color(Token::selection));
        const WatchedExpression& one = m_model.at(index.row());
        QRect rect = option.rect.adjusted(8, 0, -8, 0);
        if (index.column() == WatchModel::History) {
            if (one.history.size() > 1) paintSpark(*painter, QRectF(rect).adjusted(0, 5, 0, -5), one.history);
        } else {
            const bool wrong = index.column() == WatchModel::Value && !one.error.empty();
            const bool bad = index.column() == WatchModel::Value && one.number && !std::isfinite(*one.number);
            painter->setFont(wrong ? theme().font(TypeSize::secondary) : theme().mono());
            painter->setPen(theme().color(wrong ? Token::error : bad ? Token::nan : Token::text));
            if (wrong) {
                const QRect sign(rect.left(), rect.center().y() - 6, 13, 13);
                painter->drawPixmap(sign, iconPixmap(QStringLiteral("error"), Token::error, 13,
                                                     painter->device()->devicePixelRatioF()));
                rect.setLeft(sign.right() + 6);
            }
            const QFontMetrics metrics(painter->font());
            painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                              metrics.elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
        }
        painter->restore();
    }

  private:
    const WatchModel& m_model;
};

} // namespace

WatchesView::WatchesView(SessionModel& session, WatchModel& model, QWidget* parent)
    : QWidget(parent), m_session(session), m_model(model), m_line(new QLineEdit), m_table(new QTreeView),
      m_empty(new QLabel), m_names(new QStringListModel(this)) {
    m_line->setProperty("mono", true);
    m_line->setAccessibleName(tr("New watch"));
    m_line->setPlaceholderText(tr("conv1.weight.grad.norm()"));
    m_line->setToolTip(tr("An expression over parameters, buffers, and of modules .input, .output and .output.grad; "
                          "also loss. Enter adds it"));
    m_line->setClearButtonEnabled(true);
    auto* completer = new QCompleter(m_names, this);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_line->setCompleter(completer);
    m_line->installEventFilter(this);
    auto* add = new QPushButton(tr("Add"));
    add->setProperty("primary", true);
    add->setToolTip(tr("Add this watch (Enter)"));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(12, 6, 12, 4);
    row->setSpacing(6);
    row->addWidget(m_line, 1);
    row->addWidget(add);
    makeTable();
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setText(tr("Expressions are listed here with what they are worth at the moment that is shown, and at the "
                        "end of each step."));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(row);
    column->addWidget(m_empty, 1);
    column->addWidget(m_table, 1);
    setFocusProxy(m_line);
    const auto submit = [this] {
        m_model.add(m_line->text());
        m_line->setText({}); // unlike clear(), nothing that the line could take back itself
        m_table->setCurrentIndex(m_model.index(m_model.rowCount() - 1, 0));
    };
    connect(m_line, &QLineEdit::returnPressed, this, submit, Qt::QueuedConnection);
    connect(add, &QPushButton::clicked, this, submit);
    connect(&m_model, &QAbstractItemModel::modelReset, this, &WatchesView::showEmpty);
    const auto complete = [this] { m_names->setStringList(m_model.names()); };
    connect(&m_session, &SessionModel::modulesChanged, this, complete);
    complete();
    showEmpty();
}

void WatchesView::makeTable() {
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new WatchDelegate(m_model, m_table));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAllColumnsShowFocus(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setAccessibleName(tr("Watches"));
    m_table->installEventFilter(this);
    QHeaderView* header = m_table->header();
    header->setStretchLastSection(true);
    header->setSectionsMovable(false);
    m_table->setColumnWidth(WatchModel::Expression, 300);
    m_table->setColumnWidth(WatchModel::Value, 300);
    // A row's place stays when rows come and go.
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, m_table,
            [this] { m_table->setProperty("row", m_table->currentIndex().row()); });
    connect(&m_model, &QAbstractItemModel::modelReset, m_table, [this] {
        const int row = std::min(m_table->property("row").toInt(), m_model.rowCount() - 1);
        if (row >= 0) m_table->setCurrentIndex(m_model.index(row, 0));
    });
}

void WatchesView::showEmpty() {
    const bool any = m_model.rowCount() > 0;
    m_table->setVisible(any);
    m_empty->setVisible(!any);
}

bool WatchesView::eventFilter(QObject* watched, QEvent* event) {
    if (leavesUndoToWindow(watched, event)) return true;
    if (watched == m_table && event->type() == QEvent::ShortcutOverride) {
        // The window has this key for values of tensors.
        const bool own = static_cast<QKeyEvent*>(event)->key() == Qt::Key_F2 && m_table->currentIndex().isValid();
        if (own) event->accept();
        return own;
    }
    if (watched != m_table || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const QModelIndex index = m_table->currentIndex();
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (!index.isValid()) return false;
    if (key == Qt::Key_Delete || key == Qt::Key_Backspace)
        m_model.remove(index.row());
    else if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_F2)
        m_table->edit(index.siblingAtColumn(WatchModel::Expression));
    else
        return false;
    return true;
}

} // namespace hs::ui
