#pragma once

#include "ui/layout/blueprint_graph.h"
#include "ui/layout/geometry.h"

#include <cstddef>
#include <vector>

namespace hs::ui {

/// Sizes of the blueprint in scene units.
struct BlueprintMetrics {
    double margin = 10;      ///< around everything
    double topStrip = 64;    ///< above the root: the input, and the legend that lies over the view
    double bottomStrip = 64; ///< below the root: the loss, and the zoom bar that lies over the view
    double rootHeader = 28;
    double rootPadding = 10;
    double groupHeader = 26;
    double groupPadding = 8;
    double lane = 14;       ///< room at the left of a group for edges that pass cards
    double gutter = 44;     ///< between columns: a pair of lines with text at both sides
    double gutterMore = 20; ///< and for each further pair
    double gapLeast = 16;   ///< between cards above each other: one line of text
    double gapClear = 26;   ///< and room between it and the mark of a selected card
    double gapWanted = 46;
    double gapMost = 80;
    double columnLeast = 150;
    double columnMost = 330;
    double inputSize = 50;
    double lossHeight = 40;
    double pairOffset = 8; ///< between a value's line and its gradient's
};

/// The lines of one edge: the value goes along `forward` from its first point, the gradient along `backward` the other
/// way round, from the consumer to the producer. Bends are right angles.
struct EdgeRoute {
    std::size_t edge = 0; ///< index in BlueprintGraph::edges
    std::vector<Point> forward;
    std::vector<Point> backward; ///< empty for the input: nobody asks for its gradient
    Point label;                 ///< middle of the part beside which shape and norm are written
    bool rotated = false;        ///< that part is upright in a gutter: text runs upwards, shape left of it, norm right
    double room = 0;             ///< length of that part; 0 where nothing is to be written
    double left = 0;             ///< room left of it (rotated: to each side)
    double right = 0;            ///< room right of it
};

struct BlueprintLayout {
    std::vector<Rect> rects; ///< one for each item of the graph; columns have their bounds
    std::vector<EdgeRoute> routes;
    std::vector<Rect> gutters; ///< right of each column of modules; the last one is empty
    Rect input;
    Rect loss;
    Rect picture; ///< empty without one
    Rect bounds;  ///< of everything, with the margin

    /// The innermost card or group at `p`, or graph.items.size().
    std::size_t itemAt(const BlueprintGraph& graph, Point p) const;
};

/// Lays the model out in columns by the root's children, for a view of `width` x `height`. Where there is room cards
/// and gaps grow up to a wanted size; where there is too little the layout becomes larger than the view at the least
/// sizes and the view zooms out. A pure function: the same graph and size give the same layout.
BlueprintLayout layOutBlueprint(const BlueprintGraph& graph, double width, double height,
                                const BlueprintMetrics& metrics = {});

/// The card that an arrow key leads to from `item`: up and down in the column, left and right to the card of the
/// neighbouring column that is nearest in height. `item` itself where there is none; from no card, the first one.
enum class Direction : std::uint8_t { up, down, left, right };
std::size_t neighbour(const BlueprintGraph& graph, const BlueprintLayout& layout, std::size_t item,
                      Direction direction);

} // namespace hs::ui
