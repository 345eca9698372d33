#pragma once

#include <QWidget>

#include <cstdint>

class QLabel;
class QTableView;

namespace hs::ui {

class SavedModel;
class Selection;
class SessionModel;
class TraceCursor;

/// The dock "Saved": which node holds which bytes at the moment that is shown, what was freed, and a warning
/// where something was changed in place that backward still needs. A row selects its node.
class SavedView : public QWidget {
    Q_OBJECT

  public:
    SavedView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    const SavedModel& model() const { return *m_model; }
    QTableView* table() const { return m_table; }
    QLabel* warning() const { return m_warning; }

    QSize sizeHint() const override { return {324, 300}; }
    QSize minimumSizeHint() const override { return {232, 120}; }

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    void refresh();
    void choose(int row);
    void setFonts();

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    SavedModel* m_model;
    QLabel* m_sum;
    QLabel* m_warning;
    QTableView* m_table;
    QLabel* m_nothing;
    std::int64_t m_step = -1; ///< whose rows are listed
    bool m_filling = false;
};

} // namespace hs::ui
