#pragma once

#include "engine/ops/convolution_check.h"

/// Convolutions of signals [n, c, l], images and volumes [n, c, d, h, w] by the kernels of images: a signal is an image
/// of height 1, and of a volume the depth of the kernel counts as channels. Nothing is recorded.
namespace hs::ops {

/// conv(x, weight) + bias, of shape `output`; bias may be undefined.
Tensor run_convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, const Convolution& convolution,
                       const Shape& output);
/// The gradient of x, of shape `input`.
Tensor run_backward_input(const Tensor& grad, const Tensor& weight, const Convolution& convolution, const Shape& input);
/// The gradients of the weight and of the bias; the second is undefined unless `bias`.
Tensors run_backward_weight(const Tensor& x, const Tensor& grad, const Convolution& convolution, const Shape& weight,
                            bool bias);

} // namespace hs::ops
