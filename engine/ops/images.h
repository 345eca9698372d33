#pragma once

#include "engine/kernels/neural.h"
#include "engine/ops/op.h"

/// What the declarations of convolution and pooling share.
namespace hs::ops {

/// One or two integers as {height, width}.
inline Pair pair_of(const Dims& dims) {
    return {dims[0], dims.back()};
}

/// A 3-D image [c, h, w] as a batch of one; a 4-D one is itself. Without history.
Tensor as_batch(const Tensor& images);

/// A result of rank 4 in the rank of the input.
Tensor in_rank_of(const Tensor& input, const Tensor& result);

} // namespace hs::ops
