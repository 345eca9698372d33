#pragma once

#include <QToolBar>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QMenu;
class QMenuBar;
class QToolButton;
class QUndoStack;

namespace hs::ui {

struct Actions;
class CommandButton;
class SessionModel;
class StepActions;
class TraceCursor;

/// The bar at the top, 48 px: which model, run and step, where the training is, and its learning rate. When it is
/// narrow words go first, then the device, then the menu bar turns into one button.
class TopBar : public QToolBar {
    Q_OBJECT

  public:
    TopBar(SessionModel& session, const TraceCursor& cursor, const Actions& actions, const StepActions& stepping,
           QUndoStack& undo, QWidget* parent = nullptr);

    /// The menus at the right end.
    void setMenus(const QList<QMenu*>& menus, QMenu* demos);
    /// Shows a button that opens the drawer with the modules; null takes it away.
    void setDrawerAction(QAction* action);
    QLineEdit* learningRateField() const { return m_rate; }

  protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    QWidget* makePosition();
    QWidget* makeLearningRate();
    void showInfo();
    void showFigures();
    void showMoment();
    void showStep();
    void commitLearningRate();
    void fit();

    SessionModel& m_session;
    const TraceCursor& m_cursor;
    const Actions& m_actions;
    QUndoStack& m_undo;
    CommandButton* m_drawer = nullptr;
    QToolButton* m_demo;
    QLabel* m_model;
    CommandButton* m_run;
    QList<CommandButton*> m_commands;
    QList<CommandButton*> m_stepping;
    QLabel* m_step;
    QLabel* m_epoch;
    QLabel* m_event;
    QLineEdit* m_rate;
    QLabel* m_rateLabel;
    QLabel* m_device;
    QMenuBar* m_menuBar;
    QToolButton* m_menuButton;
    QHBoxLayout* m_row;
};

} // namespace hs::ui
