// Walks over a module's members: listings, modes and conversion (rules 79 and 81 to 87).
#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"
#include "engine/tensor/printing.h"

#include <algorithm>
#include <array>

namespace hs::nn {

namespace {

std::string joined(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "." + name;
}

template <class Named>
auto values_of(const Named& named) {
    std::vector<typename Named::value_type::second_type> values;
    values.reserve(named.size());
    for (const auto& [name, value] : named)
        values.push_back(value);
    return values;
}

Dtype floating_target(Dtype dtype) {
    if (!is_floating_point(dtype))
        throw TypeError("nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch." +
                        std::string(name(dtype)));
    return dtype;
}

Tensor floating_to(const Tensor& tensor, Dtype dtype) {
    return is_floating_point(tensor.dtype()) ? tensor.to(dtype) : tensor;
}

} // namespace

void Module::collect_modules(const ModuleListingOptions& options, std::set<const Module*>& seen,
                             std::vector<std::pair<std::string, Module*>>& found) const {
    if (options.remove_duplicate && !seen.insert(this).second) return;
    found.emplace_back(options.prefix, const_cast<Module*>(this)); // public callers are not const, or read only
    for (const auto& slot : children_)
        if (slot->module)
            slot->module->collect_modules({joined(options.prefix, slot->name), options.remove_duplicate}, seen, found);
}

std::vector<std::pair<std::string, Module*>> Module::named_modules(const ModuleListingOptions& options) {
    std::vector<std::pair<std::string, Module*>> found;
    std::set<const Module*> seen;
    collect_modules(options, seen, found);
    return found;
}

std::vector<Module*> Module::modules() {
    return values_of(named_modules());
}

std::vector<std::pair<std::string, Module*>> Module::named_children() const {
    std::vector<std::pair<std::string, Module*>> found;
    std::set<const Module*> seen;
    for (const auto& slot : children_)
        if (slot->module && seen.insert(slot->module.get()).second) found.emplace_back(slot->name, slot->module.get());
    return found;
}

std::vector<Module*> Module::children() const {
    return values_of(named_children());
}

NamedTensors Module::named(std::vector<TensorSlot*> Module::*tensors, const ListingOptions& options) const {
    NamedTensors result;
    std::set<const TensorImpl*> seen;
    const auto list = [&](const std::string& prefix, const Module& module) {
        for (const TensorSlot* slot : module.*tensors) {
            if (!slot->tensor.defined()) continue;
            if (options.remove_duplicate && !seen.insert(slot->tensor.impl()).second) continue;
            result.emplace_back(joined(prefix, slot->name), slot->tensor);
        }
    };
    if (!options.recurse) {
        list(options.prefix, *this);
        return result;
    }
    std::vector<std::pair<std::string, Module*>> modules;
    std::set<const Module*> seen_modules;
    collect_modules({options.prefix, options.remove_duplicate}, seen_modules, modules);
    for (const auto& [prefix, module] : modules)
        list(prefix, *module);
    return result;
}

NamedTensors Module::named_parameters(const ListingOptions& options) const {
    return named(&Module::parameters_, options);
}

NamedTensors Module::named_buffers(const ListingOptions& options) const {
    return named(&Module::buffers_, options);
}

std::vector<Tensor> Module::parameters(bool recurse) const {
    return values_of(named_parameters({.recurse = recurse}));
}

std::vector<Tensor> Module::buffers(bool recurse) const {
    return values_of(named_buffers({.recurse = recurse}));
}

Module& Module::get_submodule(const std::string& path) {
    Module* at = this;
    std::size_t begin = 0;
    while (!path.empty() && begin <= path.size()) {
        const std::size_t dot = std::min(path.find('.', begin), path.size());
        const std::string name = path.substr(begin, dot - begin);
        const ModuleSlot* slot = at->find_module(name);
        if (!slot || !slot->module) {
            if (at->has_attribute(name)) throw AttributeError("`" + name + "` is not an nn.Module");
            throw AttributeError(at->type_name() + " has no attribute `" + name + "`");
        }
        at = slot->module.get();
        begin = dot + 1;
    }
    return *at;
}

Module& Module::parent_of(const std::string& path, std::string& name) {
    const std::size_t dot = path.rfind('.');
    name = dot == std::string::npos ? path : path.substr(dot + 1);
    Module& parent = get_submodule(dot == std::string::npos ? "" : path.substr(0, dot));
    if (!parent.has_attribute(name)) throw AttributeError(parent.type_name() + " has no attribute `" + name + "`");
    return parent;
}

Tensor& Module::get_parameter(const std::string& path) {
    std::string name;
    TensorSlot* slot = parent_of(path, name).find_tensor(name);
    if (!slot || !slot->tensor.defined() || !slot->tensor.is_parameter())
        throw AttributeError("`" + name + "` is not an nn.Parameter");
    return slot->tensor;
}

Tensor& Module::get_buffer(const std::string& path) {
    std::string name;
    TensorSlot* slot = parent_of(path, name).find_tensor(name, Kind::buffer);
    if (!slot) throw AttributeError("`" + name + "` is not a buffer");
    return slot->tensor;
}

Module& Module::apply(const std::function<void(Module&)>& function) {
    for (Module* child : children())
        child->apply(function);
    function(*this);
    return *this;
}

Module& Module::train(bool mode) {
    training_ = mode;
    for (Module* child : children())
        child->train(mode);
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
            if (gradient.requires_grad()) gradient = gradient.detach();
            gradient.zero_();
        }
    }
}

