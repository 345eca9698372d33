#pragma once

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/warning.h"
#include "tests/engine/throws.h"

/// Small tensors and what is asked of them, for the tests of the rules.
namespace hs::test {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

inline Tensor leaf(std::initializer_list<double> values, Dtype dtype = Dtype::float32) {
    return tensor(values, {.dtype = dtype, .requires_grad = true});
}

inline Numbers numbers(const Tensor& x) {
    return x.defined() ? x.to_vector<double>() : Numbers{};
}

/// The name of its grad_fn; `none` for a leaf.
inline std::string node_of(const Tensor& x) {
    return x.is_leaf() ? "none" : std::string(x.grad_fn()->name());
}

/// The names of the nodes that its grad_fn's edges lead to; `none` for an empty edge.
inline Texts next_of(const Node& node) {
    Texts names;
    for (std::size_t i = 0; i < node.edge_count(); ++i)
        names.push_back(node.edge(i).node ? std::string(node.edge(i).node->name()) : "none");
    return names;
}
inline Texts next_of(const Tensor& x) {
    return next_of(*x.grad_fn());
}

/// The warnings of this thread while it lives.
class Warnings {
  public:
    Warnings() : previous_(set_warning_handler([this](const std::string& text) { texts_.push_back(text); })) {}
    Warnings(const Warnings&) = delete;
    Warnings& operator=(const Warnings&) = delete;
    ~Warnings() { set_warning_handler(previous_); }

    const Texts& texts() const { return texts_; }

  private:
    Texts texts_;
    std::function<void(const std::string&)> previous_;
};

} // namespace hs::test
