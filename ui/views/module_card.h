#pragma once

#include "engine/trace/trace.h"

#include <QWidget>

#include <memory>

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

    /// The same modules in other modes, until the session shows others.
    void showModules(const std::shared_ptr<const trace::ModuleTable>& modules);

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void refresh();

    SessionModel& m_session;
    Selection& m_selection;
    FactGrid* m_facts;
    std::shared_ptr<const trace::ModuleTable> m_modules;
    QString m_title;
    QString m_subtitle;
};

} // namespace hs::ui
