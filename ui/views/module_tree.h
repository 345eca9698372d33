#pragma once

#include "engine/trace/trace.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <string>

class QLabel;
class QLineEdit;

namespace hs::ui {

class ModuleCard;
class ModuleFilter;
class ModuleModel;
class ModuleView;
class Selection;
class SessionModel;

/// The dock "Modules": filter box, tree, and a card with what is known of the selected module.
class ModuleTree : public QWidget {
    Q_OBJECT

  public:
    ModuleTree(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    QLineEdit* filterBox() const { return m_filterBox; }
    ModuleView* view() const { return m_view; }
    ModuleModel& model() const { return *m_model; }
    /// The same modules in other modes, until the session shows others.
    void showModules(const std::shared_ptr<const trace::ModuleTable>& modules);
    QSize sizeHint() const override { return {392, 480}; }
    QSize minimumSizeHint() const override { return {220, 160}; }

  signals:
    /// The sign of train or eval mode of that module was clicked.
    void modeClicked(const std::string& path);

  protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void takeModules();
    void takeTrace();
    void showSelection();
    void showEmpty();
    void applyFilter(const QString& text);

    SessionModel& m_session;
    Selection& m_selection;
    ModuleModel* m_model;
    ModuleFilter* m_filter;
    QLineEdit* m_filterBox;
    ModuleView* m_view;
    ModuleCard* m_card;
    QLabel* m_empty;
    QTimer m_traceTimer;
    bool m_syncing = false;
};

} // namespace hs::ui