Module& Module::apply_to_tensors(const std::function<Tensor(const Tensor&)>& function, bool recurse) {
    if (recurse)
        for (Module* child : children())
            child->apply_to_tensors(function);
    for (TensorSlot* slot : parameters_) {
        if (!slot->tensor.defined()) continue;
        const NoGrad scope;
        slot->tensor.set_data(function(slot->tensor));
        Tensor& gradient = slot->tensor.mutable_grad();
        if (gradient.defined()) gradient.set_data(function(gradient));
    }
    for (TensorSlot* slot : buffers_)
        if (slot->tensor.defined()) slot->tensor = function(slot->tensor);
    return *this;
}

Module& Module::to(Dtype dtype) {
    floating_target(dtype);
    return apply_to_tensors([dtype](const Tensor& tensor) { return floating_to(tensor, dtype); });
}

Module& Module::to(Device device) {
    return device.type == DeviceType::cuda ? cuda(device.index) : cpu();
}

Module& Module::to(Device device, Dtype dtype) {
    floating_target(dtype);
    return to(device).to(dtype);
}

Module& Module::to(const Tensor& other) {
    return to(other.device(), other.dtype());
}

Module& Module::cuda(int) {
    throw AssertionError("Torch not compiled with CUDA enabled");
}

Module& Module::cpu() {
    return *this; // where all tensors are
}

Module& Module::float_() {
    return to(Dtype::float32);
}

Module& Module::double_() {
    return to(Dtype::float64);
}

Module& Module::half() {
    return to(Dtype::float16);
}

Module& Module::bfloat16() {
    return to(Dtype::bfloat16);
}

Module& Module::type(Dtype dtype) {
    return apply_to_tensors([dtype](const Tensor& tensor) { return tensor.to(dtype); });
}

Module& Module::type(const std::string& type_name) {
    constexpr std::array dtypes{Dtype::float32, Dtype::float64, Dtype::float16, Dtype::bfloat16, Dtype::int64,
                                Dtype::int32,   Dtype::int16,   Dtype::int8,    Dtype::uint8,    Dtype::bool_};
    for (const Dtype dtype : dtypes)
        if (legacy_type_name(empty({0}, {.dtype = dtype})) == type_name) return type(dtype);
    throw ValueError("invalid type: '" + type_name + "'");
}

std::int64_t Module::parameter_count() const {
    std::int64_t count = 0;
    for (const Tensor& parameter : parameters())
        count += parameter.numel();
    return count;
}

} // namespace hs::nn
