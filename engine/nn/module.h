#pragma once

#include "engine/nn/module_hooks.h"
#include "engine/tensor/generator.h"

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hs::nn {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// What load_state_dict() reports (rule 109).
struct LoadResult {
    std::vector<std::string> missing_keys;
    std::vector<std::string> unexpected_keys;
};
std::string to_string(const LoadResult& result);

/// `torch.nn.Module`: parameters, buffers and submodules by name, hooks around forward and backward.
///
///     struct LeNet : nn::Module {
///         nn::Conv2d& conv1 = add("conv1", nn::Conv2d(1, 6, {.kernel_size = 5, .padding = 2}));
///         nn::Linear& fc = add("fc", nn::Linear(1176, 10));
///         Tensor forward(const Tensor& x) override { return fc(flatten(max_pool2d(relu(conv1(x)), 2), 1)); }
///     };
///
/// A module owns its children, and its parameters and buffers stand in slots that do not move, so members are
/// references; leaving the `&` out does not compile. Modules can be moved, not copied.
class Module {
  public:
    Module() = default;
    Module(Module&&) noexcept = default;
    Module& operator=(Module&&) = delete; // members are references
    Module(const Module&) = delete;
    virtual ~Module() = default;

    // Running.
    /// Calls forward() with all hooks around it (rule 88).
    Tensor operator()(const Tensor& input);
    Tensors call(Tensors inputs);
    /// What the module computes. Override one of the two; the second serves several inputs or outputs.
    virtual Tensor forward(const Tensor& input);
    virtual Tensors forward_all(const Tensors& inputs);

    // Registration. Names: rules 73 to 76. Registering a name again replaces in place.
    template <std::derived_from<Module> M>
    M& add(const std::string& name, M&& module) requires(!std::is_lvalue_reference_v<M>) {
        auto owned = std::make_shared<M>(std::forward<M>(module));
        M& reference = *owned;
        register_module(name, std::move(owned));
        return reference;
    }
    Module& register_module(std::string name, std::shared_ptr<Module> module);
    /// A leaf that becomes a parameter and requires grad, or one that nn::parameter() made; undefined for one that is
    /// None.
    Tensor& register_parameter(std::string name, Tensor tensor);
    Tensor& register_buffer(std::string name, Tensor tensor, bool persistent = true);

    // Traversal (rule 81): depth first in order of registration, tensors that appear twice only under the first name.
    std::vector<Tensor> parameters(bool recurse = true) const;
    NamedTensors named_parameters(bool recurse = true) const;
    NamedTensors named_buffers(bool recurse = true) const;
    const std::vector<std::pair<std::string, std::shared_ptr<Module>>>& named_children() const { return children_; }
    /// Self first, under the empty name.
    std::vector<std::pair<std::string, Module*>> named_modules();
    Module& get_submodule(const std::string& path);
    Module& apply(const std::function<void(Module&)>& function); ///< children first (rule 82)

    // Modes and conversion.
    bool is_training() const { return training_; }
    virtual Module& train(bool mode = true);
    Module& eval() { return train(false); }
    Module& requires_grad_(bool requires_grad = true);
    void zero_grad(bool set_to_none = true);
    Module& to(Dtype dtype); ///< floating point members only (rule 84)
    std::int64_t parameter_count() const;

    // State (rules 101 to 110).
    NamedTensors state_dict() const;
    LoadResult load_state_dict(const NamedTensors& state, bool strict = true);

    // Hooks. Callables take the arguments of module_hooks.h and return nothing, or HookResult to replace.
    template <class F>
    RemovableHandle register_forward_pre_hook(F hook, bool prepend = false) {
        return hooks_->forward_pre.add(returning<ForwardPreHook>(std::move(hook)), prepend);
    }
    template <class F>
    RemovableHandle register_forward_hook(F hook, bool prepend = false) {
        return hooks_->forward.add(returning<ForwardHook>(std::move(hook)), prepend);
    }
    template <class F>
    RemovableHandle register_full_backward_pre_hook(F hook, bool prepend = false) {
        return hooks_->full_backward_pre.add(returning<BackwardPreHook>(std::move(hook)), prepend);
    }
    template <class F>
    RemovableHandle register_full_backward_hook(F hook, bool prepend = false) {
        return hooks_->full_backward.add(returning<BackwardHook>(std::move(hook)), prepend);
    }
    ModuleHooks& hooks() { return *hooks_; }
    const ModuleHooks& hooks() const { return *hooks_; }

    // Printing (rules 115 to 117).
    /// The class name as people know it: `Conv2d`.
    virtual std::string type_name() const;
    /// What stands between the brackets: `1, 6, kernel_size=(5, 5), stride=(1, 1)`.
    virtual std::string extra_repr() const { return {}; }
    virtual std::string to_string() const;

  protected:
    /// Throws TypeError where a forward_all() did not get `wanted` inputs.
    void check_count(const Tensors& inputs, std::size_t wanted) const;
    /// The one input of a forward_all() that takes no more.
    const Tensor& only(const Tensors& inputs) const;

  private:
    struct Slot {
        std::string name;
        Tensor tensor;
        bool persistent = true;
    };
    using Slots = std::vector<std::unique_ptr<Slot>>;

    /// Wraps a callable that returns nothing into one that returns "keep".
    template <class Signature, class F>
    static std::function<Signature> returning(F hook);

    void check_name(const char* kind, const std::string& name, bool taken) const;
    bool has_own(const std::string& name) const;
    static Tensor& put(Slots& slots, std::string name, Tensor tensor, bool persistent);
    static NamedTensors named(const Module& module, Slots Module::*slots, bool recurse);
    void collect_modules(const std::string& prefix, std::vector<std::pair<std::string, Module*>>& found);
    void collect_state(const std::string& prefix, NamedTensors& state) const;
    void load_own(const std::string& prefix, const NamedTensors& state, std::vector<std::string>& missing,
                  std::vector<std::string>& errors);
    Tensors call_hooked(Tensors inputs);

    std::vector<std::pair<std::string, std::shared_ptr<Module>>> children_;
    Slots parameters_;
    Slots buffers_;
    std::unique_ptr<ModuleHooks> hooks_ = std::make_unique<ModuleHooks>();
    bool training_ = true;
};

template <class Signature, class F>
std::function<Signature> Module::returning(F hook) {
    return [hook = std::move(hook)](Module& module, const auto&... arguments) mutable -> HookResult {
        if constexpr (std::is_void_v<decltype(hook(module, arguments...))>) {
            hook(module, arguments...);
            return std::nullopt;
        } else {
            return hook(module, arguments...);
        }
    };
}

} // namespace hs::nn
