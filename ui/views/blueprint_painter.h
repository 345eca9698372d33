#pragma once

#include "ui/render/draw_list.h"
#include "ui/views/blueprint_canvas.h"

class QPainter;

namespace hs::ui {

/// Where the rows of a card of classes are: name, then bar, in columns that fit `count` rows into `rect`; bars alone
/// (nameWidth 0) where there is no room for all names. Name and bar of a row do not overlap.
struct ClassRows {
    int columns = 1;
    int rows = 0;
    double nameWidth = 0;
    QRectF rect;

    static ClassRows fit(const QRectF& rect, int count, double rowHeight, double nameWidth);
    QRectF name(int index) const;
    QRectF bar(int index) const;
};

/// Parts of the legend at the top right; the arrows' are empty where there is no room.
struct LegendParts {
    QRectF title; ///< "Maps"
    QRectF bar;
    QRectF range; ///< under the bar
    QRectF value;
    QRectF gradient;
};
LegendParts legendParts(const QRectF& legend);

/// Paints one frame of the blueprint: shapes, maps and ridges into a DrawList, then text over the picture. Works in
/// view space, where sizes of text and padding are known; the camera only places the boxes.
class BlueprintPainter {
  public:
    BlueprintPainter(const BlueprintCanvas& canvas, const Viewport& view);

    void prepare(DrawList& list) const;
    void paint(QPainter& painter) const;

  private:
    QRectF toView(const Rect& rect) const { return m_view.toView(QRectF(rect.x, rect.y, rect.width, rect.height)); }
    QPointF toView(Point p) const { return m_view.toView(QPointF(p.x, p.y)); }
    bool isSeen(const QRectF& rect) const { return rect.intersects(QRectF(QPointF(0, 0), m_view.size)); }
    double zoom() const { return m_view.camera.zoom; }
    bool isSelected(std::size_t item) const { return item == m_selected; }
    CardFrame frameOf(std::size_t item) const;
    QColor depthColor(int depth) const;
    int depthOf(std::size_t item) const;
    MapStyle mapStyle(double low, double high) const;
    QRectF memberChip(std::size_t item, const CardFrame& frame) const;
    ClassRows classRows(const CardFrame& frame) const;

    // blueprint_painter.cpp: the picture.
    void prepareGroups(DrawList& list) const;
    void prepareEdges(DrawList& list) const;
    void prepareCard(DrawList& list, std::size_t item) const;
    void prepareMaps(DrawList& list, const BlueprintCard& card, const CardFrame& frame) const;
    void prepareClasses(DrawList& list, std::size_t item, const CardFrame& frame) const;
    void prepareEnds(DrawList& list) const;
    void preparePoints(DrawList& list, const QRectF& box) const;
    void prepareRings(DrawList& list) const;
    void prepareLegend(DrawList& list) const;
    void prepareMiniMap(DrawList& list) const;

    // blueprint_text.cpp: what is written over it.
    void paintGroups(QPainter& painter) const;
    void paintEdges(QPainter& painter) const;
    void paintUpright(QPainter& painter, const EdgeRoute& route, const BlueprintCard* card, const QString& shape) const;
    void paintRotated(QPainter& painter, const EdgeRoute& route, const BlueprintCard* card, const QString& shape) const;
    void paintCard(QPainter& painter, std::size_t item) const;
    void paintHeader(QPainter& painter, std::size_t item, const CardFrame& frame) const;
    void paintClasses(QPainter& painter, std::size_t item, const CardFrame& frame) const;
    void paintEnds(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;

    const BlueprintCanvas& m_canvas;
    const BlueprintModel& m_model;
    const BlueprintGraph& m_graph;
    const BlueprintLayout& m_layout;
    const TextPainter& m_text;
    const Viewport& m_view;
    std::size_t m_selected;
};

} // namespace hs::ui
