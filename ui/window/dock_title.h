#pragma once

#include <QWidget>

class QDockWidget;

namespace hs::ui {

/// The head of a dock that stands alone: its title underlined like the selected tab, and buttons to float and close it,
/// which show under the pointer or with the focus.
class DockTitle : public QWidget {
    Q_OBJECT

  public:
    explicit DockTitle(QDockWidget* dock);

    QSize sizeHint() const override { return {120, 32}; }
    QSize minimumSizeHint() const override { return {60, 32}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    QDockWidget* m_dock;
};

/// Gives each dock its head, or none where the tab bar of its group is one already. To be called after docks moved.
void updateDockTitles(const QList<QDockWidget*>& docks);

} // namespace hs::ui
