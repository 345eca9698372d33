#pragma once

#include "engine/kernels/cpu/vector/optimizer.h"
#include "engine/kernels/functors.h"
#include "engine/tensor/tensor.h"

#include <variant>

namespace hs {

#define HS_NAME(name, functor) name,
enum class Unary : std::uint8_t { HS_UNARY_ANY(HS_NAME) HS_UNARY_FLOATING(HS_NAME) };
enum class Binary : std::uint8_t { HS_BINARY_ANY(HS_NAME) HS_BINARY_FLOATING(HS_NAME) };
enum class Compare : std::uint8_t { HS_COMPARE(HS_NAME) };
#undef HS_NAME

/// An operand of an elementwise kernel: a tensor that already has the result's shape (strides of 0 where it is
/// broadcast), or a number.
using Operand = std::variant<Tensor, Scalar>;

/// The kernels of one device. A slot that is null means that the device cannot do it: kernels_of() users then say
/// "CPU only". Outputs are allocated by the caller, with the right shape and dtype; kernels do not record, broadcast
/// or promote.
struct Kernels {
    void (*fill)(const Tensor& to, const Scalar& value);
    /// Converts dtype and layout; same shape.
    void (*copy)(const Tensor& from, const Tensor& to);
    void (*unary)(Unary function, const Tensor& x, const Tensor& y);
    /// Operands of y's dtype.
    void (*binary)(Binary function, const Operand& a, const Operand& b, const Tensor& y);
    /// y = a + alpha * b.
    void (*add)(const Operand& a, const Operand& b, const Scalar& alpha, const Tensor& y);
    /// Operands of one dtype; y is bool.
    void (*compare)(Compare function, const Operand& a, const Operand& b, const Tensor& y);
    /// y = sum of x over all dimensions in which y (same rank) has size 1.
    void (*sum)(const Tensor& x, const Tensor& y);

    // One step of an optimizer; `buffer` and `greatest` may be undefined where they are not used.
    void (*sgd)(const SgdStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& buffer);
    void (*adam)(const AdamStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& m,
                 const Tensor& v, const Tensor& greatest);
};

const Kernels& cpu_kernels();

/// The kernels of the device of `tensor`. Throws NotImplementedError when this build has none for it.
const Kernels& kernels_of(const Tensor& tensor);

} // namespace hs
