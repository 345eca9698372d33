#include "engine/kernels/cpu/onednn/few_pixels.h"

#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>
#include <cmath>

namespace hs {

namespace {

using Index = std::int64_t;

/// The inputs that each output pixel sees, one row a pixel: [pixels, taps, channels], zeros outside the image.
void gather_windows(const ConvolutionShape& s, const float* x, float* windows) {
    const auto out = output_size(s);
    const Index channels = s.in_channels, row = s.kernel[0] * s.kernel[1] * channels;
    parallel_for(s.batch * out[0], 1 + 16'384 / (out[1] * row), [&](Index begin, Index end) {
        for (Index line = begin; line < end; ++line) {
            const float* image = x + line / out[0] * s.input[0] * s.input[1] * channels;
            const Index top = line % out[0] * s.stride[0] - s.padding[0];
            float* to = windows + line * out[1] * row;
            for (Index column = 0; column < out[1]; ++column) {
                for (Index tap = 0; tap < s.kernel[0] * s.kernel[1]; ++tap, to += channels) {
                    const Index v = top + tap / s.kernel[1] * s.dilation[0];
                    const Index u = column * s.stride[1] - s.padding[1] + tap % s.kernel[1] * s.dilation[1];
                    if (v < 0 || v >= s.input[0] || u < 0 || u >= s.input[1])
                        std::fill_n(to, channels, 0.0F);
                    else
                        std::copy_n(image + (v * s.input[1] + u) * channels, channels, to);
                }
            }
        }
    });
}

} // namespace

bool few_pixels_backward_weights(const ConvolutionShape& s, const float* grad) {
    constexpr Index short_row = 7, many_channels = 128, most_scratch = Index{1} << 24;
    const auto out = output_size(s);
    return s.groups == 1 && out[1] <= short_row && s.kernel[0] * s.kernel[1] > 1 && s.in_channels >= many_channels &&
           s.out_channels >= many_channels &&
           s.batch * out[0] * out[1] * s.kernel[0] * s.kernel[1] * s.in_channels <= most_scratch &&
           std::isfinite(vector_kernels().reduce.sum(grad, s.batch * out[0] * out[1] * s.out_channels));
}

void run_few_pixels_backward_weights(const ConvolutionShape& s, const float* x, const float* grad, float* grad_weights,
                                     float* grad_bias) {
    const auto out = output_size(s);
    const Index pixels = s.batch * out[0] * out[1], taps = s.kernel[0] * s.kernel[1], row = taps * s.in_channels;
    float* windows = thread_scratch((pixels + s.out_channels) * row);
    float* product = windows + pixels * row;
    gather_windows(s, x, windows);
    gemm(true, false, s.out_channels, row, pixels, 1.0F, grad, s.out_channels, windows, row, 0.0F, product, row);
    parallel_for(s.out_channels, 1 + 16'384 / row, [&](Index begin, Index end) {
        for (Index o = begin; o < end; ++o)
            vector_kernels().reduce.transpose(product + o * row, taps, s.in_channels, grad_weights + o * row);
    });
    if (grad_bias) vector_kernels().reduce.column_sums(grad, pixels, s.out_channels, s.out_channels, grad_bias);
}

} // namespace hs
