#pragma once

#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace hs::ui {

/// The middle of the window: large views of which one is in front, with a message strip above them.
class CentreViews : public QWidget {
    Q_OBJECT

  public:
    explicit CentreViews(QWidget* strip, QWidget* parent = nullptr);

    /// Views from the left; the first one is shown.
    void add(QWidget* view, const QString& title, const QString& toolTip);
    int current() const;
    /// Brings a view to the front and gives it the keyboard; out of range does nothing.
    void show(int index);

  private:
    QTabBar* m_tabs;
    QStackedWidget* m_views;
};

} // namespace hs::ui
