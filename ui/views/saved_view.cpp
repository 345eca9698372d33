#include "ui/views/saved_view.h"

#include "ui/models/saved_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace hs::ui {

namespace {

constexpr int savedRow = 25;
constexpr int savedMeasured = 60; ///< rows that say how wide columns are: what one sees first

/// What is freed is grey, and what will break backward has the warning's colour beside its versions.
class SavedDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const Theme& t = theme();
        if (option.state & QStyle::State_Selected) {
            painter->fillRect(option.rect, t.color(Token::hover));
            if (index.column() == 0)
                painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                                  t.color(Token::selection));
        }
        const bool held = index.data(SavedModel::HeldRole).toBool();
        const bool breaks = index.data(SavedModel::BreaksRole).toBool();
        const bool words = index.column() == SavedModel::HeldBy;
        const bool state = index.column() == SavedModel::State;
        const QRect rect = option.rect.adjusted(words ? 12 : 5, 0, state ? -12 : -5, 0);
        painter->setFont(words || state ? t.font(TypeSize::secondary) : t.mono());
        painter->setPen(t.color(state && breaks ? Token::warning
                                : state && held ? Token::saved
                                : held          ? Token::text
                                                : Token::text3));
        QString text = index.data().toString();
        // A shape is never cut in the middle of a number: it goes as a whole.
        if (index.column() == SavedModel::Tensor && painter->fontMetrics().horizontalAdvance(text) > rect.width())
            text = text.section(QLatin1Char(' '), 0, 0);
        painter->drawText(rect, index.data(Qt::TextAlignmentRole).toInt(),
                          painter->fontMetrics().elidedText(text, Qt::ElideMiddle, rect.width()));
        painter->restore();
    }
};

} // namespace

SavedView::SavedView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_cursor(cursor), m_model(new SavedModel(this)),
      m_sum(new QLabel), m_warning(new QLabel), m_table(new QTableView),
      m_nothing(new QLabel(tr("What the nodes of a step keep for backward will be listed here. Do a step (F8)."))) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(4);
    for (QLabel* label : {m_sum, m_warning, m_nothing}) {
        label->setWordWrap(true);
        label->setMargin(0);
        label->setContentsMargins(12, 0, 12, 0);
    }
    m_sum->setContentsMargins(12, 0, 12, 6);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new SavedDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(savedRow);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(24);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setSectionResizeMode(SavedModel::Tensor, QHeaderView::Stretch);
    m_table->setAccessibleName(tr("Saved tensors"));
    column->addWidget(m_sum);
    column->addWidget(m_warning);
    column->addWidget(m_nothing, 1);
    column->addWidget(m_table, 1);
    setFocusProxy(m_table);
    setFonts();
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) { choose(current.row()); });
    connect(&cursor, &TraceCursor::moved, this, &SavedView::refresh);
    connect(&theme(), &Theme::changed, this, [this] {
        setFonts();
        m_table->viewport()->update();
    });
    refresh();
}

void SavedView::setFonts() {
    m_sum->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    m_warning->setFont(theme().font(TypeSize::secondary));
    QPalette colors = m_warning->palette();
    colors.setColor(QPalette::WindowText, theme().color(Token::warning));
    m_warning->setPalette(colors);
}

void SavedView::refresh() {
    if (!isVisible() || m_session.isRunning()) return;
    m_filling = true;
    const QModelIndex chosen = m_table->currentIndex();
    const auto nameOf = [this](int row) {
        const QModelIndex first = m_model->index(row, SavedModel::HeldBy);
        return std::pair(first.data(SavedModel::NodeRole).value<trace::Id>(),
                         first.siblingAtColumn(SavedModel::Tensor).data().toString());
    };
    const auto wanted = chosen.isValid() ? nameOf(chosen.row()) : std::pair(trace::none, QString());
    const std::int64_t step = m_cursor.trace() ? m_cursor.trace()->step : -1;
    const bool sameStep = std::exchange(m_step, step) == step;
    m_model->take(m_cursor.trace().get(), m_cursor.position());
    // The rows are in another order at each moment.
    for (int row = 0; chosen.isValid() && sameStep && row < m_model->rowCount(); ++row) {
        if (nameOf(row) != wanted) continue;
        m_table->setCurrentIndex(m_model->index(row, chosen.column()));
        break;
    }
    m_filling = false;
    const bool some = m_model->rowCount() > 0;
    m_table->setVisible(some);
    m_sum->setVisible(some);
    m_nothing->setVisible(!some);
    m_sum->setText(
        tr("%1 held, %2 freed").arg(formatBytes(m_model->bytes().held), formatBytes(m_model->bytes().freed)));
    m_warning->setVisible(m_model->breaking() > 0);
    m_warning->setText(m_model->breaking() == 1
                           ? tr("⚠ A saved tensor was changed in place: backward will stop at its node.")
                           : tr("⚠ %1 saved tensors were changed in place: backward will stop at their nodes.")
                                 .arg(formatCount(m_model->breaking())));
    const QFontMetrics words(theme().font(TypeSize::secondary));
    const QFontMetrics mono(theme().mono());
    const auto fit = [&](int column, const QFontMetrics& metrics, int margins, int most) {
        int width = metrics.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString());
        for (int row = 0; row < std::min(m_model->rowCount(), savedMeasured); ++row)
            width = std::max(width, metrics.horizontalAdvance(m_model->index(row, column).data().toString()));
        m_table->setColumnWidth(column, std::min(width + margins, most));
    };
    fit(SavedModel::HeldBy, words, 20, std::max(128, width() / 3));
    fit(SavedModel::Bytes, mono, 12, 90);
    fit(SavedModel::State, words, 20, 110);
}

void SavedView::choose(int row) {
    if (m_filling || row < 0) return;
    m_selection.selectNode(m_model->index(row, 0).data(SavedModel::NodeRole).value<trace::Id>());
}

void SavedView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

} // namespace hs::ui
