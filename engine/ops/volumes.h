#pragma once

#include "engine/kernels/neural.h"
#include "engine/ops/op.h"

/// Pooling of volumes [n, c, d, h, w] by the kernels of images: first of each slice, then of what that gave along the
/// depth. Nothing is recorded.
namespace hs::ops {

/// {depth, height, width}
using Triple = std::array<std::int64_t, 3>;

Triple triple_of(const Dims& dims);

/// The slices of contiguous volumes as images [n * c, d, h, w].
Tensor slices_of(const Tensor& volumes);

/// [n * c, d, h, w] as images [n * c, 1, d, h * w], whose columns run along the depth.
Tensor columns_of(const Tensor& slices);

/// The pooled columns [n * c, 1, d, h * w] as volumes, in the rank of `volumes`.
Tensor as_volumes(const Tensor& columns, const Tensor& volumes, const Triple& size);

/// From what max pooling of slices and then of columns chose: the places in whole volumes [n * c, d * h * w], int64.
Tensor places_in_volumes(const Tensor& of_slices, const Tensor& of_columns, const Tensor& volumes);

/// The gradient of volumes of `shape` that max pooling read at `places`.
Tensor put_back(const Tensor& grad, const Tensor& places, const Shape& shape);

} // namespace hs::ops
