#pragma once

#include "ui/render/color_map.h"

#include <QColor>
#include <QRectF>

#include <span>

namespace hs::ui {

class DrawList;

/// How numbers become colours.
struct MapStyle {
    ColorMap colors = {};
    double low = 0, high = 1; ///< equal ends: everything at `low` gets the middle of the map
    QColor nan = {};          ///< NaN is hatched in it, +Inf and -Inf are dotted in it
};

/// Where the maps of a grid go: `columns` by `rows` cells of `cell` scene units, `gap` apart, from `origin`.
struct MapGrid {
    QPointF origin;
    QSizeF cell;
    double gap = 1;
    int columns = 1, rows = 1, count = 0;

    /// The arrangement with the largest cells of the shape width:height for `count` maps inside `rect`; centred
    /// horizontally when `centred`, else from the left. `wholeScale` makes cells whole multiples of the map where they
    /// fit.
    static MapGrid fit(const QRectF& rect, int count, int width, int height, double gap, bool centred = false,
                       bool wholeScale = false);

    QRectF cellRect(int index) const;
    QRectF bounds() const;
    /// The map under `point`, or -1.
    int indexAt(QPointF point) const;
};

/// Grids of numbers as pictures: nearest neighbour, through a colour map, in the shader. The numbers are copied here.
class MapBatch {
  public:
    /// One map of `height` rows of `width` numbers; rows start `stride` numbers apart (0: width). Row 0 is at the top.
    /// Fewer values than that, or a size of 0, draw nothing. The rectangle's edges go to whole device pixels.
    void add(const QRectF& rect, std::span<const float> values, int width, int height, const MapStyle& style,
             int stride = 0);

    /// `grid.count` maps that follow each other in `values`, each width x height.
    void addGrid(const MapGrid& grid, std::span<const float> values, int width, int height, const MapStyle& style);

    /// The colour map itself as a level bar, low at the left: legends.
    void legend(const QRectF& rect, const ColorMap& colors);

  private:
    friend class DrawList;
    explicit MapBatch(DrawList& list) : m_list(list) {}

    DrawList& m_list;
};

} // namespace hs::ui
