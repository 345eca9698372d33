#pragma once

#include "engine/graph/node.h"

#include <functional>

namespace hs::autograd {

/// A function of some tensors: what gradcheck and jacobian() look at.
using TensorFunction = std::function<Tensors(const Tensors&)>;

/// Hooks of this thread around every node that a backward pass runs.
struct NodeHooks {
    HookList<void(const Node&, std::span<const Tensor> grad_outputs)> before;
    HookList<void(const Node&, std::span<const Tensor> grad_inputs, std::span<const Tensor> grad_outputs)> after;
    /// A gradient met another one at input `input_nr` of a node; `sum` is what waits there now (rule 37).
    HookList<void(const Node&, std::size_t input_nr, const Tensor& sum)> grad_sum;
};
NodeHooks& node_hooks();

/// Accumulates gradients of `outputs` into the leaves of their graphs (rules 32 to 45). `grad_outputs` may be empty,
/// or hold undefined tensors for outputs of one element. With `inputs`, only those receive gradients.
void backward(const Tensors& outputs, const Tensors& grad_outputs = {}, std::optional<bool> retain_graph = std::nullopt,
              bool create_graph = false, const std::optional<Tensors>& inputs = std::nullopt);

struct GradOptions {
    std::optional<bool> retain_graph = std::nullopt; ///< default: create_graph
    bool create_graph = false;
    bool allow_unused = false;
    bool materialize_grads = false; ///< zeros instead of undefined tensors
};

/// Gradients of `outputs` with respect to `inputs`, without touching any `.grad` (rule 41).
Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& grad_outputs = {},
             const GradOptions& options = {});

} // namespace hs::autograd
