#pragma once

#include "engine/trace/ledger.h"

#include <QElapsedTimer>
#include <QWidget>

#include <memory>

class QLabel;
class QTableView;

namespace hs::ui {

class LedgerModel;
class Selection;
class SessionModel;
class TraceCursor;

/// The dock "Ledger": every addition into the `.grad` of the selected parameter, pass after pass, with the path that it
/// came by; what cleared it, who read it, and a warning where a step adds to what was left over. Enter or a click goes
/// to the row's event.
class LedgerView : public QWidget {
    Q_OBJECT

  public:
    LedgerView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    const LedgerModel& model() const { return *m_model; }
    QTableView* table() const { return m_table; }
    /// The parameter whose ledger is shown; its member is empty where there is none.
    const trace::ValueKey& parameter() const { return m_parameter; }

    QSize sizeHint() const override { return {324, 300}; }
    QSize minimumSizeHint() const override { return {232, 120}; }

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    trace::ValueKey chosen() const;
    double normBefore(const trace::ValueKey& parameter, std::int64_t step) const;
    void takeFinished();
    void enter();
    void refresh();
    void showHead();
    void fitColumns();
    void go(int row);

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    trace::LedgerBook m_book;
    std::shared_ptr<const trace::Trace> m_finished; ///< a step that is not entered yet
    QElapsedTimer m_sinceEntered;
    trace::ValueKey m_parameter{trace::Role::parameter, {}, {}};
    LedgerModel* m_model;
    QLabel* m_glyph;
    QLabel* m_name;
    QLabel* m_shape;
    QTableView* m_table;
    QLabel* m_nothing;
};

} // namespace hs::ui
