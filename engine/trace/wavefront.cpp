#include "engine/trace/wavefront.h"

#include "engine/trace/moment.h"

#include <algorithm>
#include <utility>

namespace hs::trace {

Wavefront::Wavefront(std::shared_ptr<const Trace> trace) : trace_(std::move(trace)) {
    move_to(trace_->events.size());
}

void Wavefront::take_in() {
    const std::size_t known = gradients_.size();
    const std::size_t edge_count = trace_->edges.size();
    // Read after the edges: an edge's nodes are written before it.
    first_edge_.resize(trace_->nodes.size(), 0);
    end_edge_.resize(first_edge_.size(), 0);
    gradients_.resize(edge_count, none);
    for (std::size_t i = known; i < edge_count; ++i) {
        const Id from = trace_->edges[i].from;
        if (end_edge_[from] == 0) first_edge_[from] = static_cast<Id>(i);
        end_edge_[from] = static_cast<Id>(i + 1);
    }
    nodes_.assign(first_edge_.size(), {});
    std::fill(gradients_.begin(), gradients_.end(), none);
    pass_ = 0;
}

void Wavefront::begin_pass(Id root) {
    ++pass_;
    std::fill(gradients_.begin(), gradients_.end(), none);
    for (NodeProgress& node : nodes_) {
        if (node.state != NodeState::absent) node.state = NodeState::idle;
        node.arrived = node.expected = 0;
        node.in_pass = false;
    }
    add_root(root);
}

void Wavefront::add_root(Id root) {
    std::vector<Id> reached{root};
    nodes_[root].in_pass = true;
    nodes_[root].state = NodeState::ready;
    while (!reached.empty()) {
        const auto [first, end] = edges_of(reached.back());
        reached.pop_back();
        for (Id edge = first; edge < end; ++edge) {
            NodeProgress& to = nodes_[trace_->edges[edge].to];
            ++to.expected;
            if (to.state == NodeState::ready) to.state = NodeState::waiting;
            if (std::exchange(to.in_pass, true)) continue;
            to.state = NodeState::waiting;
            reached.push_back(trace_->edges[edge].to);
        }
    }
}

bool Wavefront::under_way() const {
    return std::any_of(nodes_.begin(), nodes_.end(), [](const NodeProgress& node) {
        return node.in_pass && (node.state == NodeState::ready || node.state == NodeState::waiting);
    });
}

void Wavefront::run(Id node, bool is_last) {
    NodeProgress& progress = nodes_[node];
    // A pass can have several roots, of which only the first is told; a node that runs again is of another pass.
    if (!progress.in_pass && under_way())
        add_root(node);
    else if (!progress.in_pass || progress.state == NodeState::done)
        begin_pass(node);
    progress.state = is_last ? NodeState::running : NodeState::done;
    const auto [first, end] = edges_of(node);
    for (Id edge = first; edge < end; ++edge) {
        NodeProgress& to = nodes_[trace_->edges[edge].to];
        if (++to.arrived >= to.expected && to.state == NodeState::waiting) to.state = NodeState::ready;
    }
}

void Wavefront::move_to(std::size_t position) {
    const std::size_t event_count = trace_->events.size();
    take_in();
    position_ = std::min(position, event_count);
    const Id last = last_event(*trace_, position_);
    std::size_t gradient = 0;
    const std::size_t gradient_count = trace_->edge_gradients.size();
    for (std::size_t i = 0; i < position_; ++i) {
        const Event& event = trace_->events[i];
        const bool is_last = i == last;
        if (event.kind == EventKind::forward && event.node != none) nodes_[event.node].state = NodeState::idle;
        if (event.kind == EventKind::pass_begin && event.node != none) begin_pass(event.node);
        const bool backward = event.kind == EventKind::backward || event.kind == EventKind::accumulate_grad;
        if (!backward || event.node == none) continue;
        run(event.node, is_last);
        for (; gradient < gradient_count && trace_->edge_gradients[gradient].event <= i; ++gradient)
            if (trace_->edge_gradients[gradient].edge < gradients_.size())
                gradients_[trace_->edge_gradients[gradient].edge] = static_cast<Id>(gradient);
    }
    // What no operation of its own made is there as soon as something leads to it. A node comes before what leads to
    // it.
    for (std::size_t edge = gradients_.size(); edge-- > 0;) {
        NodeProgress& to = nodes_[trace_->edges[edge].to];
        const bool from_is_there = nodes_[trace_->edges[edge].from].state != NodeState::absent;
        if (to.state == NodeState::absent && from_is_there) to.state = NodeState::idle;
    }
}

bool Wavefront::passed(Id edge) const {
    const NodeState from = nodes_[trace_->edges[edge].from].state;
    return from == NodeState::done || from == NodeState::running;
}

} // namespace hs::trace
