#pragma once

#include <QAbstractScrollArea>
#include <QPersistentModelIndex>

namespace hs::ui {

class ValueColors;
class ValuesModel;

/// A ValuesModel as coloured cells. Draws only the cells that are seen and scrolls by whole rows and columns, so that
/// millions of them cost nothing. Arrow keys move, Shift selects a block, Ctrl+C copies it.
class ValuesView : public QAbstractScrollArea {
    Q_OBJECT

  public:
    /// Both must outlive the view.
    ValuesView(ValuesModel& model, const ValueColors& colors, QWidget* parent = nullptr);

    QPoint currentCell() const { return m_current; }
    void setCurrentCell(QPoint cell, bool extend);
    /// Where a cell is now, in the viewport.
    QRect cellRect(QPoint cell) const;
    /// Copies the selected block as tab separated text with full precision.
    void copy() const;

    QSize minimumSizeHint() const override { return {160, 78}; }
    QSize sizeHint() const override { return {280, 160}; }

  signals:
    void currentChanged(int row, int column);
    /// Somebody wants to write into the current cell.
    void editRequested();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

  private:
    struct Grid;
    Grid grid() const;
    void updateScrollBars();
    void paintHeads(QPainter& painter, const Grid& grid) const;
    void paintCell(QPainter& painter, const QRectF& rect, int row, int column) const;
    QPoint cellAt(QPoint position) const;

    ValuesModel& m_model;
    const ValueColors& m_colors;
    QPoint m_current{0, 0}; ///< x: column, y: row
    QPoint m_anchor{0, 0};
};

} // namespace hs::ui
