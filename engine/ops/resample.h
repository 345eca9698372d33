#pragma once

#include "engine/kernels/neural.h"

namespace hs::ops {

/// Contiguous x with `size` elements along `dim`, made of its own by `taps`; and the transpose, the gradient of x with
/// `size` elements from that of the result. Without history.
Tensor resampled(const Tensor& x, std::size_t dim, const Taps& taps, std::int64_t size);
Tensor resampled_backward(const Tensor& grad, std::size_t dim, const Taps& taps, std::int64_t size);

} // namespace hs::ops
