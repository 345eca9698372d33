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
enum class Fold : std::uint8_t { prod, amax, amin, all, any };
enum class Scan : std::uint8_t { sum, prod };
enum class Write : std::uint8_t { assign, add };

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
    /// The same for other functions; `all` and `any` give bool. A NaN is the largest and the smallest.
    void (*reduce)(Fold function, const Tensor& x, const Tensor& y);
    /// The first largest (smallest) elements along `dim`, which is not empty; values and indices (int64) have size 1
    /// there.
    void (*extreme)(bool largest, const Tensor& x, std::size_t dim, const Tensor& values, const Tensor& indices);
    /// Running sums or products along `dim`.
    void (*scan)(Scan function, const Tensor& x, std::size_t dim, const Tensor& y);
    /// Elements along `dim` in order, stable, NaN as the largest; indices are int64.
    void (*sort)(const Tensor& x, std::size_t dim, bool descending, const Tensor& values, const Tensor& indices);
    /// y = condition ? a : b; the condition is bool and has y's shape, a and b are of y's dtype.
    void (*where)(const Tensor& condition, const Operand& a, const Operand& b, const Tensor& y);
    /// y[..., i, ...] = x[..., index[..., i, ...], ...] along `dim`; throws IndexError.
    void (*gather)(const Tensor& x, std::size_t dim, const Tensor& index, const Tensor& y);
    /// y[..., index[..., i, ...], ...] = (or +=) source[..., i, ...]; the source has index's shape. Throws IndexError.
    void (*scatter)(Write mode, const Tensor& y, std::size_t dim, const Tensor& index, const Operand& source);
    /// y[i..., rest...] = x[indices[0][i...], indices[1][i...], ..., rest...]; the indices (int64) have one shape, and
    /// stand for x's first dimensions. Throws IndexError.
    void (*index)(const Tensor& x, const Tensors& indices, const Tensor& y);
    /// The same the other way: y[indices..., rest...] = (or +=) source[i..., rest...].
    void (*index_put)(Write mode, const Tensor& y, const Tensors& indices, const Tensor& source);
    /// The indices of elements that are not zero, in row-major order: int64 [count, rank].
    Tensor (*nonzero)(const Tensor& x);

    // One step of an optimizer; `buffer` and `greatest` may be undefined where they are not used.
    void (*sgd)(const SgdStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& buffer);
    void (*adam)(const AdamStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& m,
                 const Tensor& v, const Tensor& greatest);
};

const Kernels& cpu_kernels();

/// The kernels of the device of `tensor`. Throws NotImplementedError when this build has none for it.
const Kernels& kernels_of(const Tensor& tensor);

} // namespace hs
