#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/nn/state_dict.h"

#include <functional>
#include <optional>
#include <set>
#include <type_traits>

namespace hs::nn {

/// What a hook returns: nothing to keep things as they are, or tensors to put in their place (rules 89, 90, 97).
using HookResult = std::optional<Tensors>;

/// What a module is called with: tensors by position (undefined for None) and by name.
struct CallArguments {
    Tensors inputs;
    NamedTensors keywords;
};

using ForwardPreHook = std::optional<CallArguments>(Module& module, const Tensors& inputs,
                                                    const NamedTensors& keywords);
using ForwardHook = HookResult(Module& module, const Tensors& inputs, const NamedTensors& keywords,
                               const Tensors& outputs);
using BackwardPreHook = HookResult(Module& module, const Tensors& grad_outputs);
/// `grad_inputs` and `grad_outputs` hold an undefined tensor where there is no gradient.
using BackwardHook = HookResult(Module& module, const Tensors& grad_inputs, const Tensors& grad_outputs);

struct ForwardHookOptions {
    bool prepend = false;
    bool always_call = false; ///< also when something raised (rule 91)
};

/// Hooks around the calls of one module, or of every module of this thread.
///
/// The callables that it takes get the arguments of the types above, with the keywords or without. They return
/// nothing, or what the types say; where that is Tensors, also a single Tensor (undefined to keep things).
class CallHooks {
  public:
    template <class F>
    RemovableHandle add_forward_pre(F hook, bool prepend = false);
    template <class F>
    RemovableHandle add_forward(F hook, ForwardHookOptions options = {});
    template <class F>
    RemovableHandle add_full_backward_pre(F hook, bool prepend = false) {
        return full_backward_pre.add(adapted<BackwardPreHook>(std::move(hook)), prepend);
    }
    /// `full`: else the deprecated kind (rule 99). `place` ends rule 100's error, which is thrown where both kinds were
    /// ever registered.
    template <class F>
    RemovableHandle add_backward(F hook, bool full, bool prepend, const char* place) {
        choose_kind(full, place);
        return backward.add(adapted<BackwardHook>(std::move(hook)), prepend);
    }

    bool empty() const {
        return forward_pre.empty() && forward.empty() && full_backward_pre.empty() && backward.empty();
    }
    std::size_t count() const {
        return forward_pre.size() + forward.size() + full_backward_pre.size() + backward.size();
    }

    HookList<ForwardPreHook> forward_pre;
    HookList<ForwardHook> forward;
    HookList<BackwardPreHook> full_backward_pre;
    HookList<BackwardHook> backward;       ///< of one kind: full, or the deprecated one
    std::optional<bool> backward_is_full;  ///< stays when the hooks are gone
    std::set<std::uint64_t> always_called; ///< ids of forward hooks

  private:
    void choose_kind(bool full, const char* place);

    template <class Signature, class F>
    static std::function<Signature> adapted(F hook);
    static HookResult result_of(Tensor tensor) {
        return tensor.defined() ? HookResult({std::move(tensor)}) : std::nullopt;
    }
    static HookResult result_of(HookResult result) { return result; }
    static std::optional<CallArguments> with_keywords(HookResult inputs, const NamedTensors& keywords) {
        if (!inputs) return std::nullopt;
        return CallArguments{std::move(*inputs), keywords};
    }
};

/// All hooks of one module. Nodes of a graph share it, so `module` is null when that is gone.
struct ModuleHooks : CallHooks {
    Module* module = nullptr;
    HookList<void(Module&, const std::string& prefix, bool keep_vars)> state_dict_pre;
    HookList<void(Module&, StateDict& state, const std::string& prefix, LocalMetadata& metadata)> state_dict_post;
    HookList<void(Module&, const LoadCall& call)> load_state_dict_pre;
    HookList<void(Module&, LoadResult& result)> load_state_dict_post;

