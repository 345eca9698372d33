#pragma once

#include "engine/ops/op.h"

/// Tensors and calls on which the tests try operations: float64, the same in every run.
namespace hs::ops {

/// Uniform in [low, high), from a fixed seed and the shape.
Tensor uniform(const Shape& shape, double low = -2, double high = 2);
/// Integers 0 to bound-1.
Tensor indices(const Shape& shape, std::int64_t bound);

/// One tensor: some shapes, a scalar, an empty one.
std::vector<Sample> unary_samples();
/// The same, all elements in [0.3, 2.5).
std::vector<Sample> positive_samples();

} // namespace hs::ops
