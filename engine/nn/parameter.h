#pragma once

#include "engine/tensor/tensor.h"

namespace hs::nn {

/// `torch.nn.Parameter`: a leaf on the elements of `data`, without its history. Throws Error for a dtype that is not
/// floating point and should require grad (rule 3).
Tensor parameter(const Tensor& data, bool requires_grad = true);

} // namespace hs::nn
