#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

namespace hs {

/// Convolutions with so few channels that the direct kernels (vector/convolve.h) win against oneDNN. Both layouts of
/// `shape` must be nhwc. The results do not depend on the number of threads.
bool few_channels_forward(const ConvolutionShape& shape); ///< and for backward_weights
bool few_channels_backward_input(const ConvolutionShape& shape);

void run_few_channels_forward(const ConvolutionShape& shape, const float* x, const float* weights, const float* bias,
                              float* y);
void run_few_channels_backward_input(const ConvolutionShape& shape, const float* grad, const float* weights,
                                     float* grad_x);
void run_few_channels_backward_weights(const ConvolutionShape& shape, const float* x, const float* grad,
                                       float* grad_weights, float* grad_bias);

} // namespace hs
