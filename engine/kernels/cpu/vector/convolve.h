#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

#include <cstdint>

namespace hs {

/// Direct convolutions for few channels, where oneDNN's channels-last kernels leave most lanes of a vector empty. All
/// images are channels-last, groups are 1. Each call does the images [begin, end) of a batch; pointers are to the
/// whole batch, and what a vector writes behind a pixel is written again within the same call.
///
/// `scratch` is memory of the call's own, of scratch_size floats.
struct ConvolveKernels {
    /// Lanes of the output channels, in which weights and bias are packed: a multiple of 8.
    std::int64_t (*packed_channels)(std::int64_t out_channels);
    /// Taps (in channel, row, column of the kernel) of the packed gradient of the weights, some of them without use.
    std::int64_t (*packed_taps)(const ConvolutionShape& shape);
    std::int64_t (*scratch_size)(const ConvolutionShape& shape);

    /// y = bias + convolution. `weights` is [tap][packed channels] and `bias` [packed channels], 0 in unused lanes.
    void (*forward)(const ConvolutionShape& shape, std::int64_t begin, std::int64_t end, const float* x,
                    const float* weights, const float* bias, float* y, float* scratch);

    /// Adds to `weights`, [packed taps][packed channels]; what it holds in unused taps and lanes has no meaning.
    void (*backward_weights)(const ConvolutionShape& shape, std::int64_t begin, std::int64_t end, const float* x,
                             const float* grad, float* weights, float* scratch);

    /// Whether backward_input can do this shape: kernel width * in channels at most 32, columns not dilated.
    bool (*has_backward_input)(const ConvolutionShape& shape);
    /// Overwrites grad_x. `weights` is [kernel row][out channel][32]: kernel column * in channels + in channel, then 0.
    void (*backward_input)(const ConvolutionShape& shape, std::int64_t begin, std::int64_t end, const float* grad,
                           const float* weights, float* grad_x, float* scratch);
};

} // namespace hs
