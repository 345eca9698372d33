#pragma once

#include "engine/graph/node.h"

namespace hs {

/// What only some tensors have: a gradient, hooks.
struct AutogradMeta {
    Tensor grad;                           ///< `.grad` of a leaf
    std::shared_ptr<Tensor> retained_grad; ///< `.grad` of a non-leaf that retains it; its grad_fn writes it
    Node* accumulator = nullptr;           ///< the leaf's AccumulateGrad while a graph holds it
    Ref<Node> shared_accumulator;          ///< another leaf's, which this one stands for (saved-tensor hooks)
    HookList<GradientHook> hooks;          ///< of a leaf; a non-leaf's are kept by its grad_fn (rule 62)
    HookList<void(const Tensor&)> post_accumulate_hooks;
};

AutogradMeta& autograd_meta(const Tensor& tensor);

/// The one AccumulateGrad node of a leaf, made when there is none.
Ref<Node> gradient_accumulator(const Tensor& leaf);

} // namespace hs
