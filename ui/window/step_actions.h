#pragma once

#include "engine/session/aim.h"

#include <QList>
#include <QObject>

class QAction;
class QMenu;
class QWidget;

namespace hs::ui {

class Selection;
class SessionModel;
class TraceCursor;

/// The commands that move through the events of a training step, forwards and backwards: names and keys as in a
/// debugger, with Alt for backwards. They are enabled where they can do something.
class StepActions : public QObject {
    Q_OBJECT

  public:
    StepActions(SessionModel& session, TraceCursor& cursor, const Selection& selection, QWidget* window);

    /// For the tool bar.
    QAction* back;
    QAction* over;
    QAction* into;
    QAction* out;

    void fill(QMenu& menu) const;

  signals:
    /// One of them was used: the views that show moments are wanted.
    void used();

  private:
    QAction* forward(const QString& text, const char* key, session::Goal goal, const QString& iconName = {});
    QAction* backward(const QString& text, const char* key, session::Goal goal, const QString& iconName = {});
    QAction* moveTo(const QString& text, const char* key, bool end);
    void enable();

    SessionModel& m_session;
    TraceCursor& m_cursor;
    const Selection& m_selection;
    QWidget* m_window;
    QList<QAction*> m_forward; ///< in the order of the menu, as the next
    QList<QAction*> m_backward;
    QAction* m_toNode;
    QAction* m_backToNode;
};

} // namespace hs::ui
