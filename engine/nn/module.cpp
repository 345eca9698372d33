#include "engine/nn/module.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/backward_hook.h"

#include <cstdlib>
#include <cxxabi.h>
#include <set>
#include <typeinfo>

namespace hs::nn {

namespace {

using Child = std::pair<std::string, std::shared_ptr<Module>>;

std::string joined(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "." + name;
}

/// Indents every line but the first by two.
std::string indented(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 3))
        text.replace(at, 1, "\n  ");
    return text;
}

} // namespace

ModuleHooks& global_module_hooks() {
    thread_local ModuleHooks hooks;
    return hooks;
}

Tensor Module::operator()(const Tensor& input) {
    Tensors outputs = call({input});
    if (outputs.empty()) throw Error(type_name() + " returned no output");
    return std::move(outputs.front());
}

Tensors Module::call(Tensors inputs) {
    if (hooks_->count() == 0 && global_module_hooks().count() == 0) return forward_all(inputs);
    return call_hooked(std::move(inputs));
}

Tensors Module::call_hooked(Tensors inputs) {
    const auto each = [](const auto& global, const auto& own, const auto& body) {
        for (const auto& entries : {global.snapshot(), own.snapshot()})
            if (entries)
                for (const auto& entry : *entries)
                    body(entry.function);
    };
    const ModuleHooks& global = global_module_hooks();
    each(global.forward_pre, hooks_->forward_pre, [&](const auto& hook) {
        if (HookResult replaced = hook(*this, inputs)) inputs = std::move(*replaced);
    });
    std::shared_ptr<BackwardHookState> backward;
    if (global.any_backward() || hooks_->any_backward()) {
        backward = std::make_shared<BackwardHookState>(*this, global, *hooks_);
        inputs = BackwardHookState::wrap_inputs(backward, std::move(inputs));
    }
    Tensors outputs = forward_all(inputs);
    each(global.forward, hooks_->forward, [&](const auto& hook) {
        if (HookResult replaced = hook(*this, inputs, outputs)) outputs = std::move(*replaced);
    });
    if (backward) outputs = BackwardHookState::wrap_outputs(backward, std::move(outputs));
    return outputs;
}

