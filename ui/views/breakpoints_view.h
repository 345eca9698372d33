#pragma once

#include "engine/session/breakpoints.h"

#include <QWidget>

class QComboBox;
class QCompleter;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QStringListModel;
class QTreeView;

namespace hs::ui {

class BreakpointModel;
class SessionModel;

/// The dock "Breakpoints": a row of choices that makes one, and the table of those there are. Enter in the table takes
/// a row into the choices, Delete removes it, Space turns it off and on.
class BreakpointsView : public QWidget {
    Q_OBJECT

  public:
    BreakpointsView(SessionModel& session, BreakpointModel& model, QWidget* parent = nullptr);

    QTreeView* table() const { return m_table; }
    QSize sizeHint() const override { return {720, 200}; }
    QSize minimumSizeHint() const override { return {220, 96}; }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    QWidget* makeChoices();
    QWidget* makeTable();
    void fitChoices();
    void complete();
    /// What the choices say; what cannot be read is told in `problem`.
    session::Breakpoint chosen(QString& problem) const;
    void choose(const session::Breakpoint& breakpoint);
    void submit();
    void edit(int row);
    void say(const QString& problem);
    void showState();

    SessionModel& m_session;
    BreakpointModel& m_model;
    QComboBox* m_side;
    QComboBox* m_place;
    QLineEdit* m_name;
    QComboBox* m_check;
    QLineEdit* m_bound;
    QComboBox* m_pass;
    QSpinBox* m_fromHit;
    QPushButton* m_submit;
    QLabel* m_problem;
    QTreeView* m_table;
    QLabel* m_empty;
    QLabel* m_cost;
    QStringListModel* m_names;
    int m_edited = 0; ///< id of the one that the choices show; 0: a new one
};

} // namespace hs::ui
