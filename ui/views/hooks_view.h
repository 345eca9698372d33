#pragma once

#include "engine/session/hook_bench.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeView;
class QUndoStack;

namespace hs::ui {

class HistogramView;
class HooksModel;
class Selection;
class SessionModel;
class TraceCursor;

/// The hook bench: all hooks in the order in which they fire, a row to put one on what is selected, and beside them the
/// tensor before and after the chosen one. Space mutes, Delete removes, Alt with up and down moves; all of it can be
/// undone.
class HooksView : public QWidget {
    Q_OBJECT

  public:
    HooksView(SessionModel& session, Selection& selection, TraceCursor& cursor, QUndoStack& undo,
              QWidget* parent = nullptr);

    QTreeView* table() const { return m_table; }
    QComboBox* kinds() const { return m_kinds; }
    QComboBox* actionsBox() const { return m_actions; }
    QLineEdit* amount() const { return m_amount; }
    QLineEdit* seed() const { return m_seed; }
    QPushButton* addButton() const { return m_add; }
    QLabel* place() const { return m_place; }
    /// Gives the keyboard to the row that puts hooks on.
    void beginAdding();

    QSize sizeHint() const override { return {700, 220}; }
    QSize minimumSizeHint() const override { return {300, 120}; }

  protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    QWidget* makeAddRow();
    QWidget* makeDetail();
    void layoutColumns();
    void takeTable();
    void showPlace();
    void showDetail();
    void add();
    bool actOn(const session::HookRow& row, int key, Qt::KeyboardModifiers modifiers);
    void select(const session::HookRow& row);
    /// What a hook of the chosen kind would be put on; else the reason why it cannot be.
    std::optional<session::HookPlace> chosenPlace(QString& reason) const;
    std::optional<session::HookPlace> nodePlace(session::HookKind kind, QString& reason) const;

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    QUndoStack& m_undo;
    HooksModel* m_model;
    QTreeView* m_table;
    QComboBox* m_kinds;
    QLabel* m_place;
    QComboBox* m_actions;
    QLineEdit* m_amount;
    QLineEdit* m_seed;
    QPushButton* m_add;
    QLabel* m_empty;
    QWidget* m_detail;
    QLabel* m_beforeText;
    QLabel* m_afterText;
    HistogramView* m_before;
    HistogramView* m_after;
    quint64 m_current = 0; ///< id of the chosen hook
    quint64 m_added = 0;   ///< to be chosen when it is listed
    bool m_filling = false;
};

} // namespace hs::ui
