#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

namespace hs {

/// Whether rows of the output are so short that much of a padded kernel lies outside of the image.
bool few_pixels_in_a_row(const ConvolutionShape& shape);

/// Whether the gradient of the weights is made of matrix products rather than oneDNN's: its loops run along a row of
/// the output, and images of a few pixels are too short for them (70 instead of 100 GFLOP/s). A product for each tap of
/// the kernel takes only the pixels at which the tap lies inside of the image.
bool few_pixels_backward_weights(const ConvolutionShape& shape);

/// As convolution_backward_weights(), of channels-last arrays.
void run_few_pixels_backward_weights(const ConvolutionShape& shape, const float* x, const float* grad,
                                     float* grad_weights, float* grad_bias);

} // namespace hs
