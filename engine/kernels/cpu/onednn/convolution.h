#pragma once

#include "engine/kernels/cpu/image_layout.h"

#include <array>
#include <cstdint>

namespace hs {

/// A 2-D convolution (cross-correlation, as PyTorch's conv2d); a 1-D one has height 1. Pairs are {height, width}.
/// Weights are always plain [out_channels, in_channels / groups, kernel height, kernel width].
struct ConvolutionShape {
    std::int64_t batch = 0;
    std::int64_t in_channels = 0;
    std::int64_t out_channels = 0;
    std::int64_t groups = 1;
    std::array<std::int64_t, 2> input{};
    std::array<std::int64_t, 2> kernel{};
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> padding{};
    std::array<std::int64_t, 2> dilation{1, 1};
    ImageLayout source = ImageLayout::nhwc;      ///< of x and of its gradient
    ImageLayout destination = ImageLayout::nhwc; ///< of y and of its gradient

    bool operator==(const ConvolutionShape&) const = default;
};

/// {height, width} of the output: floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
std::array<std::int64_t, 2> output_size(const ConvolutionShape& shape);

/// Whether float32 convolutions of this thread may run as Winograd's F(4x4, 3x3) where that exists: 3x3 kernels with
/// stride 1 and channels in sixteens take half the time then. Off at the start of a thread, for the results are another
/// number's than PyTorch's: their errors are about eight times as large (1e-5 of the output's size at most), and an
/// infinity or NaN in the input reaches all outputs of its 4x4 tile.
void allow_winograd(bool allowed);
bool winograd_allowed();

/// y = conv(x, weights) + bias; `bias` may be null. float32 runs on oneDNN, whose primitives are kept per thread in a
/// bounded cache; float64 runs as a sum of matrix products. All throw Error for a shape that is no convolution
/// (a channel count that `groups` does not divide, an empty output, ...) with the shape in the text. A batch of 0 is
/// allowed. Nothing may overlap. On one thread the same input gives the same bits.
void convolution_forward(const ConvolutionShape& shape, const float* x, const float* weights, const float* bias,
                         float* y);
void convolution_forward(const ConvolutionShape& shape, const double* x, const double* weights, const double* bias,
                         double* y);

/// grad_x = gradient of x for the gradient `grad` of y.
void convolution_backward_input(const ConvolutionShape& shape, const float* grad, const float* weights, float* grad_x);
void convolution_backward_input(const ConvolutionShape& shape, const double* grad, const double* weights,
                                double* grad_x);

/// grad_weights and, unless it is null, grad_bias.
void convolution_backward_weights(const ConvolutionShape& shape, const float* x, const float* grad, float* grad_weights,
                                  float* grad_bias);
void convolution_backward_weights(const ConvolutionShape& shape, const double* x, const double* grad,
                                  double* grad_weights, double* grad_bias);

} // namespace hs
