#pragma once

#include "engine/autograd/backward.h"

#include <queue>
#include <unordered_map>

namespace hs::autograd {

/// One backward pass: counts what each node waits for, runs ready nodes, highest sequence number first.
class Pass {
  public:
    Pass(bool keep_graph, bool create_graph) : keep_graph_(keep_graph), create_graph_(create_graph) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass();

    /// Asks for the gradient that arrives at `edge`; only nodes on a way to such an edge run then (rule 43).
    /// `accumulate`: the AccumulateGrad at the edge shall run, too.
    std::size_t capture(const GradientEdge& edge, bool accumulate);
    void run(std::span<const GradientEdge> roots, std::span<const Tensor> grad_outputs);
    const Tensor& captured(std::size_t i) const { return captures_[i].gradient; }

  private:
    struct Entry {
        Node* node;
        std::uint32_t dependencies = 0;
        std::uint32_t first_gradient = 0; ///< in gradients_
        bool needed = true;
        bool queued = false;
    };
    struct Ready {
        std::uint64_t sequence_nr;
        std::uint64_t order; ///< ties run first-in first-out
        std::uint32_t entry;
        bool operator<(const Ready& other) const {
            return sequence_nr != other.sequence_nr ? sequence_nr < other.sequence_nr : order > other.order;
        }
    };
    struct Capture {
        Ref<Node> node;
        std::uint32_t input_nr;
        bool accumulate;
        Tensor gradient;
    };

    std::uint32_t entry_of(Node* node, bool& is_new);
    std::uint32_t known_entry(const Node* node) const;
    void count_dependencies(std::span<const GradientEdge> roots);
    void mark_needed();
    void deliver(std::uint32_t entry, std::size_t input_nr, Tensor gradient);
    void push(std::uint32_t entry);
    void run_node(std::uint32_t entry);
    void run_tensor_hooks(Node& node, std::span<Tensor> gradients);
    bool must_run(const Node& node) const;
    void take_captures(const Node& node, std::span<const Tensor> gradients);
    void send(Node& node, std::span<Tensor> results);

    bool keep_graph_;
    bool create_graph_;
    std::vector<Entry> entries_{Entry{nullptr}};               ///< index 0 is no entry
    std::unordered_map<const Node*, std::uint32_t> contested_; ///< nodes that another pass holds the slot of
    std::vector<Tensor> gradients_;
    std::priority_queue<Ready> ready_;
    std::uint64_t order_ = 0;
    std::vector<Capture> captures_;
    std::vector<Ref<Node>> roots_;
};

} // namespace hs::autograd
