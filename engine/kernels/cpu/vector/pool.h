#pragma once

#include <cstdint>

namespace hs {

/// A window sliding over images of [batch, height, width, channels] (nhwc). An nchw tensor is the same thing with
/// batch = n * c and channels = 1. The output's size is the caller's, so that PyTorch's `ceil_mode` is his affair:
/// windows may reach over the right and lower edge, but each must touch the image.
struct PoolShape {
    std::int64_t batch, height, width, channels;
    std::int64_t out_height, out_width;
    std::int64_t kernel_height, kernel_width;
    std::int64_t stride_height, stride_width;
    std::int64_t padding_height, padding_width;
    std::int64_t dilation_height, dilation_width; ///< 1 for average pooling
};

/// Pooling of the images [begin, end) of a batch; pointers are to the whole batch. Input and output must not overlap.
struct PoolKernels {
    /// index = row * width + column of the chosen element within its input plane (PyTorch's `return_indices`). The
    /// first maximum wins; a NaN wins over numbers, and the last NaN over others.
    void (*max)(const PoolShape& shape, std::int64_t begin, std::int64_t end, const float* x, float* y,
                std::int32_t* index);
    /// Overwrites dx with the sum of the grads of the windows that chose each element.
    void (*max_backward)(const PoolShape& shape, std::int64_t begin, std::int64_t end, const float* grad,
                         const std::int32_t* index, float* dx);
    /// Mean of the window. The divisor is `divisor` if that is not 0; else the window's size within the padded image
    /// (`count_include_pad`) or within the image.
    void (*average)(const PoolShape& shape, std::int64_t begin, std::int64_t end, const float* x, float* y,
                    bool count_include_pad, std::int64_t divisor);
    void (*average_backward)(const PoolShape& shape, std::int64_t begin, std::int64_t end, const float* grad, float* dx,
                             bool count_include_pad, std::int64_t divisor);
};

} // namespace hs
