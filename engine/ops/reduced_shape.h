#pragma once

#include "engine/tensor/tensor.h"

namespace hs::ops {

/// The shapes of a reduction over `dims` (all dimensions when empty).
struct ReducedShape {
    Shape shape;            ///< of the result
    Shape kept;             ///< the same with reduced dimensions kept as 1
    std::int64_t count = 1; ///< elements that fall into one result
};
ReducedShape reduced_shape(const Shape& shape, const Dims& dims, bool keepdim);

/// A tensor that was just made, with another shape: no view, so that it may be changed in place.
Tensor fresh_as(const Tensor& fresh, const Shape& shape);

/// Spreads the gradient of a reduction over the shape that was reduced.
Tensor expand_reduced(const Tensor& gradient, const Shape& shape, const Dims& dims, bool keepdim);

/// Gradient of an operation that picks elements along `dim` by their indices (max, median, sort).
Tensor value_selecting_gradient(const Tensor& grad, const Shape& shape, std::int64_t dim, const Tensor& indices,
                                bool keepdim);

} // namespace hs::ops
