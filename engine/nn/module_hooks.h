#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/tensor/tensor.h"

#include <optional>

namespace hs::nn {

class Module;

/// What a hook returns: nothing to keep things as they are, or tensors to put in their place (rules 89, 90, 97).
using HookResult = std::optional<Tensors>;

using ForwardPreHook = HookResult(Module& module, const Tensors& inputs);
using ForwardHook = HookResult(Module& module, const Tensors& inputs, const Tensors& outputs);
using BackwardPreHook = HookResult(Module& module, const Tensors& grad_outputs);
/// `grad_inputs` and `grad_outputs` hold an undefined tensor where there is no gradient.
using BackwardHook = HookResult(Module& module, const Tensors& grad_inputs, const Tensors& grad_outputs);

/// Hooks of one module, or those that see every module of this thread.
struct ModuleHooks {
    HookList<ForwardPreHook> forward_pre;
    HookList<ForwardHook> forward;
    HookList<BackwardPreHook> full_backward_pre;
    HookList<BackwardHook> full_backward;

    bool any_backward() const { return !full_backward_pre.empty() || !full_backward.empty(); }
    std::size_t count() const {
        return forward_pre.size() + forward.size() + full_backward_pre.size() + full_backward.size();
    }
};

/// Hooks that are called for every module that this thread runs, before the module's own
/// (`torch.nn.modules.module.register_module_forward_hook` and its like).
ModuleHooks& global_module_hooks();

} // namespace hs::nn
