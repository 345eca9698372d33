#pragma once

#include "engine/trace/wavefront.h"
#include "ui/layout/graph_layout.h"
#include "ui/views/graph_marks.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace hs::ui {

/// What an item of the graph is doing at the moment that is shown.
struct ItemProgress {
    trace::NodeState state = trace::NodeState::absent; ///< of a GradSum: waiting, ready (some are there) or done
    std::uint32_t arrived = 0;                         ///< node: gradients; group: nodes that are done
    std::uint32_t expected = 0;
    bool forwardRuns = false; ///< the shown event is its forward operation
    bool changed = false;     ///< the shown event wrote into it: a leaf's `.grad`
};

/// What has gone along an edge.
struct EdgeProgress {
    bool passed = false;
    bool changed = false;                    ///< by the shown event
    const trace::Summary* summary = nullptr; ///< of what went along it; null where it stands for several edges
};

/// Nodes of the pass by their state.
struct WaveCounts {
    int done = 0, running = 0, ready = 0, waiting = 0;

    int all() const { return done + running + ready + waiting; }
};

/// The autograd graph without its picture: what there is, where, and what it is doing at a moment. Knows no widgets.
/// The Trace may grow while it is shown: what is not in the graph yet is left out.
class GraphModel {
  public:
    /// `graph` was built from `trace` and `layout` from it.
    void setGraph(std::shared_ptr<const trace::Trace> trace, AutogradGraph graph, AutogradLayout layout);
    /// The same graph in another step.
    void setTrace(std::shared_ptr<const trace::Trace> trace);
    void clear();
    /// To the moment after the first `position` events.
    void moveTo(std::size_t position);

    const std::shared_ptr<const trace::Trace>& trace() const { return m_trace; }
    const AutogradGraph& graph() const { return m_graph; }
    const AutogradLayout& layout() const { return m_layout; }
    bool empty() const { return m_graph.empty(); }
    std::size_t size() const { return m_graph.items.size(); }

    const ItemProgress& progress(std::size_t item) const { return m_items[item]; }
    const EdgeProgress& edge(std::size_t edge) const { return m_edges[edge]; }
    const WaveCounts& counts() const { return m_counts; }
    /// What an item's node keeps, and what is to be told of the tensor that it belongs to; nothing but for single
    /// nodes.
    const SavedNote& note(std::size_t item) const { return m_marks.note(ownNode(item)); }
    const TensorMarks& marks(std::size_t item) const { return m_marks.marks(ownNode(item)); }
    /// The item that the shown event is about, or size().
    std::size_t current() const { return m_current; }
    /// The item that shows a node of the Trace, or size().
    std::size_t itemOf(trace::Id node) const;
    /// The node that is selected with an item: of a group the one that runs, or else its first.
    trace::Id nodeOf(std::size_t item) const;
    /// Path of the module that an item belongs to; empty for the root.
    std::string moduleOf(std::size_t item) const;

    QString title(std::size_t item) const;     ///< `ConvolutionBackward0`, `layer1.0`, `GradSum`
    QString detail(std::size_t item) const;    ///< `#6`, `4 nodes, 2 leaves`
    QString stateText(std::size_t item) const; ///< `waiting for 1`
    QString partner(std::size_t item) const;   ///< the forward operation: `conv1`, `add`
    QString shapeText(std::size_t item) const; ///< of what the forward operation made; empty where not known
    QString leafName(std::size_t item) const;  ///< `conv1.weight`
    QString leafGrad(std::size_t item) const;  ///< `grad 0.0123`, `grad pending`
    /// Several lines about an item: what the tooltip says.
    QString describe(std::size_t item) const;

    /// Nodes whose name, operation, leaf, module or `#number` contains `text`, in the order in which they run backward.
    std::vector<trace::Id> findNodes(const QString& text) const;

  private:
    trace::NodeState stateOf(trace::Id node) const;
    trace::Id ownNode(std::size_t item) const {
        return m_graph.items[item].kind == AutogradKind::node ? m_graph.items[item].node : trace::none;
    }
    void readEvents(std::size_t position);
    void readItems();
    void readEdges();
    void readSums();

    std::shared_ptr<const trace::Trace> m_trace;
    AutogradGraph m_graph;
    AutogradLayout m_layout;
    std::optional<trace::Wavefront> m_wave;
    std::vector<ItemProgress> m_items;
    std::vector<EdgeProgress> m_edges;
    std::vector<trace::Id> m_made;           ///< by node: the value that its forward operation made, or none
    std::vector<trace::Id> m_written;        ///< by AccumulateGrad: the last summary of `.grad`, or none
    std::vector<std::uint32_t> m_operations; ///< by module: nodes that its own operations made
    GraphMarks m_marks;
    WaveCounts m_counts;
    trace::Id m_event = trace::none;
    std::size_t m_current = 0;
};

} // namespace hs::ui
