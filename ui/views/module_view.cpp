#include "ui/views/module_view.h"

#include "ui/models/module_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/break_mark.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int padding = 4;
constexpr int selectionBar = 3;
constexpr int headerHeight = 30;

/// Where a gradient norm lies on the logarithmic scale from 1e-6 to 1e2, 0 to 1.
double barLength(double norm) {
    if (!(norm > 0)) return 0;
    return std::clamp((std::log10(norm) + 6) / 8, 0.03, 1.0);
}

class ModuleDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return {QStyledItemDelegate::sizeHint(option, index).width(), ModuleView::rowHeight};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const QRect rect = option.rect.adjusted(padding, 0, -padding, 0);
        const bool selected = option.state & QStyle::State_Selected;
        switch (index.column()) {
        case ModuleModel::Name:
            paintName(painter, rect, index, selected);
            break;
        case ModuleModel::Gradient:
            paintBar(painter, rect, index);
            break;
        case ModuleModel::Output:
            painter->setFont(theme().mono(TypeSize::annotation));
            painter->setPen(theme().color(Token::text2));
            painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                              elideShape(index.data().toString(), QFontMetricsF(painter->font()), rect.width()));
            break;
        case ModuleModel::Parameters:
            paintText(painter, rect, index, theme().mono(TypeSize::annotation), Token::text2, Qt::AlignRight);
            break;
        case ModuleModel::Type:
            paintText(painter, rect, index, theme().font(TypeSize::secondary), Token::text2, Qt::AlignLeft);
            break;
        default:
            paintText(painter, rect, index, theme().mono(TypeSize::annotation), selected ? Token::text2 : Token::text3,
                      Qt::AlignLeft);
            break;
        }
        painter->restore();
    }

  private:
    static void paintText(QPainter* painter, const QRect& rect, const QModelIndex& index, const QFont& font,
                          Token color, Qt::Alignment alignment) {
        painter->setFont(font);
        painter->setPen(theme().color(color));
        const QFontMetrics metrics(font);
        painter->drawText(rect, alignment | Qt::AlignVCenter,
                          metrics.elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
    }

    static void paintName(QPainter* painter, QRect rect, const QModelIndex& index, bool selected) {
        const bool container = index.model()->hasChildren(index);
        const int hooks = index.data(ModuleModel::HooksRole).toInt();
        if (hooks > 0) {
            const QRect sign(rect.right() - 11, rect.center().y() - 6, 12, 12);
            painter->drawPixmap(
                sign, iconPixmap(QStringLiteral("hook"), Token::text2, 12, painter->device()->devicePixelRatioF()));
            rect.setRight(sign.left() - 2);
        }
        const auto mark = static_cast<BreakpointModel::Mark>(index.data(ModuleModel::BreakRole).toInt());
        if (mark != BreakpointModel::Mark::none) {
            paintBreakMark(*painter, {rect.right() - 4.0, rect.center().y() + 0.5}, 8, mark,
                           theme().color(Token::text));
            rect.setRight(rect.right() - 12);
        }
        paintText(painter, rect, index,
                  theme().font(TypeSize::base, selected || container ? QFont::Medium : QFont::Normal), Token::text,
                  Qt::AlignLeft);
    }

    static void paintBar(QPainter* painter, const QRect& rect, const QModelIndex& index) {
        painter->setRenderHint(QPainter::Antialiasing);
        if (index.data(ModuleModel::NonFiniteRole).toBool()) {
            painter->setFont(theme().mono(TypeSize::annotation, QFont::Medium));
            painter->setPen(theme().color(Token::nan));
            painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("NaN"));
            return;
        }
        const QRectF track(rect.left(), rect.center().y() - 1.5, rect.width(), 4);
        if (index.data(ModuleModel::FrozenRole).toBool()) {
            painter->setPen(QPen(theme().color(Token::buffer), 1, Qt::DashLine));
            painter->drawRect(track.adjusted(0.5, 0.5, -0.5, -0.5));
            return;
        }
        const QVariant norm = index.data(ModuleModel::GradientNormRole);
        if (!norm.isValid()) return;
        QRectF bar = track;
        bar.setWidth(track.width() * barLength(norm.toDouble()));
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme().color(Token::backward));
        painter->drawRoundedRect(bar, 2, 2);
    }
};

} // namespace

ModuleView::ModuleView(QWidget* parent) : QTreeView(parent) {
    setItemDelegate(new ModuleDelegate(this));
    setUniformRowHeights(true);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAllColumnsShowFocus(true);
    setAnimated(false);
    setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_Hover);
    header()->setMinimumSectionSize(16);
    header()->setFixedHeight(headerHeight);
    header()->setSectionsMovable(false);
    header()->setStretchLastSection(false);
    header()->setSectionResizeMode(QHeaderView::Fixed);
    setAccessibleName(tr("Modules"));
    connect(&theme(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void ModuleView::reset() {
    QTreeView::reset();
    layoutColumns();
}

void ModuleView::keyPressEvent(QKeyEvent* event) {
    // expandAll() leaves leaves marked as open, and the view would close them before it goes to their parent.
    const QModelIndex parent = currentIndex().parent();
    if (event->key() == Qt::Key_Left && parent.isValid() && !model()->hasChildren(currentIndex().siblingAtColumn(0)))
        setCurrentIndex(parent);
    else
        QTreeView::keyPressEvent(event);
}

void ModuleView::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    layoutColumns();
}

void ModuleView::layoutColumns() {
    if (!model() || header()->count() < ModuleModel::ColumnCount) return;
    const int width = viewport()->width();
    const bool extras = width >= 500;
    setColumnHidden(ModuleModel::RequiresGrad, !extras);
    setColumnHidden(ModuleModel::Hooks, !extras);
    setColumnHidden(ModuleModel::Type, width < 350);
    setColumnHidden(ModuleModel::Parameters, width < 290);
    header()->setSectionResizeMode(QHeaderView::Fixed);
    setColumnWidth(ModuleModel::Type, 72);
    setColumnWidth(ModuleModel::Parameters, 50);
    setColumnWidth(ModuleModel::Output, 104);
    setColumnWidth(ModuleModel::Gradient, 34);
    setColumnWidth(ModuleModel::Mode, 24);
    setColumnWidth(ModuleModel::RequiresGrad, 58);
    setColumnWidth(ModuleModel::Hooks, 44);
    int taken = 0;
    for (int column = 1; column < ModuleModel::ColumnCount; ++column)
        if (!isColumnHidden(column)) taken += columnWidth(column);
    setColumnWidth(ModuleModel::Name, std::max(width - taken, 60));
}

void ModuleView::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const bool selected = selectionModel() && selectionModel()->isRowSelected(index.row(), index.parent());
    const bool hovered = option.state & QStyle::State_MouseOver;
    if (selected || hovered) painter->fillRect(option.rect, theme().color(selected ? Token::hover : Token::raised));
    QTreeView::drawRow(painter, option, index);
    if (selected) {
        painter->fillRect(QRect(0, option.rect.top(), selectionBar, option.rect.height()),
                          theme().color(Token::selection));
    }
}

} // namespace hs::ui
