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

// Unary functions that keep the dtype, integers too.
struct Neg {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        return static_cast<T>(-x);
    }
};
struct Abs {
    template <class T>
    HS_HOST_DEVICE T operator()(T x) const {
        if constexpr (std::is_floating_point_v<T>)
            return std::fabs(x);
        else
            return static_cast<T>(x < T(0) ? -x : x);
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
        return static_cast<T>(x * x);
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

// Binary functions of two numbers of one dtype.
struct Add {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(a + b);
    }
};
struct Sub {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(a - b);
    }
};
struct Mul {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return static_cast<T>(a * b);
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
        return a != a ? a : (a > b ? a : b);
    }
};
struct Minimum {
    template <class T>
    HS_HOST_DEVICE T operator()(T a, T b) const {
        return a != a ? a : (a < b ? a : b);
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
            for (; exponent > 0; exponent = static_cast<T>(exponent / 2), base = static_cast<T>(base * base))
                if (exponent % 2) result = static_cast<T>(result * base);
            return result;
        }
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
    X(tanh, Tanh) X(sigmoid, Sigmoid)
#define HS_BINARY_ANY(X) X(add, Add) X(sub, Sub) X(mul, Mul) X(maximum, Maximum) X(minimum, Minimum) X(pow, Pow)
#define HS_BINARY_FLOATING(X) X(div, Div)
#define HS_COMPARE(X) X(eq, Eq) X(ne, Ne) X(lt, Lt) X(le, Le) X(gt, Gt) X(ge, Ge)
// clang-format on
