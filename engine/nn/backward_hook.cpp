#include "engine/nn/backward_hook.h"

#include "engine/graph/grad_mode.h"
#include "engine/graph/node.h"
#include "engine/ops/view_history.h"

namespace hs::nn {

namespace {

/// Hands gradients on; a missing one becomes zeros, as in PyTorch (rule 96).
class BackwardHookFunction final : public Node {
  public:
    std::string_view name() const override { return "BackwardHookFunctionBackward"; }
    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override {
        for (std::size_t i = 0; i < grad_inputs.size(); ++i) {
            grad_inputs[i] = grad_outputs[i];
            const std::optional<InputMeta> meta = input_meta(i);
            if (!grad_inputs[i].defined() && meta)
                grad_inputs[i] = zeros(Shape(meta->shape), {.dtype = meta->dtype, .device = meta->device});
        }
    }
};

/// Puts one identity node behind all tensors; nothing when none needs a gradient.
Ref<Node> wrap(Tensors& tensors) {
    bool any = false;
    for (const Tensor& tensor : tensors)
        any = any || (tensor.defined() && tensor.requires_grad());
    if (!any || !grad_enabled()) return {};
    std::vector<GradientEdge> held;
    std::vector<Edge> edges;
    for (const Tensor& tensor : tensors) {
        held.push_back(gradient_edge(tensor));
        edges.push_back({held.back().node.get(), held.back().input_nr});
    }
    for (Tensor& tensor : tensors)
        if (tensor.defined()) {
            const Tensor given = tensor;
            tensor = make_view(given, given.shape(), given.strides(), given.storage_offset());
            become_view(tensor, given, ViewOrigin::custom_function);
        }
    const Ref<BackwardHookFunction> node = make_node<BackwardHookFunction>(edges, tensors, 0);
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].defined() && is_floating_point(tensors[i].dtype()))
            set_history(tensors[i], node, static_cast<std::uint32_t>(i));
    return node;
}

} // namespace

BackwardHookState::BackwardHookState(Module& module, const ModuleHooks& global, const ModuleHooks& own)
    : module_(&module), global_pre_(global.full_backward_pre.snapshot()), own_pre_(own.full_backward_pre.snapshot()),
      global_(global.full_backward.snapshot()), own_(own.full_backward.snapshot()) {}

HookResult BackwardHookState::run_pre_hooks(Tensors grad_outputs) {
    const std::size_t count = grad_outputs.size();
    for (const auto& entries : {global_pre_, own_pre_}) {
        if (!entries) continue;
        for (const auto& entry : *entries) {
            HookResult replaced = entry.function(*module_, grad_outputs);
            if (!replaced) continue;
            if (replaced->size() != count)
                throw Error("Backward pre hook returned an invalid number of grad_output, got " +
                            std::to_string(replaced->size()) + ", but expected " + std::to_string(count));
            grad_outputs = std::move(*replaced);
        }
    }
    grad_outputs_ = grad_outputs;
    return grad_outputs;
}

HookResult BackwardHookState::run_hooks(std::span<const Tensor> grad_inputs) {
    Tensors gradients(input_count_);
    for (std::size_t i = 0; i < tensor_inputs_.size() && i < grad_inputs.size(); ++i)
        gradients[tensor_inputs_[i]] = grad_inputs[i];
    bool changed = false;
    for (const auto& entries : {global_, own_}) {
        if (!entries) continue;
        for (const auto& entry : *entries) {
            HookResult replaced = entry.function(*module_, gradients, grad_outputs_);
            if (!replaced) continue;
            if (!has_input_node_) {
                for (const Tensor& tensor : *replaced)
                    if (tensor.defined())
                        throw Error("Backward hook for Modules where no input requires gradient should always return "
                                    "None or None for all gradients.");
                continue;
            }
            if (replaced->size() != gradients.size())
                throw Error("Backward hook returned an invalid number of grad_input, got " +
                            std::to_string(replaced->size()) + ", but expected " + std::to_string(gradients.size()));
            gradients = std::move(*replaced);
            changed = true;
        }
    }
    grad_outputs_.clear();
    if (!changed) return std::nullopt;
    Tensors result;
    for (const std::size_t i : tensor_inputs_)
        result.push_back(gradients[i]);
    return result;
}

Tensors BackwardHookState::wrap_inputs(const std::shared_ptr<BackwardHookState>& state, Tensors inputs) {
    state->input_count_ = inputs.size();
    Tensors tensors;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].defined()) continue;
        state->tensor_inputs_.push_back(i);
        tensors.push_back(inputs[i]);
    }
    const Ref<Node> node = wrap(tensors);
    if (!node) return inputs;
    state->has_input_node_ = true;
    node->register_hook([state](std::span<const Tensor> grad_inputs, std::span<const Tensor>) {
        return state->run_hooks(grad_inputs);
    });
    for (std::size_t i = 0; i < tensors.size(); ++i)
        inputs[state->tensor_inputs_[i]] = tensors[i];
    return inputs;
}

Tensors BackwardHookState::wrap_outputs(const std::shared_ptr<BackwardHookState>& state, Tensors outputs) {
    const Ref<Node> node = wrap(outputs);
    if (!node) return outputs;
    node->register_prehook([state](std::span<const Tensor> grad_outputs) -> std::optional<Tensors> {
        HookResult result = state->run_pre_hooks(Tensors(grad_outputs.begin(), grad_outputs.end()));
        if (!state->has_input_node_) state->run_hooks({});
        return result;
    });
    return outputs;
}

} // namespace hs::nn
