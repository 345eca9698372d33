#include "engine/nn/container.h"

#include "engine/nn/parameter.h"
#include "engine/tensor/printing.h"

#include <algorithm>

namespace hs::nn {

namespace {

std::size_t checked_position(std::int64_t index, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    if (index < -count || index >= count) throw IndexError("index " + std::to_string(index) + " is out of range");
    return static_cast<std::size_t>(index < 0 ? index + count : index);
}

/// Where one end of a slice is.
std::ptrdiff_t slice_end(std::int64_t index, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    return static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(index < 0 ? index + count : index, 0, count));
}

template <class Items>
Items sliced(const Items& items, std::int64_t begin, std::optional<std::int64_t> end) {
    const std::ptrdiff_t first = slice_end(begin, items.size());
    const std::ptrdiff_t last = end ? slice_end(*end, items.size()) : std::ssize(items);
    return first < last ? Items(items.begin() + first, items.begin() + last) : Items();
}

template <class Items>
std::vector<std::string> names_of(const Items& items) {
    std::vector<std::string> names;
    names.reserve(items.size());
    for (const auto& [name, item] : items)
        names.push_back(name);
    return names;
}

Tensor as_parameter(const Tensor& tensor) {
    if (!tensor.defined()) throw TypeError("None cannot be a parameter");
    return tensor.is_parameter() ? tensor : parameter(tensor);
}

/// One line a parameter, indented by two more than other lines, as PyTorch prints them.
template <class TypeText>
std::string parameter_lines(const NamedTensors& parameters, TypeText type) {
    std::string text;
    for (const auto& [name, tensor] : parameters) {
        std::string size;
        for (const std::int64_t n : tensor.shape())
            size += (size.empty() ? "" : "x") + std::to_string(n);
        text += (text.empty() ? "  (" : "\n  (") + name + "): Parameter containing: [" + type(tensor) + " of size " +
                size + "]";
    }
    return text;
}

} // namespace

std::size_t ModuleSequence::position(std::int64_t index) const {
    return checked_position(index, size());
}

const std::shared_ptr<Module>& ModuleSequence::at(std::int64_t index) const {
    return module_slots()[position(index)]->module;
}

Module& ModuleSequence::operator[](std::int64_t index) const {
    const std::shared_ptr<Module>& module = at(index);
    if (!module) throw TypeError("'NoneType' object is not callable");
    return *module;
}

void ModuleSequence::set(std::int64_t index, std::shared_ptr<Module> module) {
    set_attribute(module_slots()[position(index)]->name, std::move(module));
}

Module::NamedModules ModuleSequence::items(std::int64_t begin, std::optional<std::int64_t> end) const {
    NamedModules all;
    for (const auto& slot : module_slots())
        all.emplace_back(slot->name, slot->module);
    return sliced(all, begin, end);
}

void ModuleSequence::erase(std::int64_t index) {
    NamedModules left = items();
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(position(index)));
    for (std::size_t i = 0; i < left.size(); ++i)
        left[i].first = std::to_string(i);
    set_modules(left);
}

std::shared_ptr<Module> ModuleSequence::pop(std::int64_t index) {
    std::shared_ptr<Module> module = at(index);
    erase(index);
    return module;
}

Module& ModuleSequence::append(std::shared_ptr<Module> module) {
    if (!module) throw TypeError("NoneType is not a Module subclass");
    Module& reference = *module;
    add_module(std::to_string(size()), std::move(module));
    return reference;
}

void ModuleSequence::extend(const ModuleSequence& modules) {
    for (const auto& [name, module] : modules.items())
        add_module(std::to_string(size()), module);
}

void ModuleSequence::insert_at(std::size_t index, const std::shared_ptr<Module>& module) {
    NamedModules all = items();
    for (std::size_t i = index; i < all.size(); ++i) {
        if (all[i].first != std::to_string(i)) throw KeyError("'" + std::to_string(i) + "'"); // it has other names
        all[i].first = std::to_string(i + 1);
    }
    all.emplace(all.begin() + static_cast<std::ptrdiff_t>(index), std::to_string(index), module);
    set_modules(all);
}

Sequential::Sequential(const NamedModules& modules) {
    for (const auto& [name, module] : modules)
        add_module(name, module);
}

void Sequential::insert(std::int64_t index, const std::shared_ptr<Module>& module) {
    const auto count = static_cast<std::int64_t>(size());
    if (index < -count || index > count) throw IndexError("Index out of range: " + std::to_string(index));
    insert_at(static_cast<std::size_t>(index < 0 ? index + count : index), module);
}

Sequential Sequential::slice(std::int64_t begin, std::optional<std::int64_t> end) const {
    return Sequential(items(begin, end));
}

Tensors Sequential::forward_all(const Tensors& inputs) {
    Tensors values = inputs;
    for (std::size_t i = 0; i < module_slots().size(); ++i) {
        const std::shared_ptr<Module> module = module_slots()[i]->module; // a hook may replace or remove it
        if (!module) throw TypeError("'NoneType' object is not callable");
        values = module->call(std::move(values));
    }
    return values;
}

