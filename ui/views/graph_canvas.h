#pragma once

#include "ui/models/trace_cursor.h"
#include "ui/views/graph_layouter.h"
#include "ui/views/graph_model.h"
#include "ui/views/session_canvas.h"

#include <QTimer>

#include <array>
#include <optional>
#include <set>

namespace hs::ui {

class BreakpointModel;

/// Draws the autograd graph of the step that the cursor shows and takes its input. The zoom bar and the search field
/// are GraphView's.
class GraphCanvas : public SessionCanvas {
    Q_OBJECT

  public:
    /// What lies over the picture, at its left; each can be folded to its title.
    enum class Card : quint8 { wavefront, legend };
    static constexpr int cards = 2;

    GraphCanvas(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    const GraphModel& model() const { return m_model; }
    /// Whose marks stand on the nodes; it outlives this.
    void setBreakpoints(const BreakpointModel& breakpoints);
    /// The item under a point of the widget, or model().size().
    std::size_t itemAt(QPointF point) const;
    /// Where an item is on the screen.
    QRectF itemRect(std::size_t item) const;
    /// The item that is selected, or model().size().
    std::size_t selectedItem() const { return m_selected; }

    /// Whether the node that runs is kept in view: on until the person pans.
    bool followsStep() const { return m_follows; }
    void setFollowsStep(bool follows);
    bool isFolded(Card card) const;
    void setFolded(Card card, bool folded);
    const std::set<trace::Id>& collapsed() const { return m_collapsed; }
    /// Shows a module's nodes as one box, or again each by itself.
    void setCollapsed(trace::Id module, bool collapsed);
    /// All modules that have enough nodes for it and lie deepest, or none.
    void collapseAll(bool collapsed);

    /// Selects the next (or the one before) of the nodes that contain `text`; returns how many do.
    int find(const QString& text, bool backwards = false);
    /// Selects an item and brings it into view.
    void select(std::size_t item);

    QRectF cardRect(Card card) const;
    QRectF cardTitleRect(Card card) const;
    QRectF miniMapRect() const;
    /// What lies over the view and hides the picture.
    QRegion coveredRegion() const;
    /// Heights that what stands above and below the cards takes from the view.
    static constexpr int bottomBar = 44;

    void prepareScene(const Viewport& view, DrawList& list) override;
    void paintOverlay(QPainter& painter, const Viewport& view) override;

  signals:
    /// Enter or a double click on a node: the engine is to go on until it has run.
    void runToRequested(hs::trace::Id node);
    void searchRequested();
    void followChanged(bool follows);
    /// Another graph is shown, or it was laid out anew.
    void laidOut();

  protected:
    void refresh() override;
    Notice ownNotice() const override;
    QRectF contentBounds() const override;
    void canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers modifiers) override;
    void canvasDoubleClicked(QPointF scene) override;
    void canvasHovered(QPointF scene) override;
    void canvasLeft() override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    friend class GraphPainter;

    void takeMoment();
    void layOutAgain();
    void takeLayout(LaidOutGraph& result);
    void showStart();
    void keepInView(std::size_t item);
    void takeSelection();
    void openItem(std::size_t item);
    /// Selects an item, and of the nodes it stands for that one.
    void choose(std::size_t item, trace::Id node);
    bool moveSelection(int key);
    void toggleSelected();
    bool pressCard(QPointF point);
    bool pressMiniMap(QPointF point);

    TraceCursor& m_cursor;
    const BreakpointModel* m_breakpoints = nullptr;
    GraphModel m_model;
    GraphLayouter* m_layouter;
    std::set<trace::Id> m_collapsed;
    std::shared_ptr<const trace::ModuleTable> m_modules; ///< that m_collapsed is about
    bool m_collapseChosen = false;                       ///< by the person
    std::size_t m_selected = 0;
    std::size_t m_hovered = 0;
    trace::Id m_anchor = trace::none; ///< of a new layout: what stays where it was on the screen
    bool m_follows = true;
    bool m_cameraIsOurs = true; ///< it shows the start of the graph, and nothing has moved it since
    bool m_movesCamera = false; ///< to the start, just now
    std::array<std::optional<bool>, cards> m_folded; ///< by the person; else where there is no room
    QTimer m_loading;                                ///< until a layout that takes long is said to be under way
};

} // namespace hs::ui
