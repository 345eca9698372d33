#include "engine/nn/module.h"

#include "engine/nn/parameter.h"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <typeinfo>

namespace hs::nn {

namespace {

/// Indents every line but the first by two.
std::string indented(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 3))
        text.replace(at, 1, "\n  ");
    return text;
}

/// What the registration hooks make of `value`.
template <class Hooks, class Value>
void run_registration_hooks(const Hooks& hooks, Module& module, const std::string& name, Value& value) {
    const auto entries = hooks.snapshot();
    if (!entries) return;
    for (const auto& entry : *entries) {
        Value replaced = entry.function(module, name, value);
        if constexpr (std::is_same_v<Value, Tensor>) {
            if (replaced.defined()) value = std::move(replaced);
        } else {
            if (replaced) value = std::move(replaced);
        }
    }
}

/// A module inside itself would be walked for ever, and never freed.
void check_no_cycle(const Module& parent, const std::string& name, const std::shared_ptr<Module>& module) {
    if (!module) return;
    const std::vector<Module*> inside = module->modules();
    if (std::ranges::find(inside, &parent) != inside.end())
        throw Error("module '" + name + "' of " + parent.type_name() + " would contain itself");
}

} // namespace

RegistrationHooks& registration_hooks() {
    thread_local RegistrationHooks hooks;
    return hooks;
}

Module::Module(Module&& other) noexcept
    : children_(std::move(other.children_)), deleted_children_(std::move(other.deleted_children_)),
      tensors_(std::move(other.tensors_)), parameters_(std::move(other.parameters_)),
      buffers_(std::move(other.buffers_)), plain_(std::move(other.plain_)), hooks_(std::move(other.hooks_)),
      training_(other.training_) {
    if (hooks_) hooks_->module = this;
}

Module::~Module() {
    if (hooks_) hooks_->module = nullptr;
}

void Module::check_name(const char* kind, const std::string& name) const {
    const std::string prefix = std::string(kind) + " name can't ";
    if (name.find('.') != std::string::npos)
        throw KeyError(prefix + "contain \".\"" + (std::string(kind) == "module" ? ", got: " + name : ""));
    if (name.empty()) throw KeyError(prefix + "be empty string \"\"");
}

void Module::check_free(const std::string& name) const {
    if (has_attribute(name)) throw KeyError("attribute '" + name + "' already exists");
}

std::vector<Module::TensorSlot*>* Module::table(Kind kind) {
    if (kind == Kind::parameter) return &parameters_;
    return kind == Kind::buffer ? &buffers_ : nullptr;
}

Module::TensorSlot* Module::find_tensor(const std::string& name) const {
    const auto found = std::ranges::find_if(tensors_, [&](const auto& slot) { return slot->name == name; });
    return found == tensors_.end() || (*found)->kind == Kind::deleted ? nullptr : found->get();
}

Module::TensorSlot* Module::find_tensor(const std::string& name, Kind kind) const {
    TensorSlot* slot = find_tensor(name);
    return slot && slot->kind == kind ? slot : nullptr;
}

ModuleSlot* Module::find_module(const std::string& name) const {
    const auto found = std::ranges::find_if(children_, [&](const auto& slot) { return slot->name == name; });
    return found == children_.end() ? nullptr : found->get();
}

Module::TensorSlot& Module::put_tensor(Kind kind, const std::string& name, Tensor tensor, bool persistent) {
    auto found = std::ranges::find_if(tensors_, [&](const auto& slot) { return slot->name == name; });
    if (found == tensors_.end())
        found = tensors_.insert(found, std::make_unique<TensorSlot>(TensorSlot{
                                           .name = name, .tensor = {}, .kind = Kind::deleted, .persistent = true}));
    TensorSlot& slot = **found;
    if (slot.kind != kind) {
        if (auto* old = table(slot.kind)) std::erase(*old, &slot);
        if (auto* now = table(kind)) now->push_back(&slot);
    }
    slot.tensor = std::move(tensor);
    slot.kind = kind;
    slot.persistent = persistent;
    return slot;
}

ModuleSlot& Module::put_module(const std::string& name, const Attribute& module) {
    const auto* given = std::get_if<std::shared_ptr<Module>>(&module);
    if (!given && !is_none(module)) throw TypeError(hs::nn::type_name(module) + " is not a Module subclass");
    if (!find_module(name)) check_free(name);
    check_name("module", name);
    return replace_module(name, given ? *given : nullptr);
}

