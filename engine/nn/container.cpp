#include "engine/nn/container.h"

namespace hs::nn {

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

} // namespace hs::nn
