#pragma once

#include "engine/nn/container.h"
#include "engine/nn/parameter.h"
#include "engine/ops/functional.h"
#include "engine/tensor/warning.h"
#include "tests/engine/throws.h"

#include <string>
#include <vector>

namespace hs::test {

using Names = std::vector<std::string>;

inline Names names(const nn::NamedTensors& tensors) {
    Names result;
    for (const auto& [name, tensor] : tensors)
        result.push_back(name);
    return result;
}

inline Names names(const std::vector<std::pair<std::string, nn::Module*>>& modules) {
    Names result;
    for (const auto& [name, module] : modules)
        result.push_back(name);
    return result;
}

/// y = weight * x, with a buffer that is saved and one that is not.
struct Scale : nn::Module {
    explicit Scale(double value = 2) : weight(add_parameter("weight", full({1}, value))) {
        register_buffer("seen", zeros({1}));
        register_buffer("scratch", zeros({1}), false);
    }
    Tensor forward(const Tensor& x) override { return x * weight; }
    Tensor& weight;
};

/// y = 4 (3 (2 x)).
struct Net : nn::Module {
    nn::Child<Scale> first = add("first", Scale(2));
    nn::Child<nn::Sequential> rest = add("rest", nn::Sequential(Scale(3), Scale(4)));
    Tensor forward(const Tensor& x) override { return rest(first(x)); }
};

/// Collects what this thread warns of.
class Warnings {
  public:
    Warnings() : before_(set_warning_handler([this](const std::string& text) { texts.push_back(text); })) {}
    Warnings(const Warnings&) = delete;
    Warnings& operator=(const Warnings&) = delete;
    ~Warnings() { set_warning_handler(before_); }

    Names texts;

  private:
    std::function<void(const std::string&)> before_;
};

} // namespace hs::test
