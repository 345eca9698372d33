#pragma once

#include <QObject>

#include <functional>

class QAction;
class QMenu;
class QWidget;

namespace hs::ui {

struct Actions;
class BreakpointModel;
class Selection;
class TraceCursor;

/// The commands about breakpoints: set one at what is selected, and run on or backwards to where one holds.
class BreakActions : public QObject {
    Q_OBJECT

  public:
    /// `prefersNode` says whether the selected node is meant rather than its module.
    BreakActions(BreakpointModel& model, TraceCursor& cursor, const Selection& selection, const Actions& actions,
                 std::function<bool()> prefersNode, QWidget* window);

    QAction* toggle;
    QAction* runBack;

    void fill(QMenu& menu) const;

  signals:
    /// What became of a command, for the strip above the views.
    void told(const QString& text);
    /// runBack was used: the views that show moments are wanted.
    void used();

  private:
    void toggleSelected();
    void goBack();

    BreakpointModel& m_model;
    TraceCursor& m_cursor;
    const Selection& m_selection;
    std::function<bool()> m_prefersNode;
};

} // namespace hs::ui
