#include "ui/window/dock_layout.h"

#include "ui/window/actions.h"
#include "ui/window/command_button.h"
#include "ui/window/dock_title.h"
#include "ui/window/drawer.h"

#include <QAction>
#include <QDockWidget>
#include <QMainWindow>
#include <QTabBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

namespace {

constexpr int stateVersion = 1;
constexpr int leftWidth = 392;
constexpr int rightWidth = 324;
constexpr int lastWidth = 400;
/// Of the height of the window that the bottom gets at first.
constexpr double bottomShare = 0.232;
constexpr int drawerWidth = 360;
constexpr int unfoldedHeight = 220;

} // namespace

DockLayout::DockLayout(QMainWindow* window) : QObject(window), m_window(window), m_drawer(new Drawer(window)) {
    window->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
    window->setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    window->setDocumentMode(true);
    window->setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    window->setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
}

QDockWidget* DockLayout::add(const QString& id, const QString& title, Qt::DockWidgetArea area, QWidget* content) {
    auto* dock = new QDockWidget(title, m_window);
    dock->setObjectName(id);
    dock->setAccessibleName(title);
    // The content can be hidden or taken away without the dock losing its size.
    auto* holder = new QWidget;
    holder->setAutoFillBackground(true);
    auto* fill = new QVBoxLayout(holder);
    fill->setContentsMargins(0, 0, 0, 0);
    fill->addWidget(content);
    holder->setFocusProxy(content);
    dock->setWidget(holder);
    m_window->addDockWidget(area, dock);
    m_docks.append(dock);
    m_contents.append(content);
    m_homes.append(area);
    const auto later = [this] { QTimer::singleShot(0, this, &DockLayout::updateTitles); };
    connect(dock, &QDockWidget::dockLocationChanged, this, later);
    connect(dock, &QDockWidget::topLevelChanged, this, later);
    connect(dock, &QDockWidget::visibilityChanged, this, later);

    // A dock behind the tab of another is only moved away: its views would go on drawing.
    connect(dock, &QDockWidget::visibilityChanged, this, [dock, content](bool seen) {
        const bool behind = !seen && dock->isVisible();
        if (dock->isAncestorOf(content) && (seen || behind)) content->setVisible(seen);
    });

    // Nine have Ctrl with a digit; Alt+1 to Alt+3 choose what is in the centre, so the next have Alt+4 and on.
    const auto count = m_docks.size();
    const QString key = count < 10 ? QStringLiteral("Ctrl+%1").arg(count) : QStringLiteral("Alt+%1").arg(count - 6);
    auto* action = addAction(m_window, title, QKeySequence(key));
    action->setCheckable(true);
    action->setToolTip(tr("Show or close %1").arg(nameAndKey(*action)));
    connect(action, &QAction::triggered, this, [this, dock] { toggle(dock); });
    connect(dock, &QDockWidget::visibilityChanged, action, [dock, action] { action->setChecked(!dock->isHidden()); });
    m_actions.append(action);
    return dock;
}

QList<QDockWidget*> DockLayout::atBottom() const {
    QList<QDockWidget*> bottom;
    for (QDockWidget* dock : m_docks)
        if (!dock->isFloating() && m_window->dockWidgetArea(dock) == Qt::BottomDockWidgetArea) bottom.append(dock);
    return bottom;
}

void DockLayout::reset() {
    setFolded(false);
    setDrawerMode(false);
    m_oneRow = m_low = false;
    for (qsizetype i = 0; i < m_docks.size(); ++i) {
        m_docks[i]->setFloating(false);
        m_window->addDockWidget(m_homes[i], m_docks[i]);
        m_docks[i]->setVisible(!m_optional.contains(m_docks[i]));
    }
    const QList<QDockWidget*> bottom = atBottom();
    if (bottom.size() > 1) {
        // In this order: what is split off from a row of tabs would become a tab too.
        m_window->splitDockWidget(bottom[0], bottom.last(), Qt::Horizontal);
        for (qsizetype i = 1; i + 1 < bottom.size(); ++i)
            m_window->tabifyDockWidget(bottom[0], bottom[i]);
    }
    const QList<QDockWidget*> right = atHome(Qt::RightDockWidgetArea);
    for (qsizetype i = 1; i < right.size(); ++i)
        m_window->tabifyDockWidget(right[0], right[i]);
    raiseFirst();
    setDefaultSizes();
    m_largeState.clear();
    adapt(m_window->size());
    updateTitles();
}

QList<QDockWidget*> DockLayout::atHome(Qt::DockWidgetArea area) const {
    QList<QDockWidget*> found;
    for (qsizetype i = 0; i < m_docks.size(); ++i)
        if (m_homes[i] == area) found.append(m_docks[i]);
    return found;
}

/// Of each row of tabs.
void DockLayout::raiseFirst() {
    for (const auto area : {Qt::RightDockWidgetArea, Qt::BottomDockWidgetArea})
        if (const QList<QDockWidget*> row = atHome(area); !row.isEmpty()) row[0]->raise();
}

void DockLayout::setDefaultSizes() {
    const QList<QDockWidget*> bottom = atBottom();
    for (qsizetype i = 0; i < m_docks.size(); ++i) {
        if (m_homes[i] == Qt::LeftDockWidgetArea) m_window->resizeDocks({m_docks[i]}, {leftWidth}, Qt::Horizontal);
        if (m_homes[i] == Qt::RightDockWidgetArea) m_window->resizeDocks({m_docks[i]}, {rightWidth}, Qt::Horizontal);
    }
    if (bottom.isEmpty()) return;
    m_window->resizeDocks({bottom[0]}, {qRound(m_window->height() * bottomShare)}, Qt::Vertical);
    const int width = m_window->width();
    m_window->resizeDocks({bottom[0], bottom.last()}, {std::max(width - lastWidth, width / 2), lastWidth},
                          Qt::Horizontal);
}

