#pragma once

#include "engine/tensor/tensor.h"

/// Windows that slide over dimensions of [n, c, sizes..., rest...]: what unfold, fold and convolution in 3-D share.
namespace hs::ops {

/// One number for each of the dimensions behind the second over which the windows slide.
struct SlidingWindows {
    Dims kernel, stride, padding, dilation;

    /// How many windows fit along each dimension; may be below 1.
    Dims counts(std::span<const std::int64_t> sizes) const;
};

/// The windows of x [n, c, sizes..., rest...]: [n, c, kernel..., counts..., rest...], zeros where they lie in the
/// padding. A view of x, or of a padded copy of it.
Tensor windows_of(const Tensor& x, const SlidingWindows& windows);

/// The transpose of windows_of: a tensor of `shape` with the elements of `values` added where they came from.
Tensor sum_of_windows(const Tensor& values, const Shape& shape, const SlidingWindows& windows);

} // namespace hs::ops
