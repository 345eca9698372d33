#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/tensor/tensor.h"

#include <new>
#include <optional>
#include <span>
#include <string_view>

namespace hs {

/// Where a gradient goes: input `input_nr` of `node`. An edge without a node ends there: that input of the forward
/// operation needs no gradient.
struct Edge {
    Node* node = nullptr;
    std::uint32_t input_nr = 0;
};

/// What a Node knows of the tensor whose gradient arrives at one of its inputs (an output of the forward operation).
struct InputMeta {
    Dtype dtype;
    Device device;
    std::span<const std::int64_t> shape;
};

/// Sequence number of AccumulateGrad: it runs as soon as it is ready (rule 36).
inline constexpr std::uint64_t accumulate_grad_sequence_nr = ~std::uint64_t{0};

/// Takes the next number of this thread's sequence; the second only tells it.
std::uint64_t next_sequence_nr();
std::uint64_t coming_sequence_nr();

using GradientHook = Tensor(const Tensor& gradient); ///< an undefined result keeps the gradient
using NodePreHook = std::optional<Tensors>(std::span<const Tensor> grad_outputs);
using NodePostHook = std::optional<Tensors>(std::span<const Tensor> grad_inputs, std::span<const Tensor> grad_outputs);

/// What few nodes have.
struct NodeExtras {
    std::vector<HookList<GradientHook>> tensor_hooks; ///< by input_nr: hooks of the non-leaf tensors
    std::vector<std::weak_ptr<Tensor>> retained;      ///< by input_nr: where retain_grad wants the gradient
    HookList<NodePreHook> pre_hooks;
    HookList<NodePostHook> post_hooks;
    std::string forward_call; ///< in anomaly mode: the operation's call, with what it was called for
};

/// A function of the backward graph, in PyTorch's terms (rules 26 to 28). The gradients of the forward operation's
/// outputs are its inputs; its results go along next_edges(). Edges and metadata lie behind the object in one
/// allocation; nodes are made by make_node() only.
class Node : public Counted {
  public:
    virtual ~Node();

    /// `AddBackward0`.
    virtual std::string_view name() const = 0;
    /// Computes the gradients of the forward inputs, one an edge. Undefined tensors stand for "no gradient" on both
    /// sides. Runs with grad mode equal to create_graph.
    virtual void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) = 0;
    /// Frees saved tensors; a later pass over them throws rule 35's text.
    virtual void release_saved() {}

    std::uint64_t sequence_nr() const { return sequence_nr_; }
    bool is_accumulate_grad() const { return sequence_nr_ == accumulate_grad_sequence_nr; }

    std::size_t edge_count() const { return edge_count_; }
    Edge edge(std::size_t i) const { return {edge_nodes()[i], edge_inputs()[i]}; }
    /// Number of gradients it takes: outputs of the forward operation.
    std::size_t input_count() const { return input_count_; }
    /// Nothing for outputs that carry no gradient (integers).
    std::optional<InputMeta> input_meta(std::size_t i) const;

    // Hooks.
    RemovableHandle register_prehook(std::function<NodePreHook> hook) {
        return extras().pre_hooks.add(std::move(hook));
    }
    RemovableHandle register_hook(std::function<NodePostHook> hook) { return extras().post_hooks.add(std::move(hook)); }
    NodeExtras& extras();
    const NodeExtras* extras_if_any() const { return extras_.get(); }

    /// Where the pass under way keeps its state of this node; a hint only, see autograd/backward.cpp.
    std::atomic<std::uint32_t> pass_slot{0};

  protected:
    Node() : sequence_nr_(next_sequence_nr()) {}
    explicit Node(std::uint64_t sequence_nr) : sequence_nr_(sequence_nr) {}

  private:
    template <class N, class... Arguments>
    friend Ref<N> make_node(std::span<const Edge> edges, std::span<const Tensor> outputs, std::size_t reserve,
                            Arguments&&... arguments);
    friend void destroy(const Node* node);

    static std::size_t tail_bytes(std::size_t edges, std::span<const Tensor> outputs);
    void fill_tail(std::size_t offset, std::span<const Edge> edges, std::span<const Tensor> outputs);
    std::byte* tail() const { return reinterpret_cast<std::byte*>(const_cast<Node*>(this)) + tail_offset_; }
    Node** edge_nodes() const { return reinterpret_cast<Node**>(tail()); }
    std::uint32_t* edge_inputs() const {
        return reinterpret_cast<std::uint32_t*>(tail() + edge_count_ * sizeof(Node*));
    }

    std::uint64_t sequence_nr_;
    std::unique_ptr<NodeExtras> extras_;
    std::uint32_t edge_count_ = 0;
    std::uint16_t tail_offset_ = 0;
    std::uint16_t input_count_ = 0;
};

/// Makes a node of class N. `edges` are retained; `outputs` are the forward operation's results, of which the
/// metadata is kept; `reserve` bytes are left free right behind the object.
template <class N, class... Arguments>
Ref<N> make_node(std::span<const Edge> edges, std::span<const Tensor> outputs, std::size_t reserve,
                 Arguments&&... arguments) {
    static_assert(alignof(N) <= alignof(std::max_align_t));
    const std::size_t offset = (sizeof(N) + reserve + 7) & ~std::size_t{7};
    void* memory = ::operator new(offset + Node::tail_bytes(edges.size(), outputs));
    N* node = nullptr;
    try {
        node = new (memory) N(std::forward<Arguments>(arguments)...);
    } catch (...) {
        ::operator delete(memory);
        throw;
    }
    node->fill_tail(offset, edges, outputs);
    return Ref<N>(node);
}

/// The edge to which the gradient of `tensor` goes: its grad_fn, or the one AccumulateGrad of a leaf that requires
/// grad, or nothing. The caller keeps the tensor, or takes a reference to the node, while it uses the edge.
struct GradientEdge {
    Ref<Node> node;
    std::uint32_t input_nr = 0;
};
GradientEdge gradient_edge(const Tensor& tensor);

/// Gives `tensor` the history "output `output_nr` of `node`".
void set_history(const Tensor& tensor, const Ref<Node>& node, std::uint32_t output_nr);

} // namespace hs
