#pragma once

#include "engine/kernels/functors.h"

/// Activation functions of one element with up to three parameters: their value at x, and their slope, by which the
/// gradient is multiplied. The same text serves the CPU and CUDA; adding one is a functor and a line in the list.
namespace hs::activations {

struct Parameters {
    double a = 0, b = 0, c = 0;
};

/// The slope of tanh and sigmoid is a function of the result.
struct Tanh : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return std::tanh(x);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T y) const {
        return T(1) - y * y;
    }
};
struct Sigmoid : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return T(1) / (T(1) + std::exp(-x));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T y) const {
        return y * (T(1) - y);
    }
};

/// a: slope below 0.
struct LeakyRelu : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x > T(0) ? x : x * T(a);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x > T(0) ? T(1) : T(a);
    }
};
/// x where it is above a, else b.
struct Threshold : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x <= T(a) ? T(b) : x;
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x <= T(a) ? T(0) : T(1);
    }
};
/// x kept between a and b.
struct Hardtanh : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        const T raised = x < T(a) ? T(a) : x;
        return raised > T(b) ? T(b) : raised;
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x <= T(a) || x >= T(b) ? T(0) : T(1);
    }
};
struct Hardsigmoid : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x <= T(-3) ? T(0) : x >= T(3) ? T(1) : x / T(6) + T(0.5);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x > T(-3) && x < T(3) ? T(1.0F / 6.0F) : T(0); // PyTorch's constant is a float32, too
    }
};
struct Hardswish : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x <= T(-3) ? T(0) : x >= T(3) ? x : x * (x + T(3)) / T(6);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x < T(-3) ? T(0) : x <= T(3) ? x / T(3) + T(0.5) : T(1);
    }
};
/// 0 within [-a, a].
struct Hardshrink : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x >= T(-a) && x <= T(a) ? T(0) : x;
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x >= T(-a) && x <= T(a) ? T(0) : T(1);
    }
};
struct Softshrink : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x > T(a) ? x - T(a) : x < T(-a) ? x + T(a) : x * T(0);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x >= T(-a) && x <= T(a) ? T(0) : T(1);
    }
};

/// a: alpha, b: scale, c: input scale.
struct Elu : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x <= T(0) ? std::expm1(x * T(c)) * T(a * b) : x * T(b);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x <= T(0) ? std::exp(x * T(c)) * T(a * b * c) : T(b);
    }
};
struct Silu : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x / (T(1) + std::exp(-x));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        const T s = T(1) / (T(1) + std::exp(-x));
        return s * (T(1) + x * (T(1) - s));
    }
};
/// a: beta, b: the x * beta above which it is x.
struct Softplus : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x * T(a) > T(b) ? x : std::log1p(std::exp(x * T(a))) / T(a);
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return x * T(a) > T(b) ? T(1) : T(1) / (T(1) + std::exp(-x * T(a)));
    }
};
struct LogSigmoid : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return (x < T(0) ? x : T(0)) - std::log1p(std::exp(-std::fabs(x)));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        return T(1) / (T(1) + std::exp(x));
    }
};
struct Mish : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x * std::tanh(std::log1p(std::exp(x)));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        const T t = std::tanh(std::log1p(std::exp(x)));
        return t + x * (T(1) - t * t) / (T(1) + std::exp(-x));
    }
};
struct Gelu : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return x * T(0.5) * (T(1) + std::erf(x * T(0.70710678118654752440)));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        const T density = T(0.39894228040143267794) * std::exp(T(-0.5) * x * x);
        return T(0.5) * (T(1) + std::erf(x * T(0.70710678118654752440))) + x * density;
    }
};
/// The approximation of gelu by tanh.
struct GeluTanh : Parameters {
    template <class T>
    HS_HOST_DEVICE T value(T x) const {
        return T(0.5) * x * (T(1) + std::tanh(inner(x)));
    }
    template <class T>
    HS_HOST_DEVICE T slope(T x) const {
        const T t = std::tanh(inner(x));
        const T inner_slope = T(0.79788456080286535588) * (T(1) + T(3 * 0.044715) * x * x);
        return T(0.5) * (T(1) + t) + T(0.5) * x * (T(1) - t * t) * inner_slope;
    }
    template <class T>
    HS_HOST_DEVICE static T inner(T x) {
        return T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
    }
};

} // namespace hs::activations

// clang-format off
#define HS_ACTIVATIONS(X) X(tanh, Tanh) X(sigmoid, Sigmoid) X(leaky_relu, LeakyRelu) X(threshold, Threshold) \
    X(hardtanh, Hardtanh) X(hardsigmoid, Hardsigmoid) X(hardswish, Hardswish) X(hardshrink, Hardshrink) \
    X(softshrink, Softshrink) X(elu, Elu) X(silu, Silu) X(softplus, Softplus) X(log_sigmoid, LogSigmoid) \
    X(mish, Mish) X(gelu, Gelu) X(gelu_tanh, GeluTanh)
// clang-format on
