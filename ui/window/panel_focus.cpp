#include "ui/window/panel_focus.h"

#include "ui/window/dock_layout.h"
#include "ui/window/drawer.h"

#include <QApplication>
#include <QDockWidget>
#include <QMainWindow>
#include <QToolBar>

namespace hs::ui {

namespace {

bool takesFocus(const QWidget* widget) {
    return widget->isVisible() && widget->isEnabled() && (widget->focusPolicy() & Qt::TabFocus);
}

/// The widget of a panel that the keyboard goes to.
QWidget* entryOf(QWidget* panel) {
    if (QWidget* proxy = panel->focusProxy(); proxy && takesFocus(proxy)) return proxy;
    if (takesFocus(panel)) return panel;
    for (QWidget* child : panel->findChildren<QWidget*>())
        if (takesFocus(child)) return child;
    return nullptr;
}

QList<QWidget*> panels(QMainWindow& window, const DockLayout& docks) {
    QList<QWidget*> all;
    for (QToolBar* bar : window.findChildren<QToolBar*>(QString(), Qt::FindDirectChildrenOnly))
        all.append(bar);
    if (docks.drawer()->isVisible()) all.append(docks.drawer());
    const auto add = [&](Qt::DockWidgetArea area) {
        for (QDockWidget* dock : docks.docks())
            if (dock->widget() && window.dockWidgetArea(dock) == area && docks.isSeen(dock)) all.append(dock->widget());
    };
    add(Qt::LeftDockWidgetArea);
    all.append(window.centralWidget());
    add(Qt::RightDockWidgetArea);
    add(Qt::BottomDockWidgetArea);
    return all;
}

} // namespace

void focusPanel(QMainWindow& window, const DockLayout& docks, bool forward) {
    const QList<QWidget*> all = panels(window, docks);
    const QWidget* now = QApplication::focusWidget();
    qsizetype at = forward ? -1 : all.size();
    for (qsizetype i = 0; now && i < all.size(); ++i)
        if (all[i] == now || all[i]->isAncestorOf(now)) at = i;
    for (qsizetype tried = 0; tried < all.size(); ++tried) {
        at = (at + (forward ? 1 : -1) + all.size()) % all.size();
        if (QWidget* entry = entryOf(all[at])) return entry->setFocus(Qt::TabFocusReason);
    }
}

} // namespace hs::ui
