#pragma once

#include <QTreeView>

namespace hs::ui {

/// The tree of a ModuleModel (or a proxy of one): rows of 26 px, a bar at the left of the selected one, and columns
/// that give way when the view is narrow: hooks and requires_grad first, then Type, then Params. What a dropped column
/// would say stands as a sign in the row and in its tooltip.
class ModuleView : public QTreeView {
    Q_OBJECT

  public:
    explicit ModuleView(QWidget* parent = nullptr);

    static constexpr int rowHeight = 26;

  protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void resizeEvent(QResizeEvent* event) override;
    void reset() override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void layoutColumns();
};

} // namespace hs::ui
