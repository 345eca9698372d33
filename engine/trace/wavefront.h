#pragma once

#include "engine/trace/trace.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace hs::trace {

/// How far a node of the autograd graph has come in the backward pass under way.
enum class NodeState : std::uint8_t {
    absent,  ///< its forward operation has not run yet
    idle,    ///< it is there, and no pass that needs it has begun
    waiting, ///< gradients are still to come
    ready,   ///< all of its gradients are there; the ready node with the highest sequence number runs next
    running, ///< it is what the shown event ran
    done,
};

/// The backward pass of a step as a Cursor shows it: what each node of the Trace's graph is doing when `position`
/// events have happened. It follows from the events and edges alone, so any moment can be shown, of a step under way
/// too. Needs a Trace with edges (Trace::edges). Belongs to one thread.
class Wavefront {
  public:
    explicit Wavefront(std::shared_ptr<const Trace> trace);

    /// To the moment when the first `position` events have happened; clamped to what is recorded. Takes in nodes and
    /// events that were recorded since. Costs as much as there are events and edges.
    void move_to(std::size_t position);
    std::size_t position() const { return position_; }

    std::size_t size() const { return nodes_.size(); }
    NodeState state(Id node) const { return nodes_[node].state; }
    /// Gradients that have arrived in this pass, of those that it waits for.
    std::uint32_t arrived(Id node) const { return nodes_[node].arrived; }
    std::uint32_t expected(Id node) const { return nodes_[node].expected; }
    /// Index of the last entry of Trace::edge_gradients that has passed the edge, or `none`.
    Id gradient_on(Id edge) const { return gradients_[edge]; }
    /// Whether the edge has been passed in this pass.
    bool passed(Id edge) const;
    /// The pass under way, counted from 1; 0 before the first.
    int pass() const { return pass_; }

  private:
    struct NodeProgress {
        NodeState state = NodeState::absent;
        std::uint32_t arrived = 0;
        std::uint32_t expected = 0;
        bool in_pass = false;
    };

    void take_in();
    void begin_pass(Id root);
    void add_root(Id root);
    bool under_way() const;
    void run(Id node, bool is_last);
    std::pair<Id, Id> edges_of(Id node) const { return {first_edge_[node], end_edge_[node]}; }

    std::shared_ptr<const Trace> trace_;
    std::vector<NodeProgress> nodes_;
    std::vector<Id> first_edge_; ///< by node; those of a node lie together
    std::vector<Id> end_edge_;
    std::vector<Id> gradients_; ///< by edge
    std::size_t position_ = 0;
    int pass_ = 0;
};

} // namespace hs::trace
