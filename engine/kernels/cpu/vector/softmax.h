#pragma once

#include <cstdint>

namespace hs {

/// Softmax over the rows of a contiguous [rows, cols]; in place is allowed.
struct SoftmaxKernels {
    /// y = exp(x - max) / sum(exp(x - max)). A row with NaN, or of nothing but -Inf, becomes NaN.
    void (*softmax)(const float* x, float* y, std::int64_t rows, std::int64_t cols);
    /// y = x - max - log(sum(exp(x - max)))
    void (*log_softmax)(const float* x, float* y, std::int64_t rows, std::int64_t cols);
    /// dx = result * (grad - sum(grad * result)), `result` of softmax
    void (*softmax_backward)(const float* grad, const float* result, float* dx, std::int64_t rows, std::int64_t cols);
    /// dx = grad - exp(result) * sum(grad), `result` of log_softmax
    void (*log_softmax_backward)(const float* grad, const float* result, float* dx, std::int64_t rows,
                                 std::int64_t cols);
};

} // namespace hs
