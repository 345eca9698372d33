#pragma once

#include <QList>
#include <QObject>

class QAction;
class QMenu;
class QWidget;

namespace hs::ui {

class PastSteps;
class SessionModel;

/// The commands that go from one training step to another, and what of them stands in the Debug menu: a step to go to
/// by its number, and the memory that earlier steps may take.
class PastActions : public QObject {
    Q_OBJECT

  public:
    PastActions(SessionModel& session, PastSteps& past, QWidget* window);

    void fill(QMenu& menu);

  signals:
    /// One of them was used: the views that show moments are wanted.
    void used();
    void budgetChanged();

  private:
    void enable();
    void addNumbers(QMenu& menu);

    SessionModel& m_session;
    PastSteps& m_past;
    QAction* m_back;
    QAction* m_farBack;
    QAction* m_forth;
    QAction* m_farForth;
    QAction* m_newest;
    QAction* m_recompute;
    QAction* m_cancel;
};

} // namespace hs::ui
