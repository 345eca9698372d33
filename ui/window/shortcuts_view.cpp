#include "ui/window/shortcuts_view.h"

#include "ui/theme/theme.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

namespace {

constexpr int rowHeight = 24;

} // namespace

ShortcutsView::ShortcutsView(QWidget* window) : QWidget(window, Qt::Tool) {
    setWindowTitle(tr("Keyboard shortcuts"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* list = new QTreeWidget;
    list->setObjectName(QStringLiteral("shortcuts"));
    list->setAccessibleName(windowTitle());
    list->setColumnCount(2);
    list->setHeaderLabels({tr("Command"), tr("Key")});
    list->setRootIsDecorated(false);
    list->setUniformRowHeights(true);
    list->setFrameShape(QFrame::NoFrame);
    QList<QAction*> actions = window->findChildren<QAction*>();
    std::sort(actions.begin(), actions.end(),
              [](const QAction* a, const QAction* b) { return a->iconText().localeAwareCompare(b->iconText()) < 0; });
    for (const QAction* action : actions) {
        if (action->isSeparator() || action->shortcut().isEmpty()) continue;
        auto* row =
            new QTreeWidgetItem(list, {action->iconText(), action->shortcut().toString(QKeySequence::NativeText)});
        row->setFont(1, theme().mono());
    }
    // What lists, tables and canvases do with keys is theirs and not an action.
    const QList<QPair<QString, QString>> within{
        {tr("Go to the next control"), tr("Tab")},
        {tr("Move in a tree, a table or a canvas"), tr("Arrow keys")},
        {tr("Open or close a branch of the tree"), tr("Right, Left")},
        {tr("Select a block of values"), tr("Shift+Arrow keys")},
        {tr("Copy the selected values"), tr("Ctrl+C")},
        {tr("Timeline: one event on or back"), tr("Right, Left")},
        {tr("Timeline: over, or back over"), tr("Page Down, Page Up")},
        {tr("Breakpoints: change, off and on, remove"), tr("Enter, Space, Delete")},
        {tr("Watches: change, remove"), tr("Enter, Delete")},
        {tr("Graph: run to the selected node"), tr("Enter")},
        {tr("Graph: collapse or open a module"), tr("Space")},
        {tr("Graph: search"), tr("/")},
        {tr("Graph: follow the step"), tr("T")},
        {tr("Graph: fold wavefront, legend"), tr("W, L")},
    };
    for (const auto& [what, key] : within) {
        auto* row = new QTreeWidgetItem(list, {what, key});
        row->setFont(1, theme().mono());
    }
    for (int i = 0; i < list->topLevelItemCount(); ++i)
        list->topLevelItem(i)->setSizeHint(0, {0, rowHeight});
    list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    list->header()->setStretchLastSection(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(list);
    resize(420, 860);
}

void ShortcutsView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

} // namespace hs::ui
