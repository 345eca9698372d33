#pragma once

#include "ui/layout/graph_layout.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hs::ui {

/// Something that takes room in a row: an item, or a bend, where an edge passes the row.
struct RowVertex {
    std::size_t item = static_cast<std::size_t>(-1);
    std::uint32_t row = 0;
    double x = 0; ///< of its middle line
    double left = 0, right = 0;
    std::vector<std::size_t> up, down; ///< vertices of the rows above and below
};

/// The graph's items in rows and the order and places they have there.
struct GraphRows {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<RowVertex> vertices; ///< items first, those that are not in a row by themselves with no place
    std::vector<std::vector<std::size_t>> rows;
    std::vector<std::size_t> host;                ///< by item: the item beside which a leaf or its GradSum stands
    std::vector<std::vector<std::size_t>> leaves; ///< by item: the leaves beside it
    std::vector<std::size_t> sumOf;               ///< by leaf: its GradSum
    std::vector<std::vector<std::size_t>> chains; ///< by edge: its vertices, or empty where it runs outside or beside

    bool isBeside(std::size_t item) const { return host[item] != none; }
};

/// Nothing when `stop` was asked for.
std::optional<GraphRows> arrangeRows(const AutogradGraph& graph, const AutogradMetrics& metrics,
                                     const std::stop_token& stop);

} // namespace hs::ui
