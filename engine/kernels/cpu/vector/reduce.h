#pragma once

#include <cstdint>

namespace hs {

/// Reductions over float32. Sums are blocked (float within a block of at most 512 terms a lane group, double across
/// blocks), so that their error does not grow with the length; the order of the additions depends on the count alone.
struct ReduceKernels {
    double (*sum)(const float* x, std::int64_t count);
    double (*sum_squares)(const float* x, std::int64_t count);
    double (*dot)(const float* a, const float* b, std::int64_t count);

    /// y[c] = sum over r of x[r * stride + c]: the gradient of a bias. `stride` >= cols.
    void (*column_sums)(const float* x, std::int64_t rows, std::int64_t cols, std::int64_t stride, float* y);
    /// y[r] = sum over c of x[r * cols + c].
    void (*row_sums)(const float* x, std::int64_t rows, std::int64_t cols, float* y);

    /// The greatest (least) element and the place of its first occurrence. A NaN wins, the first one. count >= 1.
    void (*maximum)(const float* x, std::int64_t count, float* value, std::int64_t* index);
    void (*minimum)(const float* x, std::int64_t count, float* value, std::int64_t* index);

    /// y[c * rows + r] = x[r * cols + c], out of place: nchw to nhwc is one call an image with rows = channels and
    /// cols = height * width, and back with the two exchanged.
    void (*transpose)(const float* x, std::int64_t rows, std::int64_t cols, float* y);
};

} // namespace hs
