#pragma once

#include "ui/layout/autograd_graph.h"
#include "ui/layout/geometry.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace hs::ui {

/// Sizes of the autograd graph in scene units.
struct AutogradMetrics {
    double margin = 16;
    double nodeWidth = 190;
    double nodeHeight = 40;
    double partnerWidth = 118; ///< of the forward operation at the left
    double partnerGap = 76;    ///< what the node keeps is noted there
    double leafGap = 76;       ///< between a node and its leaves: a norm is written there
    double pillWidth = 106;
    double pillHeight = 34;
    double leafBoxGap = 30;
    double leafBoxWidth = 142;
    double stackGap = 8;  ///< between leaves above each other
    double sumSize = 40;  ///< of a GradSum's diamond
    double sumText = 130; ///< room at its right
    double sumEntry = 62; ///< and at its left, for gradients that come from elsewhere
    double leafSumGap = 22;
    double rowGap = 40; ///< between rows with no track between them
    double track = 17;  ///< between level lines: one line of text
    double trackTop = 12;
    double trackBottom = 26; ///< below the tracks: a norm and a ridge
    double columnGap = 34;
    double bendWidth = 12;       ///< room of an edge that passes a row, to each side
    double lane = 12;            ///< between lines that run outside of everything
    std::uint32_t mostRows = 64; ///< an edge over more rows runs outside
};

/// The line of an edge, the way its gradient goes. All its parts are level or upright.
struct AutogradRoute {
    std::vector<Point> points;
    Point label;        ///< level: the norm goes above this point; upright: to the left of it, the ridge to the right
    double room = 0;    ///< length of the part that it is beside; 0 where nothing is to be written
    bool level = false; ///< that part is level
    bool straight = false; ///< one upright line between neighbouring rows
    Rect bounds;
};

struct AutogradLayout {
    std::vector<Rect> rects;           ///< by item; of a leaf its AccumulateGrad
    std::vector<Rect> partners;        ///< by item: the forward operation, empty without one
    std::vector<Rect> leafBoxes;       ///< by item: the leaf's tensor, empty for all others
    std::vector<AutogradRoute> routes; ///< by edge
    std::vector<std::uint32_t> rows;   ///< by item
    Rect bounds;

    std::size_t rowCount() const;
    /// The item at `p` (its partner and its leaf count as the item), or rects.size().
    std::size_t itemAt(Point p) const;
};

/// Lays the graph out in rows by longest paths: gradients flow down, and each forward operation stands at the left of
/// its node. Leaves stand at the right of the last node that sends them a gradient. A pure function; nothing when
/// `stop` was asked for meanwhile. Any graph has a layout: edges that close a cycle run outside, upwards.
std::optional<AutogradLayout> layOutAutograd(const AutogradGraph& graph, const AutogradMetrics& metrics = {},
                                             const std::stop_token& stop = {});

/// The item that an arrow key leads to: up and down along edges, right to leaves or along the row, left back. `item`
/// itself where there is none; from no item, the first one at the top.
enum class Step : std::uint8_t { up, down, left, right };
std::size_t neighbourOf(const AutogradGraph& graph, const AutogradLayout& layout, std::size_t item, Step step);

} // namespace hs::ui
