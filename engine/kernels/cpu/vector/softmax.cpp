#include "engine/kernels/cpu/vector/softmax.h"

#include "engine/kernels/cpu/vector/builds.h"
#include "engine/kernels/cpu/vector/vector_math.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

constexpr Index block = 2048; // float sums of one block, double from block to block

inline float row_maximum(const float* x, Index cols) {
    float greatest_of = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : greatest_of)
    for (Index c = 0; c < cols; ++c)
        greatest_of = x[c] > greatest_of ? x[c] : greatest_of;
    return greatest_of;
}

/// Sum of term(c), which may also write its value somewhere.
template <class Term>
inline double row_sum(Index cols, Term term) {
    double total = 0;
    for (Index begin = 0; begin < cols; begin += block) {
        const Index end = least(begin + block, cols);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (Index c = begin; c < end; ++c)
            sum += term(c);
        total += static_cast<double>(sum);
    }
    return total;
}

void softmax(const float* x, float* y, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, y += cols) {
        const float top = row_maximum(x, cols);
        const double sum = row_sum(cols, [x, y, top](Index c) { return y[c] = exponential(x[c] - top); });
        const float factor = static_cast<float>(1.0 / sum);
        HOOKSCOPE_SIMD
        for (Index c = 0; c < cols; ++c)
            y[c] *= factor;
    }
}

void log_softmax(const float* x, float* y, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, y += cols) {
        const float top = row_maximum(x, cols);
        const double sum = row_sum(cols, [x, top](Index c) { return exponential(x[c] - top); });
        const float log_sum = static_cast<float>(__builtin_log(sum));
        HOOKSCOPE_SIMD
        for (Index c = 0; c < cols; ++c)
            y[c] = x[c] - top - log_sum;
    }
}

void softmax_backward(const float* grad, const float* result, float* dx, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, grad += cols, result += cols, dx += cols) {
        const float sum = static_cast<float>(row_sum(cols, [grad, result](Index c) { return grad[c] * result[c]; }));
        HOOKSCOPE_SIMD
        for (Index c = 0; c < cols; ++c)
            dx[c] = result[c] * (grad[c] - sum);
    }
}

void log_softmax_backward(const float* grad, const float* result, float* dx, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, grad += cols, result += cols, dx += cols) {
        const float sum = static_cast<float>(row_sum(cols, [grad](Index c) { return grad[c]; }));
        HOOKSCOPE_SIMD
        for (Index c = 0; c < cols; ++c)
            dx[c] = grad[c] - exponential(result[c]) * sum;
    }
}

} // namespace

constinit const SoftmaxKernels softmax_kernels{
    .softmax = softmax,
    .log_softmax = log_softmax,
    .softmax_backward = softmax_backward,
    .log_softmax_backward = log_softmax_backward,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
