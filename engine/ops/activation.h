#pragma once

#include "engine/kernels/neural.h"
#include "engine/ops/op.h"

/// What the declarations of activations share.
namespace hs::ops {

Tensor activate(Activation function, const Tensor& x, const activations::Parameters& parameters = {});

/// grad times the function's slope at x (of tanh and sigmoid: at the result), computed at once, without history.
Tensor activate_backward(Activation function, const Tensor& grad, const Tensor& x,
                         const activations::Parameters& parameters = {});

/// The slopes at x themselves.
Tensor slopes(Activation function, const Tensor& x, const activations::Parameters& parameters = {});

/// The gradient of a function that is linear piece by piece: where a graph is recorded its slopes count as constants.
Tensor piecewise_gradient(Activation function, const Tensor& grad, const Tensor& x,
                          const activations::Parameters& parameters = {});

} // namespace hs::ops
