#pragma once

#include <QWidget>

namespace hs::ui {

class FactGrid;
class Selection;
class SessionModel;

/// What is known of the selected module, under the tree: its arguments, sizes, times, zeros and hooks. Figures change
/// at most four times a second.
class ModuleCard : public QWidget {
    Q_OBJECT

  public:
    ModuleCard(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void refresh();

    SessionModel& m_session;
    Selection& m_selection;
    FactGrid* m_facts;
    QString m_title;
    QString m_subtitle;
};

} // namespace hs::ui
