#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hs::ui {

/// What the card of an item shows besides its name. It fixes how much room the layout gives it.
enum class Content : std::uint8_t {
    group,   ///< a container: a frame around its children
    column,  ///< loose children of the root that stand above each other; has no frame of its own
    name,    ///< nothing but one line: flatten, an activation after a linear layer
    maps,    ///< activation maps, [N, C, H, W]
    strip,   ///< cells of a vector, [N, F]
    classes, ///< one bar a class
    join,    ///< an operation of a container itself that brings two paths together, such as the add of a residual block
};

/// A box of the blueprint. Children are in the order in which they stand.
struct GraphItem {
    /// `none` for columns. A join has the container that ran it where its result is the container's output.
    trace::Id module = trace::none;
    Content content = Content::name;
    std::size_t parent = 0; ///< the root is its own parent
    std::vector<std::size_t> children;
    std::string operation; ///< of a join: `add`
    bool hasParameters = false;
};

/// A value on its way from one item to another.
struct GraphEdge {
    std::size_t from = 0;
    std::size_t to = 0;
};

/// What the blueprint shows of a model: boxes and the flow between them. Item 0 is the root.
struct BlueprintGraph {
    /// Ends of edges that are no item of the model.
    static constexpr std::size_t input = static_cast<std::size_t>(-1);
    static constexpr std::size_t loss = static_cast<std::size_t>(-2);

    std::vector<GraphItem> items;
    std::vector<GraphEdge> edges;
    std::vector<std::size_t> order; ///< leaf cards and joins, as they ran first
    bool hasPicture = false;        ///< the training draws something beside its model
    bool imageInput = false;        ///< the input is images, [N, C, H, W]; otherwise points or vectors

    bool isCard(std::size_t item) const {
        return items[item].content != Content::group && items[item].content != Content::column;
    }
    /// The card or group of a module (never a join), or items.size().
    std::size_t itemOf(trace::Id module) const;
    /// The module whose output is the value on an edge that leaves `item`, or `none` where it is no module's output.
    trace::Id outputModule(std::size_t item) const;
};

/// Builds the graph. Without a `trace` (before the first step) the modules are taken to run in the order of the table
/// and contents are guessed from their types; with one, order, shapes and joins are what was recorded: an edge goes
/// from the module whose operation made a module's first input. A join's other inputs are not in a Trace; they are
/// taken to be what nobody else reads in its container, else the container's own input.
/// `classCount` is 0 where there are no classes.
BlueprintGraph buildBlueprintGraph(const trace::ModuleTable& modules, const trace::Trace* trace,
                                   std::size_t classCount);

} // namespace hs::ui
