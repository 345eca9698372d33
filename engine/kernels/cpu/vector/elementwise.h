#pragma once

#include <cstdint>

namespace hs {

using UnaryKernel = void (*)(const float* x, float* y, std::int64_t count);
using BinaryKernel = void (*)(const float* a, const float* b, float* y, std::int64_t count);
using ScalarKernel = void (*)(const float* a, float b, float* y, std::int64_t count);

/// Elementwise float32 kernels; an output may be the same memory as an input. NaN and infinities give what IEEE 754
/// and PyTorch give. Accuracy of the functions: exp, log, tanh, sigmoid 2 ulp; gelu 1e-6 of its input's magnitude.
struct ElementwiseKernels {
    void (*fill)(float value, float* y, std::int64_t count);
    UnaryKernel copy;
    void (*axpy)(float alpha, const float* x, float* y, std::int64_t count); ///< y += alpha * x
    void (*scale)(float alpha, float* y, std::int64_t count);                ///< y *= alpha

    void (*add)(const float* a, const float* b, float alpha, float* y, std::int64_t count); ///< y = a + alpha * b
    BinaryKernel sub, mul, div;
    BinaryKernel maximum, minimum; ///< NaN if either is NaN

    ScalarKernel add_scalar, mul_scalar, div_scalar;                                    ///< y = a + b, a * b, a / b
    ScalarKernel sub_from_scalar, div_scalar_by;                                        ///< y = b - a, b / a
    void (*clamp)(const float* x, float low, float high, float* y, std::int64_t count); ///< NaN stays NaN

    UnaryKernel neg, abs, sqrt, rsqrt, reciprocal, square, exp, log;
    UnaryKernel relu; ///< max(x, 0); NaN stays NaN
    UnaryKernel tanh, sigmoid;
    UnaryKernel silu;      ///< x * sigmoid(x)
    UnaryKernel gelu;      ///< x * (1 + erf(x / sqrt(2))) / 2
    UnaryKernel gelu_tanh; ///< its approximation x * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2

    /// x where x > threshold, else value.
    void (*threshold)(const float* x, float threshold, float value, float* y, std::int64_t count);
    /// grad where x > threshold, else 0. relu's backward is the one of threshold 0.
    void (*threshold_backward)(const float* grad, const float* x, float threshold, float* dx, std::int64_t count);

    // Backward forms. `result` is what the forward gave, `x` its input.
    BinaryKernel relu_backward;      ///< (grad, result): grad where result > 0, else 0
    BinaryKernel tanh_backward;      ///< (grad, result): grad * (1 - result^2)
    BinaryKernel sigmoid_backward;   ///< (grad, result): grad * result * (1 - result)
    BinaryKernel silu_backward;      ///< (grad, x)
    BinaryKernel gelu_backward;      ///< (grad, x)
    BinaryKernel gelu_tanh_backward; ///< (grad, x)
};

} // namespace hs
