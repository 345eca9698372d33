#pragma once

#include <cstdint>

namespace hs {

/// The parts of batch norm over x as [rows, channels]: nhwc has rows = n * h * w; a plane of nchw is the same with
/// rows = h * w and one channel. Sums are blocked as in ReduceKernels. `batch_norm.h` puts the parts together for a
/// whole tensor and several threads.
struct NormaliseKernels {
    /// mean[c] and the sum of the squared deviations from it, square_deviation[c]; both 0 for no rows.
    void (*moments)(const float* x, std::int64_t rows, std::int64_t channels, double* mean, double* square_deviation);

    /// y = x * scale[c] + shift[c]
    void (*scale_shift)(const float* x, const float* scale, const float* shift, std::int64_t rows,
                        std::int64_t channels, float* y);

    /// sum_grad[c] = sum of grad; sum_product[c] = sum of grad * (x - mean[c])
    void (*backward_sums)(const float* grad, const float* x, const float* mean, std::int64_t rows,
                          std::int64_t channels, double* sum_grad, double* sum_product);

    /// dx = a[c] * grad + b[c] * (x - mean[c]) + d[c]
    void (*backward_input)(const float* grad, const float* x, const float* mean, const float* a, const float* b,
                           const float* d, std::int64_t rows, std::int64_t channels, float* dx);
};

} // namespace hs
