#include "engine/kernels/cpu/vector/elementwise.h"

#include "engine/kernels/cpu/vector/builds.h"
#include "engine/kernels/cpu/vector/vector_math.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

template <class Function>
inline void map(const float* x, float* y, Index count, Function function) {
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i)
        y[i] = function(x[i]);
}

template <class Function>
inline void map(const float* a, const float* b, float* y, Index count, Function function) {
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i)
        y[i] = function(a[i], b[i]);
}

void fill(float value, float* y, Index count) {
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i)
        y[i] = value;
}

void copy(const float* x, float* y, Index count) {
    if (x != y && count > 0) __builtin_memcpy(y, x, static_cast<std::size_t>(count) * sizeof(float));
}

void axpy(float alpha, const float* x, float* y, Index count) {
    map(x, y, y, count, [alpha](float a, float b) { return b + alpha * a; });
}

void scale(float alpha, float* y, Index count) {
    map(y, y, count, [alpha](float a) { return a * alpha; });
}

void add(const float* a, const float* b, float alpha, float* y, Index count) {
    if (alpha == 1.0F) return map(a, b, y, count, [](float p, float q) { return p + q; });
    map(a, b, y, count, [alpha](float p, float q) { return p + alpha * q; });
}

void sub(const float* a, const float* b, float* y, Index count) {
    map(a, b, y, count, [](float p, float q) { return p - q; });
}

void mul(const float* a, const float* b, float* y, Index count) {
    map(a, b, y, count, [](float p, float q) { return p * q; });
}

void div(const float* a, const float* b, float* y, Index count) {
    map(a, b, y, count, [](float p, float q) { return p / q; });
}

void maximum(const float* a, const float* b, float* y, Index count) {
    map(a, b, y, count, [](float p, float q) { return p > q || p != p ? p : q; });
}

void minimum(const float* a, const float* b, float* y, Index count) {
    map(a, b, y, count, [](float p, float q) { return p < q || p != p ? p : q; });
}

void add_scalar(const float* a, float b, float* y, Index count) {
    map(a, y, count, [b](float p) { return p + b; });
}

void mul_scalar(const float* a, float b, float* y, Index count) {
    map(a, y, count, [b](float p) { return p * b; });
}

void div_scalar(const float* a, float b, float* y, Index count) {
    map(a, y, count, [b](float p) { return p / b; });
}

void sub_from_scalar(const float* a, float b, float* y, Index count) {
    map(a, y, count, [b](float p) { return b - p; });
}

void div_scalar_by(const float* a, float b, float* y, Index count) {
    map(a, y, count, [b](float p) { return b / p; });
}

void clamp(const float* x, float low, float high, float* y, Index count) {
    map(x, y, count, [low, high](float p) {
        p = p < low ? low : p;
        return p > high ? high : p;
    });
}

void neg(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return -p; });
}

void abs(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return magnitude(p); });
}

void sqrt(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return __builtin_sqrtf(p); });
}

void rsqrt(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return 1.0F / __builtin_sqrtf(p); });
}

void reciprocal(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return 1.0F / p; });
}

void square(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return p * p; });
}

void exp(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return exponential(p); });
}

void log(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return logarithm(p); });
}

void relu(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return p < 0.0F ? 0.0F : p; });
}

void tanh(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return hyperbolic_tangent(p); });
}

void sigmoid(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return logistic(p); });
}

void silu(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return p / (1.0F + exponential(-p)); });
}

void gelu(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return 0.5F * p * (1.0F + error_function(p * 0.70710678F)); });
}

/// What the approximation of gelu takes the tanh of.
inline float inside_gelu(float x) {
    return 0.79788456F * (x + 0.044715F * x * x * x);
}

void gelu_tanh(const float* x, float* y, Index count) {
    map(x, y, count, [](float p) { return 0.5F * p * (1.0F + hyperbolic_tangent(inside_gelu(p))); });
}

void threshold(const float* x, float limit, float value, float* y, Index count) {
    map(x, y, count, [limit, value](float p) { return p <= limit ? value : p; });
}

void threshold_backward(const float* grad, const float* x, float limit, float* dx, Index count) {
    map(grad, x, dx, count, [limit](float g, float p) { return p <= limit ? 0.0F : g; });
}

void relu_backward(const float* grad, const float* result, float* dx, Index count) {
    map(grad, result, dx, count, [](float g, float p) { return p <= 0.0F ? 0.0F : g; });
}

void tanh_backward(const float* grad, const float* result, float* dx, Index count) {
    map(grad, result, dx, count, [](float g, float p) { return g * (1.0F - p * p); });
}

void sigmoid_backward(const float* grad, const float* result, float* dx, Index count) {
    map(grad, result, dx, count, [](float g, float p) { return g * p * (1.0F - p); });
}

void silu_backward(const float* grad, const float* x, float* dx, Index count) {
    map(grad, x, dx, count, [](float g, float p) {
        const float s = logistic(p);
        return g * s * (1.0F + p * (1.0F - s));
    });
}

void gelu_backward(const float* grad, const float* x, float* dx, Index count) {
    map(grad, x, dx, count, [](float g, float p) {
        const float below = 0.5F * (1.0F + error_function(p * 0.70710678F));
        const float density = 0.39894228F * exponential(-0.5F * p * p);
        return g * (below + p * density);
    });
}

void gelu_tanh_backward(const float* grad, const float* x, float* dx, Index count) {
    map(grad, x, dx, count, [](float g, float p) {
        const float t = hyperbolic_tangent(inside_gelu(p));
        const float slope = 0.79788456F * (1.0F + 0.134145F * p * p);
        return g * 0.5F * ((1.0F + t) + p * (1.0F - t * t) * slope);
    });
}

} // namespace

constinit const ElementwiseKernels elementwise_kernels{
    .fill = fill,
    .copy = copy,
    .axpy = axpy,
    .scale = scale,
    .add = add,
    .sub = sub,
    .mul = mul,
    .div = div,
    .maximum = maximum,
    .minimum = minimum,
    .add_scalar = add_scalar,
    .mul_scalar = mul_scalar,
    .div_scalar = div_scalar,
    .sub_from_scalar = sub_from_scalar,
    .div_scalar_by = div_scalar_by,
    .clamp = clamp,
    .neg = neg,
    .abs = abs,
    .sqrt = sqrt,
    .rsqrt = rsqrt,
    .reciprocal = reciprocal,
    .square = square,
    .exp = exp,
    .log = log,
    .relu = relu,
    .tanh = tanh,
    .sigmoid = sigmoid,
    .silu = silu,
    .gelu = gelu,
    .gelu_tanh = gelu_tanh,
    .threshold = threshold,
    .threshold_backward = threshold_backward,
    .relu_backward = relu_backward,
    .tanh_backward = tanh_backward,
    .sigmoid_backward = sigmoid_backward,
    .silu_backward = silu_backward,
    .gelu_backward = gelu_backward,
    .gelu_tanh_backward = gelu_tanh_backward,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