Sequential operator+(const Sequential& first, const Sequential& second) {
    Sequential result;
    result.extend(first);
    result.extend(second);
    return result;
}

ModuleList::ModuleList(const std::vector<std::shared_ptr<Module>>& modules) {
    for (const auto& module : modules)
        add_module(std::to_string(size()), module);
}

void ModuleList::insert(std::int64_t index, const std::shared_ptr<Module>& module) {
    if (index < 0) throw KeyError("'" + std::to_string(index) + "'");
    insert_at(std::min(static_cast<std::size_t>(index), size()), module);
}

ModuleList ModuleList::slice(std::int64_t begin, std::optional<std::int64_t> end) const {
    ModuleList result;
    for (const auto& [name, module] : items(begin, end))
        result.add_module(std::to_string(result.size()), module);
    return result;
}

std::string ModuleList::to_string() const {
    if (size() == 0) return type_name() + "()";
    std::vector<std::string> texts;
    for (const auto& slot : module_slots())
        texts.push_back(slot->module ? slot->module->to_string() : "None");
    std::string text = type_name() + "(";
    for (std::size_t first = 0; first < size();) {
        std::string line = texts[first];
        std::size_t last = first;
        while (last + 1 < size() && texts[last + 1] == line)
            ++last;
        for (std::size_t at = line.find('\n'); at != std::string::npos; at = line.find('\n', at + 3))
            line.replace(at, 1, "\n  ");
        text += last == first ? "\n  (" + std::to_string(first) + "): " + line
                              : "\n  (" + std::to_string(first) + "-" + std::to_string(last) +
                                    "): " + std::to_string(last - first + 1) + " x " + line;
        first = last + 1;
    }
    return text + "\n)";
}

Module::NamedModules ModuleDict::items() const {
    NamedModules all;
    for (const auto& slot : module_slots())
        all.emplace_back(slot->name, slot->module);
    return all;
}

bool ModuleDict::contains(const std::string& name) const {
    return std::ranges::any_of(module_slots(), [&](const auto& slot) { return slot->name == name; });
}

Module& ModuleDict::operator[](const std::string& name) const {
    const auto found = std::ranges::find_if(module_slots(), [&](const auto& slot) { return slot->name == name; });
    if (found == module_slots().end() || !(*found)->module) throw KeyError("'" + name + "'");
    return *(*found)->module;
}

std::shared_ptr<Module> ModuleDict::pop(const std::string& name) {
    if (!contains(name)) throw KeyError("'" + name + "'");
    auto module = std::get<std::shared_ptr<Module>>(attribute(name));
    delete_attribute(name);
    return module;
}

void ModuleDict::update(const NamedModules& modules) {
    for (const auto& [name, module] : modules)
        add_module(name, module);
}

std::vector<std::string> ModuleDict::keys() const {
    return names_of(items());
}

std::size_t ParameterList::position(std::int64_t index) const {
    return checked_position(index, size());
}

Tensor ParameterList::operator[](std::int64_t index) const {
    return items()[position(index)].second;
}

void ParameterList::set(std::int64_t index, const Tensor& tensor) {
    register_parameter(std::to_string(position(index)), as_parameter(tensor));
}

Tensor& ParameterList::append(const Tensor& tensor) {
    return register_parameter(std::to_string(size()), as_parameter(tensor));
}

void ParameterList::extend(const Tensors& tensors) {
    for (const Tensor& tensor : tensors)
        append(tensor);
}

ParameterList ParameterList::slice(std::int64_t begin, std::optional<std::int64_t> end) const {
    ParameterList result;
    for (const auto& [name, tensor] : sliced(items(), begin, end))
        result.append(tensor);
    return result;
}

Tensors ParameterList::forward_all(const Tensors&) {
    throw Error("ParameterList should not be called.");
}

std::string ParameterList::extra_repr() const {
    return parameter_lines(items(), [](const Tensor& tensor) { return "torch." + std::string(name(tensor.dtype())); });
}

Tensor& ParameterDict::insert(const std::string& name, const Tensor& tensor) {
    return register_parameter(name, as_parameter(tensor));
}

bool ParameterDict::contains(const std::string& name) const {
    return std::ranges::any_of(items(), [&](const auto& item) { return item.first == name; });
}

Tensor ParameterDict::operator[](const std::string& name) const {
    return std::get<Tensor>(attribute(name));
}

Tensor ParameterDict::setdefault(const std::string& name, const Tensor& tensor) {
    return contains(name) ? (*this)[name] : insert(name, tensor);
}

Tensor ParameterDict::pop(const std::string& name) {
    Tensor tensor = (*this)[name];
    delete_attribute(name);
    return tensor;
}

void ParameterDict::clear() {
    for (const std::string& name : keys())
        delete_attribute(name);
}

void ParameterDict::update(const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors)
        insert(name, tensor);
}

std::vector<std::string> ParameterDict::keys() const {
    return names_of(items());
}

Tensors ParameterDict::forward_all(const Tensors&) {
    throw Error("ParameterDict should not be called.");
}

std::string ParameterDict::extra_repr() const {
    return parameter_lines(items(), legacy_type_name);
}

} // namespace hs::nn
