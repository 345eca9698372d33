#include "ui/views/values_view.h"

#include "ui/models/values_model.h"
#include "ui/theme/numbers.h"
#include "ui/views/value_colors.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int rowHeight = 25;
constexpr int cellGap = 2;
constexpr int headHeight = 16;

} // namespace

/// Where cells are now.
struct ValuesView::Grid {
    int cellWidth = 0;
    int left = 0; ///< of the first cell: behind the row numbers, where those are shown
    int top = 0;
    int firstRow = 0;
    int firstColumn = 0;
    int rows = 0; ///< that are seen, the last perhaps in part
    int columns = 0;
    int wholeRows = 0;
    int wholeColumns = 0;

    QRectF cell(int row, int column) const {
        return QRectF(left + (column - firstColumn) * cellWidth, top + (row - firstRow) * rowHeight,
                      cellWidth - cellGap, rowHeight - cellGap);
    }
};

ValuesView::ValuesView(ValuesModel& model, const ValueColors& colors, QWidget* parent)
    : QAbstractScrollArea(parent), m_model(model), m_colors(colors) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Values"));
    viewport()->setMouseTracking(true);
    connect(&model, &QAbstractItemModel::modelReset, this, [this] {
        m_current = m_anchor = {};
        horizontalScrollBar()->setValue(0);
        verticalScrollBar()->setValue(0);
        updateScrollBars();
    });
    connect(&model, &QAbstractItemModel::dataChanged, viewport(), qOverload<>(&QWidget::update));
    connect(&model, &ValuesModel::sliceChanged, this, &ValuesView::updateScrollBars);
    connect(&theme(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

ValuesView::Grid ValuesView::grid() const {
    Grid grid;
    const int rows = m_model.rowCount();
    const int columns = m_model.columnCount();
    if (rows == 0 || columns == 0) return grid;
    const QFontMetrics metrics(theme().mono(TypeSize::annotation));
    // The widest that numbers of this many decimals can be: a sign, three digits and the point.
    const int integers = m_model.decimals() == 0 ? 7 : std::max(2, 5 - m_model.decimals());
    const int needed = metrics.horizontalAdvance(QLatin1Char('0')) * (integers + 1 + m_model.decimals()) + 10 + cellGap;
    const QSize space = viewport()->size();
    const bool fits = columns * needed <= space.width() && rows * rowHeight <= space.height();
    if (!fits) {
        grid.left = metrics.horizontalAdvance(QString::number(rows - 1)) + 6;
        grid.top = headHeight;
    }
    const int width = space.width() - grid.left;
    const int height = space.height() - grid.top;
    grid.cellWidth = columns * needed <= width ? width / columns : needed;
    grid.wholeRows = std::clamp(height / rowHeight, 1, rows);
    grid.wholeColumns = std::clamp(width / grid.cellWidth, 1, columns);
    grid.firstRow = verticalScrollBar()->value();
    grid.firstColumn = horizontalScrollBar()->value();
    grid.rows = std::clamp(height / rowHeight + 1, 0, rows - grid.firstRow);
    grid.columns = std::clamp(width / grid.cellWidth + 1, 0, columns - grid.firstColumn);
    return grid;
}

void ValuesView::updateScrollBars() {
    const Grid now = grid();
    verticalScrollBar()->setRange(0, std::max(m_model.rowCount() - now.wholeRows, 0));
    verticalScrollBar()->setPageStep(std::max(now.wholeRows, 1));
    horizontalScrollBar()->setRange(0, std::max(m_model.columnCount() - now.wholeColumns, 0));
    horizontalScrollBar()->setPageStep(std::max(now.wholeColumns, 1));
    viewport()->update();
}

void ValuesView::resizeEvent(QResizeEvent*) {
    updateScrollBars();
}

void ValuesView::scrollContentsBy(int, int) {
    viewport()->update();
}

void ValuesView::paintCell(QPainter& painter, const QRectF& rect, int row, int column) const {
    const double value = m_model.number(row, column);
    QColor ink = theme().color(Token::text);
    if (std::isfinite(value)) {
        const QColor fill = m_colors.color(value);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(rect, 3, 3);
        ink = blackTextOver(fill) ? Qt::black : Qt::white;
    } else {
        fillNonFinite(painter, rect, std::isinf(value));
    }
    painter.setPen(ink);
    const QString text = m_model.text(row, column);
    const QRectF inner = rect.adjusted(3, 0, -4, 0);
    // A number is never cut: what does not fit is written in the short form.
    const QFontMetricsF metrics(painter.font());
    painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.horizontalAdvance(text) <= inner.width() ? text : formatNumber(value, 2));
}

void ValuesView::paintHeads(QPainter& painter, const Grid& now) const {
    painter.setPen(theme().color(Token::text3));
    for (int i = 0; i < now.columns; ++i) {
        const QRectF cell = now.cell(now.firstRow, now.firstColumn + i);
        painter.drawText(QRectF(cell.left(), 0, cell.width() - 4, headHeight - 2), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(now.firstColumn + i));
    }
    for (int i = 0; i < now.rows; ++i) {
        const QRectF cell = now.cell(now.firstRow + i, now.firstColumn);
        painter.drawText(QRectF(0, cell.top(), now.left - 5, cell.height()), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(now.firstRow + i));
    }
}

void ValuesView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme().color(Token::panel));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme().mono(TypeSize::annotation));
    const Grid now = grid();
    if (now.top > 0) paintHeads(painter, now);
    const QRect block = QRect(m_anchor, m_current).normalized();
    const bool marksBlock = hasFocus() || m_anchor != m_current;
    for (int r = now.firstRow; r < now.firstRow + now.rows; ++r)
        for (int c = now.firstColumn; c < now.firstColumn + now.columns; ++c) {
            const QRectF rect = now.cell(r, c);
            paintCell(painter, rect, r, c);
            if (!marksBlock || !block.contains(c, r)) continue;
            painter.setPen(QPen(theme().color(Token::selection), QPoint(c, r) == m_current ? 2 : 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3);
        }
}

