#pragma once

#include "ui/layout/graph_rows.h"

namespace hs::ui {

/// Gives the layout, whose boxes have their places across, the heights of its rows and the lines of its edges: the
/// channels between rows are as high as the level lines in them need. Boxes of row r are at y = 0 when this begins.
void routeAutograd(const AutogradGraph& graph, const GraphRows& rows, const AutogradMetrics& metrics,
                   AutogradLayout& layout);

} // namespace hs::ui
