#include "engine/kernels/cpu/vector/normalise.h"

#include "engine/kernels/cpu/vector/builds.h"
#include "engine/kernels/cpu/vector/columns.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

/// The moments of at most strip_width columns. One pass: the sums are of x - shift, where shift is the mean of the
/// first rows, so that a mean far from zero costs no digits of the deviations.
void strip_moments(const float* x, Index rows, Index cols, Index stride, double* mean, double* square_deviation) {
    double sums[strip_width];
    double squares[strip_width];
    float shift[strip_width];
    const Index first_rows = least(rows, 64);
    accumulate_columns(
        x, x, x, first_rows, cols, stride, [](float value, float, float, float& sum, float&) { sum += value; }, sums,
        nullptr);
    for (Index c = 0; c < cols; ++c)
        shift[c] = static_cast<float>(sums[c] / static_cast<double>(first_rows));
    accumulate_columns(
        x, x, shift, rows, cols, stride,
        [](float value, float, float centre, float& sum, float& square) {
            const float deviation = value - centre;
            sum += deviation;
            square += deviation * deviation;
        },
        sums, squares);
    for (Index c = 0; c < cols; ++c) {
        const double offset = sums[c] / static_cast<double>(rows);
        const double squared = squares[c] - sums[c] * offset;
        mean[c] = static_cast<double>(shift[c]) + offset;
        square_deviation[c] = squared < 0 ? 0 : squared;
    }
}

void moments(const float* x, Index rows, Index channels, double* mean, double* square_deviation) {
    if (rows == 0) {
        for (Index c = 0; c < channels; ++c)
            mean[c] = square_deviation[c] = 0;
        return;
    }
    for (Index begin = 0; begin < channels; begin += strip_width) {
        strip_moments(x + begin, rows, least(strip_width, channels - begin), channels, mean + begin,
                      square_deviation + begin);
    }
}

void scale_shift_rows(const float* x, const float* scale, const float* shift, Index rows, Index width, float* y) {
    for (Index r = 0; r < rows; ++r, x += width, y += width) {
        HOOKSCOPE_SIMD
        for (Index c = 0; c < width; ++c)
            y[c] = x[c] * scale[c] + shift[c];
    }
}

void scale_shift(const float* x, const float* scale, const float* shift, Index rows, Index channels, float* y) {
    const Index together = rows_together(rows, channels, channels);
    Index done = 0;
    if (together > 1) {
        const Repeated scales(scale, channels, together);
        const Repeated shifts(shift, channels, together);
        scale_shift_rows(x, scales.values, shifts.values, rows / together, together * channels, y);
        done = rows / together * together;
    }
    scale_shift_rows(x + done * channels, scale, shift, rows - done, channels, y + done * channels);
}

void backward_sums(const float* grad, const float* x, const float* mean, Index rows, Index channels, double* sum_grad,
                   double* sum_product) {
    accumulate_columns(
        grad, x, mean, rows, channels, channels,
        [](float g, float value, float centre, float& sum, float& product) {
            sum += g;
            product += g * (value - centre);
        },
        sum_grad, sum_product);
}

void backward_input_rows(const float* grad, const float* x, const float* mean, const float* a, const float* b,
                         const float* d, Index rows, Index width, float* dx) {
    for (Index r = 0; r < rows; ++r, grad += width, x += width, dx += width) {
        HOOKSCOPE_SIMD
        for (Index c = 0; c < width; ++c)
            dx[c] = a[c] * grad[c] + (b[c] * (x[c] - mean[c]) + d[c]);
    }
}

void backward_input(const float* grad, const float* x, const float* mean, const float* a, const float* b,
                    const float* d, Index rows, Index channels, float* dx) {
    const Index together = rows_together(rows, channels, channels);
    Index done = 0;
    if (together > 1) {
        const Repeated means(mean, channels, together);
        const Repeated as(a, channels, together);
        const Repeated bs(b, channels, together);
        const Repeated ds(d, channels, together);
        backward_input_rows(grad, x, means.values, as.values, bs.values, ds.values, rows / together,
                            together * channels, dx);
        done = rows / together * together;
    }
    const Index at = done * channels;
    backward_input_rows(grad + at, x + at, mean, a, b, d, rows - done, channels, dx + at);
}

} // namespace

constinit const NormaliseKernels normalise_kernels{
    .moments = moments,
    .scale_shift = scale_shift,
    .backward_sums = backward_sums,
    .backward_input = backward_input,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
