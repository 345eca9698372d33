#include "engine/kernels/cpu/onednn/few_pixels.h"

#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>

namespace hs {

namespace {

using Index = std::int64_t;

/// The outputs [begin, end) along a dimension at which a tap of the kernel lies inside the image.
struct Range {
    Index begin, end;
    Index size() const { return end - begin; }
};

Range reached(const ConvolutionShape& s, std::size_t dim, Index tap, Index outputs) {
    const Index first = s.padding[dim] - tap * s.dilation[dim]; // the output whose input is the first, times the stride
    const auto up = [&](Index place) { return place <= 0 ? 0 : (place + s.stride[dim] - 1) / s.stride[dim]; };
    const Index begin = std::min(up(first), outputs);
    return {begin, std::clamp(up(first + s.input[dim]), begin, outputs)};
}

/// One tap of the kernel: the outputs at which it is inside, and what it reads there.
struct Tap {
    Range rows, columns;
    Index row_shift, column_shift; ///< input place - output place * stride

    Tap(const ConvolutionShape& s, Index index) {
        const auto out = output_size(s);
        const Index row = index / s.kernel[1], column = index % s.kernel[1];
        rows = reached(s, 0, row, out[0]);
        columns = reached(s, 1, column, out[1]);
        row_shift = row * s.dilation[0] - s.padding[0];
        column_shift = column * s.dilation[1] - s.padding[1];
    }
    Index pixels(const ConvolutionShape& s) const { return s.batch * rows.size() * columns.size(); }
};

/// The inputs and the gradients of the pixels of a tap, one row a pixel.
void gather(const ConvolutionShape& s, const Tap& tap, const float* x, const float* grad, float* inputs,
            float* gradients) {
    const auto out = output_size(s);
    const Index in_channels = s.in_channels, out_channels = s.out_channels, width = tap.columns.size();
    const Index line = width * (in_channels + out_channels);
    parallel_for(s.batch * tap.rows.size(), 1 + 16'384 / std::max<Index>(1, line), [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
            const Index image = i / tap.rows.size(), row = tap.rows.begin + i % tap.rows.size();
            const Index from = (image * s.input[0] + row * s.stride[0] + tap.row_shift) * s.input[1];
            for (Index column = 0; column < width; ++column) {
                const Index u = (tap.columns.begin + column) * s.stride[1] + tap.column_shift;
                std::copy_n(x + (from + u) * in_channels, in_channels, inputs + (i * width + column) * in_channels);
            }
            std::copy_n(grad + ((image * out[0] + row) * out[1] + tap.columns.begin) * out_channels,
                        width * out_channels, gradients + i * width * out_channels);
        }
    });
}

} // namespace

bool few_pixels_in_a_row(const ConvolutionShape& s) {
    constexpr Index short_row = 7;
    return s.groups == 1 && output_size(s)[1] <= short_row && s.kernel[0] * s.kernel[1] > 1;
}

bool few_pixels_backward_weights(const ConvolutionShape& s) {
    constexpr Index many_channels = 128, most_scratch = Index{1} << 24;
    const auto out = output_size(s);
    return few_pixels_in_a_row(s) && s.in_channels >= many_channels && s.out_channels >= many_channels &&
           s.batch * out[0] * out[1] * (s.in_channels + s.out_channels) <= most_scratch;
}

void run_few_pixels_backward_weights(const ConvolutionShape& s, const float* x, const float* grad, float* grad_weights,
                                     float* grad_bias) {
    const auto out = output_size(s);
    const Index pixels = s.batch * out[0] * out[1], taps = s.kernel[0] * s.kernel[1], row = taps * s.in_channels;
    float* inputs = thread_scratch(pixels * (s.in_channels + s.out_channels) + s.out_channels * row);
    float* gradients = inputs + pixels * s.in_channels;
    float* product = gradients + pixels * s.out_channels;
    for (Index i = 0; i < taps; ++i) {
        const Tap tap(s, i);
        gather(s, tap, x, grad, inputs, gradients);
        gemm(true, false, s.out_channels, s.in_channels, tap.pixels(s), 1.0F, gradients, s.out_channels, inputs,
             s.in_channels, 0.0F, product + i * s.in_channels, row);
    }
    parallel_for(s.out_channels, 1 + 16'384 / row, [&](Index begin, Index end) {
        for (Index o = begin; o < end; ++o)
            vector_kernels().reduce.transpose(product + o * row, taps, s.in_channels, grad_weights + o * row);
    });
    if (grad_bias) vector_kernels().reduce.column_sums(grad, pixels, s.out_channels, s.out_channels, grad_bias);
}

} // namespace hs