QPoint ValuesView::cellAt(QPoint position) const {
    const Grid now = grid();
    if (now.cellWidth == 0) return {-1, -1};
    const int column = now.firstColumn + std::max(position.x() - now.left, 0) / now.cellWidth;
    const int row = now.firstRow + std::max(position.y() - now.top, 0) / rowHeight;
    return {std::min(column, m_model.columnCount() - 1), std::min(row, m_model.rowCount() - 1)};
}

QRect ValuesView::cellRect(QPoint cell) const {
    return grid().cell(cell.y(), cell.x()).toRect();
}

void ValuesView::setCurrentCell(QPoint cell, bool extend) {
    if (m_model.rowCount() == 0) return;
    m_current = {std::clamp(cell.x(), 0, m_model.columnCount() - 1), std::clamp(cell.y(), 0, m_model.rowCount() - 1)};
    if (!extend) m_anchor = m_current;
    const Grid now = grid();
    const auto reveal = [](QScrollBar* bar, int at, int whole) {
        if (at < bar->value()) bar->setValue(at);
        if (at >= bar->value() + whole) bar->setValue(at - whole + 1);
    };
    reveal(verticalScrollBar(), m_current.y(), now.wholeRows);
    reveal(horizontalScrollBar(), m_current.x(), now.wholeColumns);
    setAccessibleDescription(m_model.index(m_current.y(), m_current.x()).data(Qt::ToolTipRole).toString());
    viewport()->update();
    emit currentChanged(m_current.y(), m_current.x());
}

void ValuesView::copy() const {
    const QString text =
        m_model.toText(m_model.index(m_anchor.y(), m_anchor.x()), m_model.index(m_current.y(), m_current.x()));
    if (!text.isEmpty()) QApplication::clipboard()->setText(text);
}

void ValuesView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return copy();
    if (event->matches(QKeySequence::SelectAll)) {
        m_anchor = {0, 0};
        return setCurrentCell({m_model.columnCount() - 1, m_model.rowCount() - 1}, true);
    }
    const bool whole = event->modifiers() & Qt::ControlModifier;
    const int page = std::max(verticalScrollBar()->pageStep() - 1, 1);
    QPoint to = m_current;
    switch (event->key()) {
    case Qt::Key_Left:
        to.rx() -= 1;
        break;
    case Qt::Key_Right:
        to.rx() += 1;
        break;
    case Qt::Key_Up:
        to.ry() -= 1;
        break;
    case Qt::Key_Down:
        to.ry() += 1;
        break;
    case Qt::Key_PageUp:
        to.ry() -= page;
        break;
    case Qt::Key_PageDown:
        to.ry() += page;
        break;
    case Qt::Key_Home:
        to = {0, whole ? 0 : to.y()};
        break;
    case Qt::Key_End:
        to = {m_model.columnCount() - 1, whole ? m_model.rowCount() - 1 : to.y()};
        break;
    default:
        return QAbstractScrollArea::keyPressEvent(event);
    }
    setCurrentCell(to, event->modifiers() & Qt::ShiftModifier);
}

void ValuesView::mousePressEvent(QMouseEvent* event) {
    const QPoint cell = cellAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && cell.x() >= 0)
        setCurrentCell(cell, event->modifiers() & Qt::ShiftModifier);
}

void ValuesView::mouseDoubleClickEvent(QMouseEvent* event) {
    const QPoint cell = cellAt(event->position().toPoint());
    if (event->button() != Qt::LeftButton || cell.x() < 0) return;
    setCurrentCell(cell, false);
    emit editRequested();
}

void ValuesView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) setCurrentCell(cellAt(event->position().toPoint()), true);
}

void ValuesView::wheelEvent(QWheelEvent* event) {
    // A table that shows everything lets the panel around it scroll.
    if (verticalScrollBar()->maximum() == 0 && horizontalScrollBar()->maximum() == 0)
        event->ignore();
    else
        QAbstractScrollArea::wheelEvent(event);
}

bool ValuesView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPoint cell = cellAt(help->pos());
        if (cell.x() < 0) return false;
        QToolTip::showText(help->globalPos(), m_model.index(cell.y(), cell.x()).data(Qt::ToolTipRole).toString(), this);
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace hs::ui
