#pragma once

#include "engine/nn/module_hooks.h"

#include <span>

namespace hs::nn {

/// What one call of a module needs to run its full backward hooks (rules 92 to 97): an identity node around all inputs
/// and one around all outputs, which share this state.
class BackwardHookState {
  public:
    BackwardHookState(Module& module, const ModuleHooks& global, const ModuleHooks& own);

    static Tensors wrap_inputs(const std::shared_ptr<BackwardHookState>& state, Tensors inputs);
    static Tensors wrap_outputs(const std::shared_ptr<BackwardHookState>& state, Tensors outputs);

  private:
    HookResult run_pre_hooks(Tensors grad_outputs);
    HookResult run_hooks(std::span<const Tensor> grad_inputs);

    Module* module_;
    std::shared_ptr<const HookList<BackwardPreHook>::Entries> global_pre_, own_pre_;
    std::shared_ptr<const HookList<BackwardHook>::Entries> global_, own_;
    std::vector<std::size_t> tensor_inputs_; ///< positions of the inputs that are tensors
    std::size_t input_count_ = 0;
    bool has_input_node_ = false;
    Tensors grad_outputs_;
};

} // namespace hs::nn
