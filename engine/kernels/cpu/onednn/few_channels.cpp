#include "engine/kernels/cpu/onednn/few_channels.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>

namespace hs {

namespace {

using Index = std::int64_t;

constexpr Index segment = 32;        // floats of a packed kernel row, see convolve.h
constexpr Index images_together = 4; // images whose gradients of the weights are one sum

Index taps_of(const ConvolutionShape& s) {
    return s.in_channels * s.kernel[0] * s.kernel[1];
}

Scratch scratch_for(const ConvolutionShape& s) {
    return Scratch(vector_kernels().convolve.scratch_size(s));
}

/// Images that are worth a thread: about 100,000 multiplications.
Index grain(const ConvolutionShape& s) {
    const auto out = output_size(s);
    return 1 + 100000 / (taps_of(s) * s.out_channels * out[0] * out[1]);
}

} // namespace

bool few_channels_forward(const ConvolutionShape& s) {
    return s.groups == 1 && s.in_channels <= 2;
}

bool few_channels_backward_input(const ConvolutionShape& s) {
    return s.in_channels < 16 && vector_kernels().convolve.has_backward_input(s);
}

void run_few_channels_forward(const ConvolutionShape& s, const float* x, const float* weights, const float* bias,
                              float* y) {
    const ConvolveKernels& kernels = vector_kernels().convolve;
    const Index packed = kernels.packed_channels(s.out_channels), taps = taps_of(s);
    Scratch lanes((taps + 1) * packed, 0);
    float* packed_bias = lanes.data() + taps * packed;
    for (Index o = 0; o < s.out_channels; ++o) {
        for (Index tap = 0; tap < taps; ++tap)
            lanes[tap * packed + o] = weights[o * taps + tap];
        if (bias) packed_bias[o] = bias[o];
    }
    parallel_for(s.batch, grain(s), [&](Index begin, Index end) {
        Scratch scratch = scratch_for(s);
        kernels.forward(s, begin, end, x, lanes.data(), packed_bias, y, scratch.data());
    });
}

void run_few_channels_backward_input(const ConvolutionShape& s, const float* grad, const float* weights,
                                     float* grad_x) {
    const Index area = s.kernel[0] * s.kernel[1];
    Scratch rows(s.kernel[0] * s.out_channels * segment, 0);
    for (Index o = 0; o < s.out_channels; ++o) {
        for (Index c = 0; c < s.in_channels; ++c) {
            for (Index tap = 0; tap < area; ++tap) {
                const Index row = tap / s.kernel[1] * s.out_channels + o, column = tap % s.kernel[1];
                rows[row * segment + column * s.in_channels + c] = weights[(o * s.in_channels + c) * area + tap];
            }
        }
    }
    parallel_for(s.batch, grain(s), [&](Index begin, Index end) {
        Scratch scratch = scratch_for(s);
        vector_kernels().convolve.backward_input(s, begin, end, grad, rows.data(), grad_x, scratch.data());
    });
}

void run_few_channels_backward_weights(const ConvolutionShape& s, const float* x, const float* grad,
                                       float* grad_weights, float* grad_bias) {
    const VectorKernels& kernels = vector_kernels();
    const Index packed = kernels.convolve.packed_channels(s.out_channels), taps = taps_of(s);
    const Index size = kernels.convolve.packed_taps(s) * packed;
    const auto out = output_size(s);
    const Index rows = out[0] * out[1];
    const Index pieces = (s.batch + images_together - 1) / images_together;
    Scratch sums(pieces * size, 0), biases(pieces * s.out_channels, 0);
    parallel_for(pieces, 1 + grain(s) / images_together, [&](Index first, Index last) {
        Scratch scratch = scratch_for(s);
        for (Index piece = first; piece < last; ++piece) {
            const Index begin = piece * images_together, end = std::min(begin + images_together, s.batch);
            kernels.convolve.backward_weights(s, begin, end, x, grad, &sums[piece * size], scratch.data());
            if (!grad_bias) continue;
            kernels.reduce.column_sums(grad + begin * rows * s.out_channels, (end - begin) * rows, s.out_channels,
                                       s.out_channels, &biases[piece * s.out_channels]);
        }
    });
    for (Index o = 0; o < s.out_channels; ++o) {
        for (Index tap = 0; tap < taps; ++tap) {
            double sum = 0;
            for (Index piece = 0; piece < pieces; ++piece) {
                sum += static_cast<double>(sums[piece * size + tap * packed + o]);
            }
            grad_weights[o * taps + tap] = static_cast<float>(sum);
        }
        if (!grad_bias) continue;
        double sum = 0;
        for (Index piece = 0; piece < pieces; ++piece) {
            sum += static_cast<double>(biases[piece * s.out_channels + o]);
        }
        grad_bias[o] = static_cast<float>(sum);
    }
}

} // namespace hs
