#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#ifdef __CUDACC__
#define HS_HOST_DEVICE __host__ __device__
#else
#define HS_HOST_DEVICE
#endif

/// What elementwise kernels compute of one element; the same text serves the CPU and CUDA. Adding an elementwise
/// function is one line in one of the lists at the end, and one functor where the line is not enough.
namespace hs::functors {

/// What integers are computed in, so that they wrap instead of overflowing.
template <class T, bool wraps = std::is_integral_v<T>>
struct Wrapping {
    using type = T;
};
template <class T>
struct Wrapping<T, true> {
    using type = std::conditional_t<(sizeof(T) < 4), unsigned, std::make_unsigned_t<T>>;
};
template <class T>
using wrapping_t = typename Wrapping<T>::type;

template <class T>
HS_HOST_DEVICE bool is_nan(T x) {
    if constexpr (std::is_floating_point_v<T>)
        return std::isnan(x);
    else
        return false;
}

// Unary functions that keep the dtype, integers too.
struct Neg {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return static_cast<T>(-static_cast<wrapping_t<T>>(x));
    }
};
struct Abs {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        if constexpr (std::is_floating_point_v<T>)
            return std::fabs(x);
        else
            return x < T(0) ? static_cast<T>(-static_cast<wrapping_t<T>>(x)) : x;
    }
};
struct Sign {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return static_cast<T>((T(0) < x) - (x < T(0)));
    }
};
struct Square {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return static_cast<T>(static_cast<wrapping_t<T>>(x) * static_cast<wrapping_t<T>>(x));
    }
};
struct Relu {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return x < T(0) ? T(0) : x;
    }
};
struct LogicalNot {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return static_cast<T>(x == T(0));
    }
};

// Unary functions of floating point numbers.
struct Exp {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::exp(x);
    }
};
struct Log {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::log(x);
    }
};
struct Sqrt {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::sqrt(x);
    }
};
struct Rsqrt {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return T(1) / std::sqrt(x);
    }
};
struct Reciprocal {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return T(1) / x;
    }
};
struct Tanh {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::tanh(x);
    }
};
struct Sigmoid {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return T(1) / (T(1) + std::exp(-x));
    }
};
struct Sin {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::sin(x);
    }
};
struct Cos {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::cos(x);
    }
};
struct Tan {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::tan(x);
    }
};
struct Asin {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::asin(x);
    }
};
struct Acos {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::acos(x);
    }
};
struct Atan {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::atan(x);
    }
};
struct Sinh {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::sinh(x);
    }
};
struct Cosh {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::cosh(x);
    }
};
struct Log1p {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::log1p(x);
    }
};
struct Expm1 {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::expm1(x);
    }
};
struct Log2 {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::log2(x);
    }
};
struct Log10 {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::log10(x);
    }
};
struct Exp2 {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::exp2(x);
    }
};
struct Erf {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::erf(x);
    }
};
struct Erfc {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::erfc(x);
    }
};
struct Floor {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::floor(x);
    }
};
struct Ceil {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::ceil(x);
    }
};
struct Trunc {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::trunc(x);
    }
};
/// Half to even.
struct Round {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return std::nearbyint(x);
    }
};

// Binary functions of two numbers of one dtype.
struct Add {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(static_cast<wrapping_t<T>>(a) + static_cast<wrapping_t<T>>(b));
    }
};
struct Sub {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(static_cast<wrapping_t<T>>(a) - static_cast<wrapping_t<T>>(b));
    }
};
struct Mul {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(static_cast<wrapping_t<T>>(a) * static_cast<wrapping_t<T>>(b));
    }
};
struct Div {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return a / b;
    }
};
struct Maximum {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return is_nan(a) ? a : (a > b ? a : b);
    }
};
struct Minimum {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return is_nan(a) ? a : (a < b ? a : b);
    }
};

/// Integer powers wrap; a negative exponent of an integer is refused before.
struct Pow {
    template <class T>
    HS_HOST_DEVICE T operator()(T base, T exponent) const {
        if constexpr (std::is_floating_point_v<T>)
            return std::pow(base, exponent);
        else {
            T result = 1;
            for (; exponent > 0; exponent = static_cast<T>(exponent / 2), base = Mul{}(base, base))
                if (exponent % 2) result = Mul{}(result, base);
            return result;
        }
    }
};

/// The quotient of integers without a trap; a divisor of 0 is refused before.
template <class T>
HS_HOST_DEVICE T quotient(T a, T b) {
    if constexpr (std::is_signed_v<T>)
        if (b == T(-1)) return static_cast<T>(-static_cast<std::make_unsigned_t<T>>(a));
    return b == T(0) ? T(0) : static_cast<T>(a / b);
}

