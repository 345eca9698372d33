#include "engine/graph/node.h"

#include "engine/graph/autograd_meta.h"

#include <cstring>

namespace hs {

namespace {

/// Metadata of one output as it lies behind a node: this word, then the sizes.
struct PackedMeta {
    Dtype dtype;
    DeviceType device_type;
    std::int8_t device_index;
    std::uint8_t rank; ///< no_gradient: the output carries none
};
constexpr std::uint8_t no_gradient = 255;

bool carries_gradient(const Tensor& output) {
    return output.defined() && is_floating_point(output.dtype()) && output.shape().size() < no_gradient;
}

/// Nodes whose last reference went while another node was being destroyed, so that long chains do not recurse.
thread_local std::vector<Node*>* doomed = nullptr;

thread_local std::uint64_t sequence_counter = 0;

} // namespace

std::uint64_t next_sequence_nr() {
    return sequence_counter++;
}

std::uint64_t coming_sequence_nr() {
    return sequence_counter;
}

std::size_t Node::tail_bytes(std::size_t edges, std::span<const Tensor> outputs) {
    std::size_t bytes = edges * (sizeof(Node*) + sizeof(std::uint32_t));
    for (const Tensor& output : outputs) {
        bytes += sizeof(PackedMeta);
        if (carries_gradient(output)) bytes += output.shape().size() * sizeof(std::int64_t) + 4;
    }
    return bytes;
}

void Node::fill_tail(std::size_t offset, std::span<const Edge> edges, std::span<const Tensor> outputs) {
    tail_offset_ = static_cast<std::uint16_t>(offset);
    edge_count_ = static_cast<std::uint32_t>(edges.size());
    input_count_ = static_cast<std::uint16_t>(outputs.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (edges[i].node) edges[i].node->retain();
        edge_nodes()[i] = edges[i].node;
        edge_inputs()[i] = edges[i].input_nr;
    }
    std::byte* at = tail() + edges.size() * (sizeof(Node*) + sizeof(std::uint32_t));
    for (const Tensor& output : outputs) {
        PackedMeta meta{Dtype::float32, DeviceType::cpu, 0, no_gradient};
        const bool kept = carries_gradient(output);
        if (kept) {
            const Device device = output.device();
            meta = {output.dtype(), device.type, device.index, static_cast<std::uint8_t>(output.shape().size())};
        }
        std::memcpy(at, &meta, sizeof meta);
        at += sizeof meta;
        if (!kept) continue;
        if (reinterpret_cast<std::uintptr_t>(at) % 8 != 0) at += 4;
        std::memcpy(at, output.shape().data(), meta.rank * sizeof(std::int64_t));
        at += meta.rank * sizeof(std::int64_t);
    }
}

std::optional<InputMeta> Node::input_meta(std::size_t wanted) const {
    const std::byte* at = tail() + edge_count_ * (sizeof(Node*) + sizeof(std::uint32_t));
    for (std::size_t i = 0;; ++i) {
        PackedMeta meta;
        std::memcpy(&meta, at, sizeof meta);
        at += sizeof meta;
        const bool kept = meta.rank != no_gradient;
        if (kept && reinterpret_cast<std::uintptr_t>(at) % 8 != 0) at += 4;
        if (i == wanted) {
            if (!kept) return std::nullopt;
            return InputMeta{meta.dtype,
                             {meta.device_type, meta.device_index},
                             {reinterpret_cast<const std::int64_t*>(at), meta.rank}};
        }
        if (kept) at += meta.rank * sizeof(std::int64_t);
    }
}

NodeExtras& Node::extras() {
    if (!extras_) {
        extras_ = std::make_unique<NodeExtras>();
        extras_->tensor_hooks.resize(input_count_);
        extras_->retained.resize(input_count_);
    }
    return *extras_;
}

Node::~Node() {
    for (std::size_t i = 0; i < edge_count_; ++i)
        Ref<Node>::adopt(edge_nodes()[i]).reset();
}

void destroy(const Node* node) {
    auto* dying = const_cast<Node*>(node);
    if (doomed) {
        doomed->push_back(dying);
        return;
    }
    std::vector<Node*> queue;
    doomed = &queue;
    const auto end = [](Node* object) {
        object->~Node();
        ::operator delete(static_cast<void*>(object));
    };
    end(dying);
    while (!queue.empty()) {
        Node* next = queue.back();
        queue.pop_back();
        end(next);
    }
    doomed = nullptr;
}

GradientEdge gradient_edge(const Tensor& tensor) {
    if (!tensor.defined()) return {};
    if (tensor.grad_fn()) return {tensor.grad_fn(), tensor.impl()->output_nr};
    // Not a view from no_grad of a tensor that requires grad: nothing can arrive there.
    if (tensor.impl()->requires_grad) return {gradient_accumulator(tensor), 0};
    return {};
}

void set_history(const Tensor& tensor, const Ref<Node>& node, std::uint32_t output_nr) {
    tensor.impl()->grad_fn = node;
    tensor.impl()->output_nr = output_nr;
}

} // namespace hs
