#pragma once

#include "engine/kernels/neural.h"
#include "engine/ops/op.h"

namespace hs::ops {

/// The arguments of a convolution of signals [n, c, l] (whose lists have one number), images [n, c, h, w] or volumes
/// [n, c, d, h, w].
struct Convolution {
    Dims stride, padding, dilation;
    bool transposed = false;
    Dims output_padding;
    std::int64_t groups = 1;

    /// Reads the arguments from position `first` on, as `convolution` names them, and repeats single numbers for
    /// `dimensions` dimensions.
    Convolution(const Arguments& arguments, std::size_t first, std::size_t dimensions);
    Convolution(const Saved& saved, std::size_t dimensions);
    /// One that is not transposed.
    Convolution(const Dims& stride_, const Dims& padding_, const Dims& dilation_, std::int64_t groups_)
        : stride(stride_), padding(padding_), dilation(dilation_), output_padding(stride_.size(), 0), groups(groups_) {}

    /// For kernels, which see signals as images of height 1, and of volumes the last two dimensions.
    ConvolutionGeometry geometry() const;
    /// Sizes of the result.
    Shape output_shape(const Shape& input, const Shape& weight) const;
};

/// Throws PyTorch's texts for what is no convolution.
void check_convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, const Convolution& convolution);

} // namespace hs::ops
