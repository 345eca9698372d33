#pragma once

#include "engine/nn/module_hooks.h"

#include <array>
#include <span>

namespace hs::nn {

/// What one call of a module needs to run its full backward hooks (rules 92 to 97): an identity node around all inputs
/// and one around all outputs, which share this state. The hooks are those of the time of the call.
class BackwardHookState {
  public:
    BackwardHookState(std::shared_ptr<ModuleHooks> hooks, const CallHooks& global);

    static Tensors wrap_inputs(const std::shared_ptr<BackwardHookState>& state, Tensors inputs);
    static Tensors wrap_outputs(const std::shared_ptr<BackwardHookState>& state, Tensors outputs);

  private:
    HookResult run_pre_hooks(Tensors grad_outputs);
    HookResult run_hooks(std::span<const Tensor> grad_inputs);

    std::shared_ptr<ModuleHooks> hooks_;
    std::array<std::shared_ptr<const HookList<BackwardPreHook>::Entries>, 2> pre_; ///< global, own
    std::array<std::shared_ptr<const HookList<BackwardHook>::Entries>, 2> full_;
    std::vector<std::size_t> tensor_inputs_; ///< positions of the inputs that are tensors
    std::size_t input_count_ = 0;
    bool has_input_node_ = false;
    std::optional<Tensors> grad_outputs_; ///< from the output node's run to the input node's
};

/// The deprecated backward hooks of a call (rule 99): post-hooks of the grad_fn of the first output.
class LegacyBackwardHooks {
  public:
    LegacyBackwardHooks(std::shared_ptr<ModuleHooks> hooks, const CallHooks& global);

    /// Warns where the hooks will not see what their name promises.
    void attach(const Tensors& inputs, const Tensors& outputs) const;

  private:
    std::shared_ptr<ModuleHooks> hooks_;
    std::array<std::shared_ptr<const HookList<BackwardHook>::Entries>, 2> entries_; ///< global, own
};

} // namespace hs::nn
