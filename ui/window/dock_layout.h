#pragma once

#include <QList>
#include <QObject>
#include <QSize>

class QAction;
class QDockWidget;
class QMainWindow;
class QTabBar;

namespace hs::ui {

class Drawer;

/// Where the docks are. It makes the default layout, and adapts it to small windows: under 1300 px wide the left dock
/// becomes a drawer, under 1100 the right dock and all of the bottom are one row of tabs, under 760 high that row is
/// folded until a tab is clicked. What a person has moved by hand comes back when the window is large again.
class DockLayout : public QObject {
    Q_OBJECT

  public:
    static constexpr int drawerUnder = 1300;
    static constexpr int oneRowUnder = 1100;
    static constexpr int foldUnder = 760;

    explicit DockLayout(QMainWindow* window);

    /// Docks are added from left to right; of those at the bottom the last stands beside the tabs of the others.
    QDockWidget* add(const QString& id, const QString& title, Qt::DockWidgetArea area, QWidget* content);
    /// The default layout leaves this one out.
    void setOptional(QDockWidget* dock) { m_optional.append(dock); }
    const QList<QDockWidget*>& docks() const { return m_docks; }
    /// An action for each dock: shows it, raises it out of a row of tabs, or closes it when it is seen.
    const QList<QAction*>& actions() const { return m_actions; }
    Drawer* drawer() const { return m_drawer; }
    bool hasDrawer() const { return m_drawerMode; }
    bool isFolded() const { return m_folded; }

    /// Puts everything where it belongs in a window of that size.
    void reset();
    void adapt(QSize size);
    /// Sizes count only once the window is shown: to be called then, where no layout was restored.
    void setDefaultSizes();
    /// The state for the settings: of the layout of a large window.
    QByteArray save() const;
    bool restore(const QByteArray& state);

    void toggle(QDockWidget* dock);
    /// Whether its content can be seen: it is neither closed, nor folded, nor behind another tab.
    bool isSeen(QDockWidget* dock) const;
    /// Shows a dock, in front of the others of its row.
    void bring(QDockWidget* dock);
    /// The same, and gives it the keyboard.
    void reveal(QDockWidget* dock);
    void updateTitles();

  signals:
    void drawerChanged();

  private:
    void setDrawerMode(bool on);
    void setOneRow(bool on);
    void setFolded(bool on);
    void toggleDrawer();
    void watchTabs();
    QList<QDockWidget*> atBottom() const;
    QList<QDockWidget*> atHome(Qt::DockWidgetArea area) const;
    void raiseFirst();

    QMainWindow* m_window;
    Drawer* m_drawer;
    QList<QDockWidget*> m_docks;
    QList<QDockWidget*> m_optional;
    QList<QWidget*> m_contents;
    QList<Qt::DockWidgetArea> m_homes;
    QList<QAction*> m_actions;
    QByteArray m_largeState;
    bool m_drawerMode = false;
    bool m_oneRow = false;
    bool m_low = false;
    bool m_folded = false;
};

} // namespace hs::ui
