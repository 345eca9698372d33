#pragma once

#include "engine/autograd/backward.h"

/// Jacobians, Hessians and their products with vectors, from backward passes: `torch.autograd.functional`.
namespace hs::autograd {

struct FunctionalOptions {
    bool create_graph = false; ///< results can be differentiated again
    bool strict = false;       ///< an output that does not depend on an input is an error, not zeros
};

/// What the function returned, and the product asked for.
struct Product {
    Tensors outputs;
    Tensors product;
};

/// [output][input], each of the output's shape followed by the input's.
std::vector<Tensors> jacobian(const TensorFunction& function, const Tensors& inputs,
                              const FunctionalOptions& options = {});
/// Of a function with one result of one element: [input][input].
std::vector<Tensors> hessian(const TensorFunction& function, const Tensors& inputs,
                             const FunctionalOptions& options = {});
/// v^T J: one tensor an input. `v` has the outputs' shapes; it may be left out for one result of one element.
Product vjp(const TensorFunction& function, const Tensors& inputs, const Tensors& v = {},
            const FunctionalOptions& options = {});
/// J v: one tensor an output. `v` has the inputs' shapes; it may be left out for one input of one element.
Product jvp(const TensorFunction& function, const Tensors& inputs, const Tensors& v = {},
            const FunctionalOptions& options = {});
/// v^T H and H v of a function with one result of one element; `v` as in jvp().
Product vhp(const TensorFunction& function, const Tensors& inputs, const Tensors& v = {},
            const FunctionalOptions& options = {});
Product hvp(const TensorFunction& function, const Tensors& inputs, const Tensors& v = {},
            const FunctionalOptions& options = {});

} // namespace hs::autograd
