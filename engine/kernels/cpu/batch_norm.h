#pragma once

#include "engine/kernels/cpu/image_layout.h"

#include <cstdint>

namespace hs {

/// Batch norm of float32 images on several threads; the results do not depend on how many. A BatchNorm1d over
/// [n, c] has `area` 1, one over [n, c, l] has area l.
struct BatchNormShape {
    ImageLayout layout = ImageLayout::nhwc; ///< of x, y and both gradients
    std::int64_t batch = 0;
    std::int64_t channels = 0;
    std::int64_t area = 1; ///< height * width
};

/// mean[c] and the biased variance[c] over batch and area.
void batch_norm_statistics(const BatchNormShape& shape, const float* x, float* mean, float* variance);

/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias; weight and bias may be null (1 and 0).
void batch_norm_forward(const BatchNormShape& shape, const float* x, const float* mean, const float* variance,
                        const float* weight, const float* bias, double epsilon, float* y);

/// Gradients of the above; each of grad_x, grad_weight, grad_bias may be null. `mean` and `variance` are those of the
/// forward pass. With `batch_statistics` they are functions of x (training); without, constants (evaluation).
void batch_norm_backward(const BatchNormShape& shape, const float* grad, const float* x, const float* mean,
                         const float* variance, const float* weight, double epsilon, bool batch_statistics,
                         float* grad_x, float* grad_weight, float* grad_bias);

} // namespace hs
