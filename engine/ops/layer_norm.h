#pragma once

#include "engine/tensor/tensor.h"

/// What layer norm and rms norm share.
namespace hs::ops {

/// Parameters and running statistics are of x's dtype, or float32 beside a half type; throws otherwise.
void check_parameter_dtypes(const Tensor& x, std::initializer_list<Tensor> parameters);

/// The last `count` of `rank` dimensions.
Dims last_dims(std::size_t rank, std::size_t count);

/// PyTorch's checks of the sizes that are normalised together, and of weight and bias, where defined.
void check_normalized_shape(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias = {});

} // namespace hs::ops
