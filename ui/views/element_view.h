#pragma once

#include "engine/trace/value.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QTableView;

namespace hs::ui {

class ElementCurve;
class ElementModel;
class Selection;
class SessionModel;

/// The dock "Element": one element of the selected parameter through the training steps, also while it runs:
/// gradient, decay, momentum and change as a table, the value as a curve. It is followed from the next step on.
class ElementView : public QWidget {
    Q_OBJECT

  public:
    ElementView(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    const ElementModel& model() const { return *m_model; }
    QLineEdit* indexBox() const { return m_index; }
    QLabel* message() const { return m_message; }

    QSize sizeHint() const override { return {324, 300}; }
    QSize minimumSizeHint() const override { return {232, 120}; }

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    void takeSelection();
    void follow();
    void refresh();
    void fitColumns();

    SessionModel& m_session;
    Selection& m_selection;
    trace::ValueKey m_parameter{trace::Role::parameter, {}, {}};
    std::vector<std::int64_t> m_shape;
    ElementModel* m_model;
    QLabel* m_name;
    QLineEdit* m_index;
    QLabel* m_message;
    ElementCurve* m_curve;
    QTableView* m_table;
    QTimer m_refresh;
};

} // namespace hs::ui
