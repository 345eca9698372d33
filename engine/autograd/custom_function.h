#pragma once

#include "engine/graph/saved_tensor.h"

#include <any>
#include <memory>

namespace hs::autograd {

/// What a Function's forward leaves for its backward: `ctx` in PyTorch.
class FunctionContext {
  public:
    /// Inputs or outputs of forward only; others make a leak. Call once.
    void save_for_backward(Tensors tensors) { to_save_ = std::move(tensors); }
    /// In backward. Throws rule 35's text after they were freed, rule 52's when one was changed in place.
    Tensors saved_tensors() const;
    /// Inputs that forward changed in place; each must be an output.
    void mark_dirty(Tensors tensors) { dirty_ = std::move(tensors); }
    /// Outputs that carry no gradient; integers never do.
    void mark_non_differentiable(Tensors tensors) { non_differentiable_ = std::move(tensors); }
    /// Whether backward gets zeros, or else undefined tensors, for outputs that nothing used (rule 39).
    void set_materialize_grads(bool value) { materialize_grads_ = value; }
    bool needs_input_grad(std::size_t i) const { return i < needs_input_grad_.size() && needs_input_grad_[i]; }
    /// Anything else that backward shall know.
    std::any state;

  private:
    friend class FunctionNode;

    Tensors to_save_, dirty_, non_differentiable_;
    std::vector<SavedTensor> saved_;
    std::vector<bool> needs_input_grad_;
    const Node* node_ = nullptr;
    bool materialize_grads_ = true;
    bool freed_ = false;
};

/// A function with a gradient of its own (`torch.autograd.Function`):
///
///     struct Square : autograd::Function {
///         std::string name() const override { return "Square"; }
///         Tensors forward(FunctionContext& context, const Tensors& inputs) const override {
///             context.save_for_backward(inputs);
///             return {inputs[0] * inputs[0]};
///         }
///         Tensors backward(FunctionContext& context, const Tensors& grads) const override {
///             return {grads[0] * context.saved_tensors()[0] * 2.0};
///         }
///     };
///     Tensor y = autograd::apply(std::make_shared<Square>(), {x})[0];
class Function {
  public:
    virtual ~Function() = default;
    /// Its node is called `name()Backward`.
    virtual std::string name() const = 0;
    /// Runs without recording.
    virtual Tensors forward(FunctionContext& context, const Tensors& inputs) const = 0;
    /// One gradient an input, undefined where there is none. Recorded with create_graph.
    virtual Tensors backward(FunctionContext& context, const Tensors& grad_outputs) const = 0;
};

/// Calls forward and, where an input requires grad, puts one node behind its outputs. An output that is an input comes
/// back as a view of it, unless it is dirty.
Tensors apply(std::shared_ptr<const Function> function, const Tensors& inputs);

} // namespace hs::autograd
