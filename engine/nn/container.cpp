#include "engine/nn/container.h"

#include "engine/tensor/printing.h"

#include <algorithm>

namespace hs::nn {

namespace {

template <class Pairs>
auto find(const Pairs& pairs, const std::string& name) {
    return std::ranges::find_if(pairs, [&](const auto& pair) { return pair.first == name; });
}

template <class Pairs>
std::vector<std::string> names_of(const Pairs& pairs) {
    std::vector<std::string> names;
    names.reserve(pairs.size());
    for (const auto& pair : pairs)
        names.push_back(pair.first);
    return names;
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

Module& Sequential::append(std::shared_ptr<Module> module) {
    return register_module(std::to_string(named_children().size()), std::move(module));
}

Tensors Sequential::forward_all(const Tensors& inputs) {
    Tensors values = inputs;
    for (const auto& [name, child] : named_children())
        values = child->call(std::move(values));
    return values;
}

Module& ModuleList::append(std::shared_ptr<Module> module) {
    return register_module(std::to_string(size()), std::move(module));
}

std::string ModuleList::to_string() const {
    if (size() == 0) return type_name() + "()";
    std::string text = type_name() + "(";
    for (std::size_t first = 0; first < size();) {
        std::string line = (*this)[first].to_string();
        std::size_t last = first;
        while (last + 1 < size() && (*this)[last + 1].to_string() == line)
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

Module& ModuleDict::insert(const std::string& name, std::shared_ptr<Module> module) {
    return register_module(name, std::move(module));
}

bool ModuleDict::contains(const std::string& name) const {
    return find(named_children(), name) != named_children().end();
}

Module& ModuleDict::operator[](const std::string& name) const {
    const auto found = find(named_children(), name);
    if (found == named_children().end()) throw KeyError("'" + name + "'");
    return *found->second;
}

std::vector<std::string> ModuleDict::keys() const {
    return names_of(named_children());
}

Tensor& ParameterList::append(Tensor parameter) {
    return register_parameter(std::to_string(size()), std::move(parameter));
}

std::string ParameterList::extra_repr() const {
    return parameter_lines(named_parameters(false),
                           [](const Tensor& tensor) { return "torch." + std::string(name(tensor.dtype())); });
}

bool ParameterDict::contains(const std::string& name) const {
    const NamedTensors all = named_parameters(false);
    return find(all, name) != all.end();
}

Tensor ParameterDict::operator[](const std::string& name) const {
    const NamedTensors all = named_parameters(false);
    const auto found = find(all, name);
    if (found == all.end()) throw KeyError("'" + name + "'");
    return found->second;
}

std::vector<std::string> ParameterDict::keys() const {
    return names_of(named_parameters(false));
}

std::string ParameterDict::extra_repr() const {
    return parameter_lines(named_parameters(false), legacy_type_name);
}

} // namespace hs::nn