void DockLayout::adapt(QSize size) {
    const bool drawer = size.width() < drawerUnder;
    const bool oneRow = size.width() < oneRowUnder;
    const bool low = size.height() < foldUnder;
    if (drawer == m_drawerMode && oneRow == m_oneRow && low == m_low) return;
    const bool wasLarge = !m_drawerMode && !m_oneRow && !m_low;
    if (wasLarge) m_largeState = m_window->saveState(stateVersion);
    if (low != m_low && !low) setFolded(false);
    if (m_oneRow && !oneRow) setOneRow(false);
    setDrawerMode(drawer);
    if (!m_oneRow && oneRow) setOneRow(true);
    if (low != m_low && low) setFolded(true);
    m_low = low;
    if (!drawer && !oneRow && !low && !m_largeState.isEmpty()) {
        m_window->restoreState(m_largeState, stateVersion);
        // Which tab is in front is no part of the state of a window that was never shown.
        if (!m_window->isVisible()) raiseFirst();
    }
    updateTitles();
}

void DockLayout::setDrawerMode(bool on) {
    if (on == m_drawerMode || m_docks.isEmpty()) return;
    m_drawerMode = on;
    QDockWidget* dock = m_docks.first();
    if (on) {
        dock->hide();
        m_drawer->setContent(m_contents.first());
    } else {
        dock->widget()->layout()->addWidget(m_drawer->takeContent());
        m_contents.first()->show();
        dock->show();
    }
    emit drawerChanged();
}

void DockLayout::setOneRow(bool on) {
    m_oneRow = on;
    QList<QDockWidget*> row;
    for (qsizetype i = 0; i < m_docks.size(); ++i)
        if (m_homes[i] != Qt::LeftDockWidgetArea && !m_docks[i]->isFloating()) row.append(m_docks[i]);
    if (row.size() < 2) return;
    if (!on) {
        if (!m_largeState.isEmpty()) m_window->restoreState(m_largeState, stateVersion);
        return;
    }
    // The dock that stays first in the row is one of the bottom, so that the row is there.
    std::stable_partition(row.begin(), row.end(), [&](QDockWidget* dock) {
        return m_homes[m_docks.indexOf(dock)] == Qt::BottomDockWidgetArea;
    });
    for (qsizetype i = 1; i < row.size(); ++i)
        if (!row[i]->isHidden()) m_window->tabifyDockWidget(row[0], row[i]);
    row[0]->raise();
    m_window->resizeDocks({row[0]}, {unfoldedHeight}, Qt::Vertical);
}

void DockLayout::setFolded(bool on) {
    if (on == m_folded) return;
    m_folded = on;
    for (QDockWidget* dock : on ? atBottom() : m_docks) {
        dock->widget()->setVisible(!on);
        dock->setMaximumHeight(on ? 0 : QWIDGETSIZE_MAX);
    }
    if (!on && !atBottom().isEmpty()) m_window->resizeDocks({atBottom().first()}, {unfoldedHeight}, Qt::Vertical);
}

void DockLayout::watchTabs() {
    for (QTabBar* tabs : m_window->findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
        if (tabs->property("watched").toBool()) continue;
        tabs->setProperty("watched", true);
        tabs->setExpanding(false);
        tabs->setDrawBase(false);
        tabs->setUsesScrollButtons(true);
        tabs->setElideMode(Qt::ElideNone); // rather scrolled than cut
        for (QToolButton* button : tabs->findChildren<QToolButton*>())
            button->setToolTip(tr("Tabs that do not fit; each has its key in the View menu"));
        connect(tabs, &QTabBar::tabBarClicked, this, [this, tabs](int tab) {
            if (!m_low) return;
            setFolded(!m_folded && tab == tabs->currentIndex());
        });
    }
}

void DockLayout::updateTitles() {
    updateDockTitles(m_docks);
    watchTabs();
}

void DockLayout::toggleDrawer() {
    if (m_drawer->isVisible()) return m_drawer->hide();
    const QRect centre = m_window->centralWidget()->geometry();
    m_drawer->open({0, centre.top(), std::min(drawerWidth, centre.width()), centre.height()});
}

void DockLayout::toggle(QDockWidget* dock) {
    if (m_drawerMode && dock == m_docks.first()) return toggleDrawer();
    if (isSeen(dock)) {
        dock->close();
        return;
    }
    reveal(dock);
}

bool DockLayout::isSeen(QDockWidget* dock) const {
    // Of a dock that is behind a tab the content is hidden. A visible region says nothing: the content covers it all.
    return !dock->isHidden() && !m_folded && m_contents[m_docks.indexOf(dock)]->isVisible();
}

void DockLayout::bring(QDockWidget* dock) {
    setFolded(false);
    dock->show();
    dock->raise();
    updateTitles();
}

void DockLayout::reveal(QDockWidget* dock) {
    bring(dock);
    m_contents[m_docks.indexOf(dock)]->setFocus(Qt::ShortcutFocusReason);
}

QByteArray DockLayout::save() const {
    const bool large = !m_drawerMode && !m_oneRow && !m_low;
    return large ? m_window->saveState(stateVersion) : m_largeState;
}

bool DockLayout::restore(const QByteArray& state) {
    if (state.isEmpty() || !m_window->restoreState(state, stateVersion)) return false;
    m_largeState = state;
    updateTitles();
    return true;
}

} // namespace hs::ui
