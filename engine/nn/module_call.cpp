// What happens around forward(): rules 86 and 88 to 91.
#include "engine/graph/node.h"
#include "engine/nn/backward_hook.h"
#include "engine/nn/module.h"
#include "engine/tensor/warning.h"

namespace hs::nn {

namespace {

template <class Signature>
using Entries = std::shared_ptr<const typename HookList<Signature>::Entries>;

/// One call of a module that has hooks, or that global hooks see.
class HookedCall {
  public:
    HookedCall(const std::shared_ptr<ModuleHooks>& hooks, CallArguments arguments)
        : hooks_(hooks), module_(hooks->alive()), arguments_(std::move(arguments)) {}

    Tensors run() {
        std::shared_ptr<BackwardHookState> full;
        if (has_full(global_) || has_full(*hooks_)) full = std::make_shared<BackwardHookState>(hooks_, global_);
        const LegacyBackwardHooks legacy(hooks_, global_);
        for (const auto& entries : {global_.forward_pre.snapshot(), hooks_->forward_pre.snapshot()}) {
            if (!entries) continue;
            for (const auto& entry : *entries)
                if (auto replaced = entry.function(module_, arguments_.inputs, arguments_.keywords))
                    arguments_ = std::move(*replaced);
        }
        if (full) arguments_.inputs = BackwardHookState::wrap_inputs(full, std::move(arguments_.inputs));
        outputs_ = module_.forward_with_keywords(arguments_.inputs, arguments_.keywords);
        for (const auto& [entries, always] : forward_hooks()) {
            if (!entries) continue;
            for (const auto& entry : *entries) {
                if (always->contains(entry.id)) called_.insert(entry.id);
                run_forward_hook(entry.function);
            }
        }
        if (full) outputs_ = BackwardHookState::wrap_outputs(full, std::move(outputs_));
        legacy.attach(arguments_.inputs, outputs_);
        return std::move(outputs_);
    }

    bool has_always_called() const { return !global_.always_called.empty() || !hooks_->always_called.empty(); }

    /// After an error: the hooks that want to be called nevertheless and were not yet. Theirs become warnings.
    void run_always_called() {
        const char* whose = "global module";
        for (const auto& [entries, always] : forward_hooks()) {
            if (entries) {
                for (const auto& entry : *entries) {
                    if (!always->contains(entry.id) || called_.contains(entry.id)) continue;
                    try {
                        run_forward_hook(entry.function);
                    } catch (const std::exception& error) {
                        warn(std::string(whose) +
                             " forward hook with ``always_call=True`` raised an exception that "
                             "was silenced as another error was raised in forward: " +
                             error.what());
                    }
                }
            }
            whose = "module";
        }
    }

  private:
    using ForwardHooks = std::pair<Entries<ForwardHook>, const std::set<std::uint64_t>*>;

    static bool has_full(const CallHooks& hooks) {
        return !hooks.full_backward_pre.empty() || (hooks.backward_is_full == true && !hooks.backward.empty());
    }
    std::array<ForwardHooks, 2> forward_hooks() const {
        return {ForwardHooks{global_.forward.snapshot(), &global_.always_called},
                ForwardHooks{hooks_->forward.snapshot(), &hooks_->always_called}};
    }
    void run_forward_hook(const std::function<ForwardHook>& hook) {
        if (HookResult replaced = hook(module_, arguments_.inputs, arguments_.keywords, outputs_))
            outputs_ = std::move(*replaced);
    }

    const CallHooks& global_ = global_module_hooks();
    std::shared_ptr<ModuleHooks> hooks_;
    Module& module_;
    CallArguments arguments_;
    Tensors outputs_;
    std::set<std::uint64_t> called_;
};

} // namespace

CallHooks& global_module_hooks() {
    thread_local CallHooks hooks;
    return hooks;
}

void CallHooks::choose_kind(bool full, const char* place) {
    if (backward_is_full && *backward_is_full != full)
        throw Error(std::string("Cannot use both regular backward hooks and full backward hooks ") + place +
                    ". Please use only one of them.");
    backward_is_full = full;
}

Module& ModuleHooks::alive() const {
    if (!module) throw Error("You are trying to call the hook of a dead Module!");
    return *module;
}

const std::shared_ptr<ModuleHooks>& Module::shared_hooks() {
    if (!hooks_) {
        hooks_ = std::make_shared<ModuleHooks>();
        hooks_->module = this;
    }
    return hooks_;
}

const ModuleHooks& Module::hooks() const {
    static const ModuleHooks none;
    return hooks_ ? *hooks_ : none;
}

Tensor Module::operator()(const Tensor& input) {
    Tensors outputs = call({input});
    if (outputs.empty()) throw Error(type_name() + " returned no output");
    return std::move(outputs.front());
}

Tensors Module::call(Tensors inputs) {
    if ((!hooks_ || hooks_->empty()) && global_module_hooks().empty()) return forward_all(inputs);
    return call_hooked({std::move(inputs), {}});
}

Tensors Module::call(Tensors inputs, NamedTensors keywords) {
    if ((!hooks_ || hooks_->empty()) && global_module_hooks().empty()) return forward_with_keywords(inputs, keywords);
    return call_hooked({std::move(inputs), std::move(keywords)});
}

Tensors Module::call_hooked(CallArguments arguments) {
    HookedCall call(shared_hooks(), std::move(arguments));
    if (!call.has_always_called()) return call.run();
    try {
        return call.run();
    } catch (...) {
        call.run_always_called();
        throw;
    }
}

Tensor Module::forward(const Tensor&) {
    throw NotImplementedError("Module [" + type_name() + "] is missing the required \"forward\" function");
}

Tensors Module::forward_all(const Tensors& inputs) {
    return {forward(only(inputs))};
}

Tensors Module::forward_with_keywords(const Tensors& inputs, const NamedTensors& keywords) {
    if (!keywords.empty())
        throw TypeError(type_name() + ".forward() got an unexpected keyword argument '" + keywords.front().first + "'");
    return forward_all(inputs);
}

void Module::check_count(const Tensors& inputs, std::size_t wanted) const {
    if (inputs.size() != wanted)
        throw TypeError(type_name() + ".forward() takes " + std::to_string(wanted) + " positional argument" +
                        (wanted == 1 ? "" : "s") + " but " + std::to_string(inputs.size()) + " were given");
}

const Tensor& Module::only(const Tensors& inputs) const {
    check_count(inputs, 1);
    return inputs.front();
}

} // namespace hs::nn
