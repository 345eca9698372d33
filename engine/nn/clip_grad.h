#pragma once

#include "engine/tensor/tensor.h"

/// `torch.nn.utils`: bounds on gradients, in place. Parameters without a gradient are passed over.
namespace hs::nn {

/// Scales all gradients so that the norm of them together is at most max_norm; returns what it was. With
/// error_if_nonfinite, throws Error when it is NaN or infinite.
Tensor clip_grad_norm_(const Tensors& parameters, double max_norm, double norm_type = 2,
                       bool error_if_nonfinite = false);

/// Clamps each element to ±clip_value.
void clip_grad_value_(const Tensors& parameters, double clip_value);

} // namespace hs::nn