ModuleSlot& Module::replace_module(const std::string& name, std::shared_ptr<Module> module) {
    run_registration_hooks(registration_hooks().module, *this, name, module);
    check_no_cycle(*this, name, module);
    if (ModuleSlot* slot = find_module(name)) {
        if (slot->module != module) check_replaceable(*slot);
        slot->module = std::move(module);
        return *slot;
    }
    const auto deleted = std::ranges::find_if(deleted_children_, [&](const auto& slot) { return slot->name == name; });
    if (deleted == deleted_children_.end()) {
        children_.push_back(std::make_unique<ModuleSlot>(ModuleSlot{.name = name, .module = nullptr}));
    } else {
        children_.push_back(std::move(*deleted));
        deleted_children_.erase(deleted);
    }
    children_.back()->module = std::move(module);
    return *children_.back();
}

void Module::check_replaceable(const ModuleSlot& slot) const {
    if (slot.is_referred_to)
        throw Error("child module '" + slot.name + "' of " + type_name() +
                    " cannot be replaced or deleted: a C++ reference refers to it; let the member be an nn::Child");
}

void Module::set_modules(const NamedModules& modules) {
    for (const auto& [name, module] : modules)
        check_no_cycle(*this, name, module);
    for (const auto& slot : children_)
        if (std::ranges::find(modules, slot->module, &NamedModules::value_type::second) == modules.end())
            check_replaceable(*slot);
    std::vector<std::unique_ptr<ModuleSlot>> kept;
    for (const NamedModules::value_type& wanted : modules) {
        const auto same =
            std::ranges::find_if(children_, [&](const auto& slot) { return slot && slot->module == wanted.second; });
        if (same == children_.end()) {
            kept.push_back(std::make_unique<ModuleSlot>(ModuleSlot{.name = wanted.first, .module = wanted.second}));
        } else {
            kept.push_back(std::move(*same));
            kept.back()->name = wanted.first;
        }
    }
    for (auto& slot : children_)
        if (slot) retire(std::move(slot));
    children_ = std::move(kept);
}

void Module::retire(std::unique_ptr<ModuleSlot> slot) {
    if (!slot->has_child_member) return;
    slot->module = nullptr;
    deleted_children_.push_back(std::move(slot));
}

Tensor& Module::add_parameter(const std::string& name, const Tensor& data) {
    return register_parameter(name, data.defined() ? parameter(data) : data);
}

Tensor& Module::register_parameter(const std::string& name, const Attribute& value) {
    check_name("parameter", name);
    if (!find_tensor(name, Kind::parameter)) check_free(name);
    if (is_none(value)) return put_tensor(Kind::parameter, name, Tensor()).tensor;
    const auto* given = std::get_if<Tensor>(&value);
    if (!given || !given->is_parameter())
        throw TypeError("cannot assign '" + hs::nn::type_name(value) + "' object to parameter '" + name +
                        "' (torch.nn.Parameter or None required)");
    if (!given->is_leaf())
        throw ValueError("Cannot assign non-leaf Tensor to parameter '" + name +
                         "'. Model parameters must be created explicitly. To express '" + name +
                         "' as a function of another Tensor, compute the value in the forward() method.");
    Tensor tensor = *given;
    run_registration_hooks(registration_hooks().parameter, *this, name, tensor);
    return put_tensor(Kind::parameter, name, std::move(tensor)).tensor;
}

Tensor& Module::register_buffer(const std::string& name, const Attribute& value, bool persistent) {
    check_name("buffer", name);
    if (!find_tensor(name, Kind::buffer)) check_free(name);
    const auto* given = std::get_if<Tensor>(&value);
    if (!given && !is_none(value))
        throw TypeError("cannot assign '" + hs::nn::type_name(value) + "' object to buffer '" + name +
                        "' (torch Tensor or None required)");
    return replace_buffer(name, given ? *given : Tensor(), persistent).tensor;
}

Module::TensorSlot& Module::replace_buffer(const std::string& name, Tensor tensor, bool persistent) {
    run_registration_hooks(registration_hooks().buffer, *this, name, tensor);
    return put_tensor(Kind::buffer, name, std::move(tensor), persistent);
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
    for (const auto& slot : children_)
        text += "\n  (" + slot->name + "): " + indented(slot->module ? slot->module->to_string() : "None");
    return text + "\n)";
}

} // namespace hs::nn
