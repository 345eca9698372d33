#pragma once

#include "engine/kernels/cpu/slots.h"
#include "engine/kernels/neural.h"

#include <tuple>

/// Kernels are compiled for float32, float64, int64, int32 and uint8. The other dtypes go through them: a kernel runs
/// on float32 copies of float16 and bfloat16 tensors, and on int32 copies of int16 and int8 ones, and what it wrote is
/// rounded (integers: wrapped) once on the way back. So each kernel exists five times instead of nine.
namespace hs::cpu {

constexpr bool is_half(Dtype dtype) {
    return dtype == Dtype::float16 || dtype == Dtype::bfloat16;
}
/// Whether kernels see another dtype instead.
constexpr bool is_narrow(Dtype dtype) {
    return is_half(dtype) || dtype == Dtype::int16 || dtype == Dtype::int8;
}

/// The same elements in a dtype that kernels are compiled for; an undefined tensor stays one.
Tensor widened(const Tensor& tensor);
/// A number as a tensor of the narrow dtype would hold it.
Scalar rounded(const Scalar& number, Dtype dtype);

namespace widening {

inline bool narrow(const Tensor& tensor) {
    return tensor.defined() && is_narrow(tensor.dtype());
}
inline bool narrow(const Operand& operand) {
    const auto* tensor = std::get_if<Tensor>(&operand);
    return tensor && narrow(*tensor);
}
inline bool narrow(const NllOptions& options) {
    return narrow(options.weight);
}
template <class T>
bool narrow(const T&) {
    return false;
}

/// Of what dtype a number beside narrow tensors is; float32, which changes nothing, where there is none.
inline Dtype dtype_of(const Tensor& tensor) {
    return narrow(tensor) ? tensor.dtype() : Dtype::float32;
}
inline Dtype dtype_of(const Operand& operand) {
    return narrow(operand) ? std::get<Tensor>(operand).dtype() : Dtype::float32;
}
template <class T>
Dtype dtype_of(const T&) {
    return Dtype::float32;
}

/// Products and quotients of half types take a number as it was given.
inline bool keeps_numbers(Binary function) {
    return function == Binary::mul || function == Binary::div || function == Binary::floor_divide ||
           function == Binary::trunc_divide;
}
template <class T>
bool keeps_numbers(const T&) {
    return false;
}

inline Tensor wide(const Tensor& tensor, Dtype) {
    return widened(tensor);
}
inline Operand wide(const Operand& operand, Dtype number) {
    const auto* tensor = std::get_if<Tensor>(&operand);
    return tensor ? Operand(widened(*tensor)) : Operand(rounded(std::get<Scalar>(operand), number));
}
inline NllOptions wide(NllOptions options, Dtype) {
    options.weight = widened(options.weight);
    return options;
}
template <class T>
const T& wide(const T& value, Dtype) {
    return value;
}

/// A slot whose arguments `written` are outputs.
template <auto kernel, std::size_t... written>
struct Slot;
template <class... Parameters, void (*kernel)(Parameters...), std::size_t... written>
struct Slot<kernel, written...> {
    static void run(Parameters... parameters) {
        if (!(narrow(parameters) || ...)) return kernel(parameters...);
        const std::tuple<const std::remove_cvref_t<Parameters>&...> given(parameters...);
        Dtype number = Dtype::float32;
        ((number = is_narrow(number) ? number : dtype_of(parameters)), ...);
        if (is_half(number) && (keeps_numbers(parameters) || ...)) number = Dtype::float32;
        const std::tuple<std::remove_cvref_t<Parameters>...> copies(wide(parameters, number)...);
        std::apply(kernel, copies);
        (store(std::get<written>(copies), std::get<written>(given)), ...);
    }
    static void store(const Tensor& from, const Tensor& to) {
        if (narrow(to)) copy(from, to);
    }
};

} // namespace widening

template <auto kernel, std::size_t... written>
inline constexpr auto widening_slot = &widening::Slot<kernel, written...>::run;

// Slots that need more than that: alpha is a number of y's dtype; what is read alone.
void add_any(const Operand& a, const Operand& b, const Scalar& alpha, const Tensor& y);
Tensor nonzero_any(const Tensor& x);

} // namespace hs::cpu
