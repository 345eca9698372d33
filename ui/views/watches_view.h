#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QStringListModel;
class QTreeView;

namespace hs::ui {

class SessionModel;
class WatchModel;

/// The dock "Watches": a line that adds an expression, and a table of them with what they are worth now and a curve of
/// the steps before. Enter in the table edits one, Delete removes it.
class WatchesView : public QWidget {
    Q_OBJECT

  public:
    WatchesView(SessionModel& session, WatchModel& model, QWidget* parent = nullptr);

    QTreeView* table() const { return m_table; }
    QLineEdit* line() const { return m_line; }
    QSize sizeHint() const override { return {720, 200}; }
    QSize minimumSizeHint() const override { return {220, 96}; }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void makeTable();
    void showEmpty();

    SessionModel& m_session;
    WatchModel& m_model;
    QLineEdit* m_line;
    QTreeView* m_table;
    QLabel* m_empty;
    QStringListModel* m_names;
};

} // namespace hs::ui
