// The attributes of a module by name, as `getattr`, `setattr`, `delattr` and `dir` see them in Python.
#include "engine/nn/module.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace hs::nn {

namespace {

/// What every nn.Module of PyTorch has without being assigned: such a name cannot be registered.
constexpr auto methods = std::to_array<std::string_view>({
    "add_module",
    "apply",
    "bfloat16",
    "buffers",
    "children",
    "compile",
    "cpu",
    "cuda",
    "double",
    "eval",
    "extra_repr",
    "float",
    "forward",
    "get_buffer",
    "get_extra_state",
    "get_parameter",
    "get_submodule",
    "half",
    "load_state_dict",
    "modules",
    "named_buffers",
    "named_children",
    "named_modules",
    "named_parameters",
    "parameters",
    "register_backward_hook",
    "register_buffer",
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook",
    "register_load_state_dict_pre_hook",
    "register_module",
    "register_parameter",
    "register_state_dict_post_hook",
    "register_state_dict_pre_hook",
    "requires_grad_",
    "set_extra_state",
    "set_submodule",
    "share_memory",
    "state_dict",
    "to",
    "to_empty",
    "train",
    "training",
    "type",
    "zero_grad",
});

TypeError wrong_kind(const Attribute& value, const char* as, const std::string& name, const char* expected) {
    return TypeError("cannot assign '" + type_name(value) + "' as " + as + " '" + name + "' (" + expected +
                     " or None expected)");
}

AttributeError missing(const Module& module, const std::string& name) {
    return AttributeError("'" + module.type_name() + "' object has no attribute '" + name + "'");
}

} // namespace

bool Module::has_attribute(const std::string& name) const {
    return find_tensor(name) || find_module(name) || std::ranges::binary_search(methods, name) ||
           std::ranges::any_of(plain_, [&](const auto& entry) { return entry.first == name; });
}

Attribute Module::attribute(const std::string& name) const {
    if (name == "training") return training_;
    const auto plain = std::ranges::find(plain_, name, &std::pair<std::string, Attribute>::first);
    if (plain != plain_.end()) return plain->second;
    if (const TensorSlot* slot = find_tensor(name)) return slot->tensor;
    if (const ModuleSlot* slot = find_module(name)) return slot->module;
    throw missing(*this, name);
}

void Module::make_room(const std::string& name, bool for_module) {
    remove_plain(name);
    if (for_module)
        remove_tensor(name);
    else
        remove_module(name);
}

void Module::set_attribute(const std::string& name, const Attribute& value) {
    const auto* tensor = std::get_if<Tensor>(&value);
    const auto* module = std::get_if<std::shared_ptr<Module>>(&value);
    const auto* buffer = std::get_if<Buffer>(&value);
    const bool none = is_none(value);
    const TensorSlot* known = find_tensor(name);
    if (!none && tensor && tensor->is_parameter()) {
        make_room(name, false);
        if (known && known->kind != Kind::parameter) remove_tensor(name);
        register_parameter(name, value);
    } else if (known && known->kind == Kind::parameter) {
        if (!none) throw wrong_kind(value, "parameter", name, "torch.nn.Parameter");
        register_parameter(name, None());
    } else if (!none && module) {
        make_room(name, true);
        replace_module(name, *module);
    } else if (find_module(name)) {
        if (!none) throw wrong_kind(value, "child module", name, "torch.nn.Module");
        replace_module(name, nullptr);
    } else if (buffer) {
        register_buffer(name, buffer->tensor, buffer->persistent);
    } else if (known && known->kind == Kind::buffer) {
        if (!none && !tensor) throw wrong_kind(value, "buffer", name, "torch.nn.Buffer, torch.Tensor");
        replace_buffer(name, none ? Tensor() : *tensor, known->persistent);
    } else if (name == "training" && std::holds_alternative<bool>(value)) {
        training_ = std::get<bool>(value);
    } else if (tensor) {
        make_room(name, false);
        put_tensor(Kind::plain, name, *tensor);
    } else {
        make_room(name, true);
        plain_.emplace_back(name, value);
    }
}

bool Module::remove_tensor(const std::string& name) {
    TensorSlot* slot = find_tensor(name);
    if (!slot) return false;
    put_tensor(Kind::deleted, name, Tensor());
    return true;
}

bool Module::remove_module(const std::string& name) {
    const auto found = std::ranges::find_if(children_, [&](const auto& slot) { return slot->name == name; });
    if (found == children_.end()) return false;
    check_replaceable(**found);
    retire(std::move(*found));
    children_.erase(found);
    return true;
}

bool Module::remove_plain(const std::string& name) {
    return std::erase_if(plain_, [&](const auto& entry) { return entry.first == name; }) > 0;
}

void Module::delete_attribute(const std::string& name) {
    if (!remove_tensor(name) && !remove_module(name) && !remove_plain(name)) throw missing(*this, name);
}

std::vector<std::string> Module::attribute_names() const {
    std::vector<std::string> names(methods.begin(), methods.end());
    for (const auto& slot : tensors_)
        if (slot->kind != Kind::deleted) names.push_back(slot->name);
    for (const auto& slot : children_)
        names.push_back(slot->name);
    for (const auto& [name, value] : plain_)
        names.push_back(name);
    std::erase_if(names, [](const std::string& name) {
        return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0;
    });
    std::ranges::sort(names);
    return names;
}

} // namespace hs::nn
