#pragma once

#include "ui/models/breakpoint_model.h"
#include "ui/render/draw_list.h"
#include "ui/views/graph_canvas.h"

#include <QRegion>

class QPainter;

namespace hs::ui {

/// Paints one frame of the autograd graph: shapes and ridges into a DrawList, then text over the picture. Works in view
/// space; the camera only places the boxes.
class GraphPainter {
  public:
    GraphPainter(const GraphCanvas& canvas, const Viewport& view);

    void prepare(DrawList& list) const;
    void paint(QPainter& painter) const;

  private:
    QRectF toView(const Rect& rect) const { return m_view.toView(QRectF(rect.x, rect.y, rect.width, rect.height)); }
    QPointF toView(Point p) const { return m_view.toView(QPointF(p.x, p.y)); }
    bool isSeen(const Rect& rect) const { return !rect.empty() && rect.overlaps(m_seen); }
    double zoom() const { return m_view.camera.zoom; }
    /// Boxes are bars and lines plain.
    bool isFar() const { return zoom() < 0.3; }
    static constexpr double readableText = 0.5; ///< zoom below which nothing is written on items
    QColor stateOutline(trace::NodeState state, Token token) const;
    BoxStyle boxStyle(trace::NodeState state, Token token) const;
    QRectF ridgeRect(const AutogradRoute& route) const;

    // graph_painter.cpp: the picture.
    void prepareEdges(DrawList& list) const;
    void prepareEdge(DrawList& list, std::size_t edge) const;
    void prepareForward(DrawList& list, std::size_t edge) const;
    void prepareItem(DrawList& list, std::size_t item) const;
    void preparePartner(DrawList& list, std::size_t item) const;
    void prepareLeaf(DrawList& list, std::size_t item) const;
    void prepareFar(DrawList& list) const;
    void prepareRings(DrawList& list) const;

    // graph_cards.cpp: what lies over it.
    void prepareCards(DrawList& list) const;
    void prepareWaveBar(DrawList& list, const QRectF& rect) const;
    void prepareLegend(DrawList& list, const QRectF& rect) const;
    void prepareMiniMap(DrawList& list) const;
    void paintCards(QPainter& painter) const;
    void paintWavefront(QPainter& painter, const QRectF& rect) const;
    void paintLegend(QPainter& painter, const QRectF& rect) const;

    // graph_notes.cpp: what a node keeps, and what is to be told of the tensor beside it.
    QRectF noteRect(std::size_t item) const;
    void paintNote(QPainter& painter, std::size_t item) const;
    void paintMarks(QPainter& painter, std::size_t item) const;

    // graph_text.cpp: what is written over the picture.
    void paintItem(QPainter& painter, std::size_t item) const;
    BreakpointModel::Mark breakMark(std::size_t item) const;
    void paintSum(QPainter& painter, std::size_t item) const;
    void paintLeaf(QPainter& painter, std::size_t item) const;
    void paintPartner(QPainter& painter, std::size_t item) const;
    void paintEdges(QPainter& painter) const;
    void paintNorm(QPainter& painter, std::size_t edge, std::vector<QRectF>& taken) const;
    /// Whether something at `rect` would lie over no label, no line but `own`, and under no card.
    bool isFree(const QRectF& rect, std::size_t own, const std::vector<QRectF>& taken) const;
    /// A card would cut what is written at `rect`.
    bool isCovered(const QRectF& rect) const { return m_covered.intersects(rect.toAlignedRect()); }
    /// The line that an edge's value took, from partner to partner; empty where none is drawn.
    Rect forwardLine(std::size_t edge) const;

    const GraphCanvas& m_canvas;
    const GraphModel& m_model;
    const AutogradGraph& m_graph;
    const AutogradLayout& m_layout;
    const TextPainter& m_text;
    const Viewport& m_view;
    Rect m_seen; ///< part of the scene
    QRegion m_covered;
};

/// What is told of a tensor beside its name: a leaf's shape, two panes, a stroke over a line.
enum class TensorMark : quint8 { retains, view, changed };
void paintTensorMark(QPainter& painter, const QRectF& rect, TensorMark mark);
/// A page with a folded corner; dashed and grey once it was freed.
void paintSavedPage(QPainter& painter, const QRectF& rect, bool held);

/// What a folded or open card takes, in logical pixels.
struct GraphCardSize {
    static constexpr double width = 204;
    static constexpr double folded = 116;
    static constexpr double title = 30;
    static constexpr double wavefront = 118;
    static constexpr double legendRow = 21;
    static double legend();
};

} // namespace hs::ui
