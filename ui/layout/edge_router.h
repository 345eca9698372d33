#pragma once

#include "ui/layout/blueprint_layout.h"

#include <vector>

namespace hs::ui {

/// The lines of all edges of a graph whose boxes have been placed. Cards above each other are joined by an upright pair
/// of lines; cards of neighbouring columns through the gutter between them; what passes cards of its own column runs
/// in the lane at their left; what passes columns runs between their header and the root's.
std::vector<EdgeRoute> routeEdges(const BlueprintGraph& graph, const BlueprintLayout& layout,
                                  const BlueprintMetrics& metrics);

} // namespace hs::ui