/// What is left of the division of integers, with the dividend's sign.
template <class T>
HS_HOST_DEVICE T rest_of(T a, T b) {
    if constexpr (std::is_signed_v<T>)
        if (b == T(-1)) return T(0);
    return b == T(0) ? T(0) : static_cast<T>(a % b);
}

/// The sign follows the divisor.
struct Remainder {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_floating_point_v<T>) {
            const T rest = std::fmod(a, b);
            return rest != T(0) && (b < T(0)) != (rest < T(0)) ? rest + b : rest;
        } else {
            const T rest = rest_of(a, b);
            return rest != T(0) && (b < T(0)) != (rest < T(0)) ? static_cast<T>(rest + b) : rest;
        }
    }
};
/// The sign follows the dividend.
struct Fmod {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_floating_point_v<T>)
            return std::fmod(a, b);
        else
            return rest_of(a, b);
    }
};
/// The quotient rounded down; of floating point numbers by way of the remainder, as Python does.
struct FloorDivide {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_floating_point_v<T>) {
            if (b == T(0)) return a / b;
            const T rest = std::fmod(a, b);
            T whole = (a - rest) / b;
            if (rest != T(0) && (b < T(0)) != (rest < T(0))) whole -= T(1);
            if (whole == T(0)) return std::copysign(T(0), a / b);
            const T floored = std::floor(whole);
            return whole - floored > T(0.5) ? floored + T(1) : floored;
        } else {
            const T whole = quotient(a, b);
            return rest_of(a, b) != T(0) && (a < T(0)) != (b < T(0)) ? static_cast<T>(whole - 1) : whole;
        }
    }
};
struct TruncDivide {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_floating_point_v<T>)
            return std::trunc(a / b);
        else
            return quotient(a, b);
    }
};
struct Atan2 {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return std::atan2(a, b);
    }
};
struct Hypot {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return std::hypot(a, b);
    }
};
struct Copysign {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return std::copysign(a, b);
    }
};
/// log(exp(a) + exp(b)) without overflow.
struct Logaddexp {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if (std::isinf(a) && a == b) return a;
        const T larger = a > b ? a : b;
        return larger + std::log1p(std::exp(-std::fabs(a - b)));
    }
};
/// a * log(b), and 0 where a is 0 and b is a number.
struct Xlogy {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if (is_nan(b)) return b;
        return a == T(0) ? T(0) : a * std::log(b);
    }
};

// Of integers and bools, bit by bit; other dtypes are refused before.
struct BitwiseAnd {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(a & b);
        else
            return a;
    }
};
struct BitwiseOr {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(a | b);
        else
            return a;
    }
};
struct BitwiseXor {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(a ^ b);
        else
            return a;
    }
};

// Comparisons.
struct Eq {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a == b;
    }
};
struct Ne {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a != b;
    }
};
struct Lt {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a < b;
    }
};
struct Le {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a <= b;
    }
};
struct Gt {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a > b;
    }
};
struct Ge {
    template <class T>
    HS_HOST_DEVICE bool operator()(T a, T b) const {
        return a >= b;
    }
};

} // namespace hs::functors

// clang-format off
#define HS_UNARY_ANY(X) X(neg, Neg) X(abs, Abs) X(sign, Sign) X(square, Square) X(relu, Relu)
#define HS_UNARY_FLOATING(X) X(exp, Exp) X(log, Log) X(sqrt, Sqrt) X(rsqrt, Rsqrt) X(reciprocal, Reciprocal) \
    X(tanh, Tanh) X(sigmoid, Sigmoid) X(sin, Sin) X(cos, Cos) X(tan, Tan) X(asin, Asin) X(acos, Acos) X(atan, Atan) \
    X(sinh, Sinh) X(cosh, Cosh) X(log1p, Log1p) X(expm1, Expm1) X(log2, Log2) X(log10, Log10) X(exp2, Exp2) \
    X(erf, Erf) X(erfc, Erfc) X(floor, Floor) X(ceil, Ceil) X(trunc, Trunc) X(round, Round)
#define HS_BINARY_ANY(X) X(add, Add) X(sub, Sub) X(mul, Mul) X(maximum, Maximum) X(minimum, Minimum) X(pow, Pow) \
    X(remainder, Remainder) X(fmod, Fmod) X(floor_divide, FloorDivide) X(trunc_divide, TruncDivide) \
    X(bitwise_and, BitwiseAnd) X(bitwise_or, BitwiseOr) X(bitwise_xor, BitwiseXor)
#define HS_BINARY_FLOATING(X) X(div, Div) X(atan2, Atan2) X(hypot, Hypot) X(copysign, Copysign) \
    X(logaddexp, Logaddexp) X(xlogy, Xlogy)
#define HS_COMPARE(X) X(eq, Eq) X(ne, Ne) X(lt, Lt) X(le, Le) X(gt, Gt) X(ge, Ge)
// clang-format on
