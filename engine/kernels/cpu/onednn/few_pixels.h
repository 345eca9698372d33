#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

namespace hs {

/// Whether the gradient of the weights is a matrix product rather than oneDNN's: its loops run along a row of the
/// output, and images of a few pixels are too short for them (70 instead of 100 GFLOP/s). Not where `grad` has an
/// infinity or NaN, which the product would spread to weights that met only padding.
bool few_pixels_backward_weights(const ConvolutionShape& shape, const float* grad);

/// As convolution_backward_weights(), of channels-last arrays.
void run_few_pixels_backward_weights(const ConvolutionShape& shape, const float* x, const float* grad,
                                     float* grad_weights, float* grad_bias);

} // namespace hs
