#pragma once

#include "engine/autograd/backward.h"

namespace hs::autograd {

struct GradcheckOptions {
    double eps = 1e-6;  ///< half the width of a central difference
    double atol = 1e-5; ///< a gradient may be off by atol + rtol * |numerical gradient|
    double rtol = 1e-3;
};

/// Compares the gradients of `function` at `inputs` with central differences: every element of every floating point
/// output against every element of every input that requires grad. Those inputs must be float64. Throws Error that
/// names each output and input whose Jacobian differs, with the worst element of both.
void gradcheck(const TensorFunction& function, const Tensors& inputs, const GradcheckOptions& options = {});

/// The same for the gradients' own gradients: gradcheck of what a backward pass with create_graph computes from the
/// inputs and from fixed cotangents.
void gradgradcheck(const TensorFunction& function, const Tensors& inputs, const GradcheckOptions& options = {});

} // namespace hs::autograd
