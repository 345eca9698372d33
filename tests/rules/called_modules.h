#pragma once

#include "tests/rules/small_modules.h"

#include <string>

namespace hs::test {

inline Tensor leaf(double value) {
    return full({1}, value, {.requires_grad = true});
}

/// Elements as integers; None for an undefined tensor.
inline std::string text(const Tensors& tensors) {
    std::string result;
    for (const Tensor& tensor : tensors)
        result += (result.empty() ? "" : " ") + (tensor.defined() ? std::to_string(tensor.item<int>()) : "None");
    return result;
}

/// y = 3 a + 5 b, where b is a keyword argument, 0 unless given.
struct WithKeyword : nn::Module {
    Tensors forward_with_keywords(const Tensors& inputs, const nn::NamedTensors& keywords) override {
        Tensor sum = inputs.empty() ? zeros({1}) : inputs[0] * 3.0;
        for (const auto& [name, tensor] : keywords)
            sum = sum + tensor * 5.0;
        return {sum};
    }
};

/// (2 a, 3 b).
struct Two : nn::Module {
    Tensors forward_all(const Tensors& inputs) override {
        return {inputs[0] * 2.0, inputs[1].defined() ? inputs[1] * 3.0 : Tensor()};
    }
};

} // namespace hs::test
