#pragma once

#include "engine/tensor/dtype.h"
#include "engine/tensor/error.h"
#include "engine/tensor/half.h"

#include <string>
#include <type_traits>
#include <utility>

namespace hs {

/// Calls `body(T{})` with the C++ type of the dtype; bool is std::uint8_t holding 0 or 1. Only for the dtypes that
/// kernels are compiled for: the others reach a kernel as one of these (engine/kernels/cpu/widened.h). Throws
/// NotImplementedError for them.
template <class Body>
decltype(auto) visit_dtype(Dtype dtype, Body&& body) {
    switch (dtype) {
    case Dtype::float32:
        return body(float{});
    case Dtype::float64:
        return body(double{});
    case Dtype::int64:
        return body(std::int64_t{});
    case Dtype::int32:
        return body(std::int32_t{});
    case Dtype::uint8:
    case Dtype::bool_:
        return body(std::uint8_t{});
    default:
        throw NotImplementedError("not implemented for dtype " + std::string(name(dtype)));
    }
}

/// The same for every dtype: what stores, converts and prints.
template <class Body>
decltype(auto) visit_any_dtype(Dtype dtype, Body&& body) {
    switch (dtype) {
    case Dtype::float16:
        return body(Half{});
    case Dtype::bfloat16:
        return body(BFloat16{});
    case Dtype::int16:
        return body(std::int16_t{});
    case Dtype::int8:
        return body(std::int8_t{});
    default:
        return visit_dtype(dtype, std::forward<Body>(body));
    }
}

/// The same for floating point dtypes only; `what` names the operation in PyTorch's error text.
template <class Body>
decltype(auto) visit_floating(Dtype dtype, const char* what, Body&& body) {
    if (dtype == Dtype::float32) return body(float{});
    if (dtype == Dtype::float64) return body(double{});
    throw NotImplementedError("\"" + std::string(what) + "\" not implemented for '" +
                              std::string(scalar_type_name(dtype)) + "'");
}

/// The same for all four floating point dtypes.
template <class Body>
decltype(auto) visit_any_floating(Dtype dtype, const char* what, Body&& body) {
    if (dtype == Dtype::float16) return body(Half{});
    if (dtype == Dtype::bfloat16) return body(BFloat16{});
    return visit_floating(dtype, what, std::forward<Body>(body));
}

/// What numbers of type T are computed in.
template <class T>
using computing_t = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

} // namespace hs