Tensor Module::forward(const Tensor&) {
    throw NotImplementedError("Module [" + type_name() + "] is missing the required \"forward\" function");
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

Tensors Module::forward_all(const Tensors& inputs) {
    return {forward(only(inputs))};
}

bool Module::has_own(const std::string& name) const {
    const auto holds = [&](const Slots& slots) {
        return std::ranges::any_of(slots, [&](const auto& slot) { return slot->name == name; });
    };
    return holds(parameters_) || holds(buffers_) ||
           std::ranges::any_of(children_, [&](const Child& child) { return child.first == name; });
}

void Module::check_name(const char* kind, const std::string& name, bool taken) const {
    const std::string prefix = std::string(kind) + " name can't ";
    if (name.find('.') != std::string::npos)
        throw KeyError(prefix + "contain \".\"" + (std::string(kind) == "module" ? ", got: " + name : ""));
    if (name.empty()) throw KeyError(prefix + "be empty string \"\"");
    if (taken) throw KeyError("attribute '" + name + "' already exists");
}

Module& Module::register_module(std::string name, std::shared_ptr<Module> module) {
    const auto same = std::ranges::find(children_, name, &Child::first);
    check_name("module", name, same == children_.end() && has_own(name));
    if (same == children_.end()) {
        children_.emplace_back(std::move(name), std::move(module));
        return *children_.back().second;
    }
    same->second = std::move(module);
    return *same->second;
}

Tensor& Module::put(Slots& slots, std::string name, Tensor tensor, bool persistent) {
    const auto same = std::ranges::find_if(slots, [&](const auto& slot) { return slot->name == name; });
    if (same != slots.end()) {
        **same = {std::move(name), std::move(tensor), persistent};
        return (*same)->tensor;
    }
    slots.push_back(std::make_unique<Slot>(Slot{std::move(name), std::move(tensor), persistent}));
    return slots.back()->tensor;
}

Tensor& Module::register_parameter(std::string name, Tensor tensor) {
    const bool known = std::ranges::any_of(parameters_, [&](const auto& slot) { return slot->name == name; });
    check_name("parameter", name, !known && has_own(name));
    if (tensor.defined()) {
        if (!tensor.is_leaf())
            throw ValueError("Cannot assign non-leaf Tensor to parameter '" + name +
                             "'. Model parameters must be created explicitly. To express '" + name +
                             "' as a function of another Tensor, compute the value in the forward() method.");
        if (!tensor.is_parameter()) { // a parameter may have been frozen, and of any dtype then
            if (!is_floating_point(tensor.dtype()))
                throw Error("Only Tensors of floating point and complex dtype can require gradients");
            tensor.set_requires_grad();
        }
        tensor.impl()->is_parameter = true;
    }
    return put(parameters_, std::move(name), std::move(tensor), true);
}

Tensor& Module::register_buffer(std::string name, Tensor tensor, bool persistent) {
    const bool known = std::ranges::any_of(buffers_, [&](const auto& slot) { return slot->name == name; });
    check_name("buffer", name, !known && has_own(name));
    return put(buffers_, std::move(name), std::move(tensor), persistent);
}

void Module::collect_modules(const std::string& prefix, std::vector<std::pair<std::string, Module*>>& found) {
    if (std::ranges::any_of(found, [&](const auto& entry) { return entry.second == this; })) return;
    found.emplace_back(prefix, this);
    for (const auto& [name, child] : children_)
        if (child) child->collect_modules(joined(prefix, name), found);
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
    std::vector<std::pair<std::string, Module*>> found;
    collect_modules("", found);
    return found;
}

NamedTensors Module::named(const Module& module, Slots Module::*slots, bool recurse) {
    NamedTensors result;
    std::set<const TensorImpl*> seen;
    std::vector<std::pair<std::string, Module*>> modules;
    if (recurse)
        modules = const_cast<Module&>(module).named_modules();
    else
        modules.emplace_back("", const_cast<Module*>(&module));
    for (const auto& [prefix, member] : modules)
        for (const auto& slot : member->*slots)
            if (slot->tensor.defined() && seen.insert(slot->tensor.impl()).second)
                result.emplace_back(joined(prefix, slot->name), slot->tensor);
    return result;
}

NamedTensors Module::named_parameters(bool recurse) const {
    return named(*this, &Module::parameters_, recurse);
}

NamedTensors Module::named_buffers(bool recurse) const {
    return named(*this, &Module::buffers_, recurse);
}

std::vector<Tensor> Module::parameters(bool recurse) const {
    std::vector<Tensor> result;
    for (auto& [name, tensor] : named_parameters(recurse))
        result.push_back(std::move(tensor));
    return result;
}

Module& Module::get_submodule(const std::string& path) {
    Module* at = this;
    std::size_t begin = 0;
    while (begin < path.size()) {
        const std::size_t dot = std::min(path.find('.', begin), path.size());
        const std::string name = path.substr(begin, dot - begin);
        const auto found = std::ranges::find(at->children_, name, &Child::first);
        if (found == at->children_.end() || !found->second) {
            if (at->has_own(name)) throw AttributeError("`" + name + "` is not an nn.Module");
            throw AttributeError(at->type_name() + " has no attribute `" + name + "`");
        }
        at = found->second.get();
        begin = dot + 1;
    }
    return *at;
}

Module& Module::apply(const std::function<void(Module&)>& function) {
    for (const auto& [name, child] : children_)
        if (child) child->apply(function);
    function(*this);
    return *this;
}

Module& Module::train(bool mode) {
    training_ = mode;
    for (const auto& [name, child] : children_)
        if (child) child->train(mode);
    return *this;
}

Module& Module::requires_grad_(bool requires_grad) {
    for (Tensor& parameter : parameters())
        parameter.set_requires_grad(requires_grad);
    return *this;
}

void Module::zero_grad(bool set_to_none) {
    for (const Tensor& parameter : parameters()) {
        Tensor& gradient = parameter.mutable_grad();
        if (!gradient.defined()) continue;
        if (set_to_none) {
            gradient = Tensor();
        } else {
            if (gradient.grad_fn()) gradient = gradient.detach();
            gradient.zero_();
        }
    }
}

Module& Module::to(Dtype dtype) {
    if (!is_floating_point(dtype))
        throw TypeError("nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch." +
                        std::string(name(dtype)));
    const NoGrad scope;
    for (const auto& [name, child] : children_)
        if (child) child->to(dtype);
    for (const auto& slot : parameters_) {
        if (!slot->tensor.defined() || slot->tensor.dtype() == dtype) continue;
        if (!is_floating_point(slot->tensor.dtype())) continue;
        slot->tensor.set_data(slot->tensor.to(dtype));
        Tensor& gradient = slot->tensor.mutable_grad();
        if (gradient.defined()) gradient = gradient.to(dtype);
    }
    for (const auto& slot : buffers_)
        if (slot->tensor.defined() && is_floating_point(slot->tensor.dtype())) slot->tensor = slot->tensor.to(dtype);
    return *this;
}

std::int64_t Module::parameter_count() const {
    std::int64_t count = 0;
    for (const Tensor& parameter : parameters())
        count += parameter.numel();
    return count;
}

std::string Module::type_name() const {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> demangled(
        abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), std::free);
    const std::string name = status == 0 ? demangled.get() : typeid(*this).name();
    const std::size_t colon = name.rfind("::");
    return colon == std::string::npos ? name : name.substr(colon + 2);
}

std::string Module::to_string() const {
    const std::string extra = extra_repr();
    if (children_.empty() && extra.find('\n') == std::string::npos) return type_name() + "(" + extra + ")";
    std::string text = type_name() + "(";
    if (!extra.empty()) text += "\n  " + indented(extra);
    for (const auto& [name, child] : children_)
        text += "\n  (" + name + "): " + indented(child ? child->to_string() : "None");
    return text + "\n)";
}

} // namespace hs::nn
