#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace hs::ui {

/// What an item of the autograd graph stands for.
enum class AutogradKind : std::uint8_t {
    node,    ///< one node that computes: `ConvolutionBackward0`
    group,   ///< the nodes of a collapsed module, and of all modules inside it
    gradSum, ///< where several gradients meet before the node that takes their sum
    leaf,    ///< an AccumulateGrad, with the leaf it writes into
};

struct AutogradItem {
    AutogradKind kind = AutogradKind::node;
    trace::Id node = trace::none;   ///< node, leaf: itself; gradSum: the node that takes the sum; group: none
    trace::Id module = trace::none; ///< that the node belongs to, or that is collapsed
    std::vector<trace::Id> inside;  ///< of a group: its nodes, AccumulateGrad among them, in the Trace's order
    std::uint32_t leaves = 0;       ///< of a group: AccumulateGrad nodes in it
    std::uint32_t gradients = 0;    ///< of a gradSum: how many meet
    bool hasPartner = false;        ///< there is a forward operation to be shown beside it

    bool operator==(const AutogradItem&) const = default;
};

/// What goes from one item to another: one edge of the Trace, or several between the same two items.
struct AutogradEdge {
    std::size_t from = 0;
    std::size_t to = 0;
    std::vector<trace::Id> edges; ///< of the Trace; empty between a GradSum and what takes it

    bool operator==(const AutogradEdge&) const = default;
};

/// The autograd graph of a step as it is shown: some modules collapsed to one box, a GradSum of its own where
/// gradients meet. Edges go the way gradients go.
struct AutogradGraph {
    std::vector<AutogradItem> items;
    std::vector<AutogradEdge> edges;
    std::vector<std::size_t> itemOf; ///< by node of the Trace: the item that shows it
    std::size_t traceEdges = 0;      ///< edges of the Trace that were taken; nodes: itemOf.size()

    bool empty() const { return items.empty(); }
    bool operator==(const AutogradGraph&) const = default;
};

/// Takes what the Trace holds now; it may grow meanwhile. `collapsed` names modules; of nested ones the outermost
/// counts. Edges to nodes that the Trace does not have are left out.
AutogradGraph buildAutogradGraph(const trace::Trace& trace, const std::set<trace::Id>& collapsed);

/// Modules around `module` (itself among them) that can be collapsed, innermost first: all but the root that have at
/// least `least` nodes in them.
std::vector<trace::Id> collapsibleAround(const trace::Trace& trace, trace::Id module, std::size_t least = 3);

inline constexpr std::size_t mostShownAtFirst = 150;

/// What is collapsed at first so that `most` items are shown at most: nothing, or all modules of the deepest level of
/// nesting that does it, of the outermost one where none does.
std::set<trace::Id> collapsedAtFirst(const trace::Trace& trace, std::size_t most = mostShownAtFirst);

} // namespace hs::ui