    /// Throws Error when the module is gone.
    Module& alive() const;
};

/// Hooks that are called for every module that this thread runs, before the module's own.
CallHooks& global_module_hooks();

/// Called before something is registered with any module of this thread; what they return, unless it is undefined or
/// null, is registered in its place (rule 80).
struct RegistrationHooks {
    using TensorHook = Tensor(Module& module, const std::string& name, const Tensor& tensor);
    using ModuleHook = std::shared_ptr<Module>(Module& module, const std::string& name,
                                               const std::shared_ptr<Module>& child);
    HookList<TensorHook> parameter;
    HookList<TensorHook> buffer;
    HookList<ModuleHook> module;
};
RegistrationHooks& registration_hooks();

// PyTorch's names for the above.
template <class F>
RemovableHandle register_module_forward_pre_hook(F hook) {
    return global_module_hooks().add_forward_pre(std::move(hook));
}
template <class F>
RemovableHandle register_module_forward_hook(F hook, bool always_call = false) {
    return global_module_hooks().add_forward(std::move(hook), {.always_call = always_call});
}
template <class F>
RemovableHandle register_module_full_backward_pre_hook(F hook) {
    return global_module_hooks().add_full_backward_pre(std::move(hook));
}
template <class F>
RemovableHandle register_module_full_backward_hook(F hook) {
    return global_module_hooks().add_backward(std::move(hook), true, false, "as a global Module hook");
}
template <class F>
RemovableHandle register_module_backward_hook(F hook) {
    return global_module_hooks().add_backward(std::move(hook), false, false, "as a global Module hook");
}
inline RemovableHandle register_module_parameter_registration_hook(std::function<RegistrationHooks::TensorHook> hook) {
    return registration_hooks().parameter.add(std::move(hook));
}
inline RemovableHandle register_module_buffer_registration_hook(std::function<RegistrationHooks::TensorHook> hook) {
    return registration_hooks().buffer.add(std::move(hook));
}
inline RemovableHandle register_module_module_registration_hook(std::function<RegistrationHooks::ModuleHook> hook) {
    return registration_hooks().module.add(std::move(hook));
}

template <class Signature, class F>
std::function<Signature> CallHooks::adapted(F hook) {
    return [hook = std::move(hook)](Module& module, const auto&... arguments) mutable -> HookResult {
        if constexpr (std::is_void_v<decltype(hook(module, arguments...))>) {
            hook(module, arguments...);
            return std::nullopt;
        } else {
            return result_of(hook(module, arguments...));
        }
    };
}

template <class F>
RemovableHandle CallHooks::add_forward_pre(F hook, bool prepend) {
    if constexpr (std::is_invocable_v<F&, Module&, const Tensors&>) {
        auto plain = adapted<HookResult(Module&, const Tensors&)>(std::move(hook));
        return forward_pre.add(
            [plain = std::move(plain)](Module& module, const Tensors& inputs, const NamedTensors& keywords) {
                return with_keywords(plain(module, inputs), keywords);
            },
            prepend);
    } else {
        return forward_pre.add(
            [hook = std::move(hook)](Module& module, const Tensors& inputs,
                                     const NamedTensors& keywords) mutable -> std::optional<CallArguments> {
                if constexpr (std::is_void_v<decltype(hook(module, inputs, keywords))>) {
                    hook(module, inputs, keywords);
                    return std::nullopt;
                } else {
                    return hook(module, inputs, keywords);
                }
            },
            prepend);
    }
}

template <class F>
RemovableHandle CallHooks::add_forward(F hook, ForwardHookOptions options) {
    RemovableHandle handle;
    if constexpr (std::is_invocable_v<F&, Module&, const Tensors&, const Tensors&>) {
        auto plain = adapted<HookResult(Module&, const Tensors&, const Tensors&)>(std::move(hook));
        handle =
            forward.add([plain = std::move(plain)](Module& module, const Tensors& inputs, const NamedTensors&,
                                                   const Tensors& outputs) { return plain(module, inputs, outputs); },
                        options.prepend);
    } else {
        handle = forward.add(adapted<ForwardHook>(std::move(hook)), options.prepend);
    }
    if (options.always_call) always_called.insert(handle.id());
    return handle;
}

} // namespace hs::nn
