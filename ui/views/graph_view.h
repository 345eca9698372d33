#pragma once

#include "engine/trace/value.h"

#include <QWidget>

#include <memory>

class QLabel;
class QLineEdit;
class QToolButton;

namespace hs::ui {

class GpuDevice;
class GraphCanvas;
class Selection;
class SessionModel;
class TraceCursor;
class ZoomBar;

/// The autograd graph of the step that the cursor shows, with the wavefront of its backward pass: a canvas with a zoom
/// bar at its bottom and a search field at its top.
class GraphView : public QWidget {
    Q_OBJECT

  public:
    GraphView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    void setDevice(std::shared_ptr<GpuDevice> device, const QString& problem = {});
    GraphCanvas& canvas() const { return *m_canvas; }

  public slots:
    /// Shows the search field and puts the focus into it.
    void search();

  signals:
    /// A backward pass is to go on until this node has run (Enter, double click, menu).
    void runToRequested(hs::trace::Id node);

  protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void place();
    void findNext(bool backwards);
    void endSearch();

    GraphCanvas* m_canvas;
    QWidget* m_searchBar;
    QLineEdit* m_search;
    QLabel* m_found;
    ZoomBar* m_zoomBar;
    QToolButton* m_follow;
};

} // namespace hs::ui
