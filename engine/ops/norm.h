#pragma once

#include "engine/tensor/tensor.h"

namespace hs::ops {

/// The gradient of x from that of `result`, its norm of some order over some dimensions (none: all); zero where the
/// norm is. Undefined for order 0, which is constant almost everywhere.
Tensor norm_gradient(const Tensor& grad, const Tensor& x, const Tensor& result, double order, const Dims& dims,
                     bool keepdim);

} // namespace hs::ops
