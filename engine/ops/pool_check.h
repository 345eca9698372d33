#pragma once

#include "engine/kernels/neural.h"
#include "engine/ops/op.h"

namespace hs::ops {

/// The arguments of a pooling operation as they were given.
struct PoolArguments {
    Dims kernel, stride, padding, dilation{1};
    bool ceil_mode = false;
};

/// One number for each of `rank` dimensions; a single one stands for all. `what` is named in the error:
/// `fractional_max_pool2d: kernel_size`.
Dims pool_sizes(const Dims& given, std::size_t rank, const std::string& what);

/// Checks images [n, c, h, w] or [c, h, w] and the arguments; throws PyTorch's texts.
PoolGeometry max_pool_geometry(const Tensor& x, const PoolArguments& given);
PoolGeometry average_pool_geometry(const Tensor& x, const PoolArguments& given);

/// The shape of the result for images of `input` [n, c, h, w].
Shape pooled_shape(const Shape& input, const PoolGeometry& geometry, bool ceil_mode);

} // namespace hs::ops
