#pragma once

#include "engine/kernels/kernels.h"
#include "engine/ops/op.h"

/// What the declarations of elementwise operations share: promotion, broadcasting, samples.
namespace hs::ops {

/// Promoted dtype of operands by rule 17: tensors with dimensions outrank 0-dim tensors, which outrank numbers.
Dtype result_type(std::span<const ArgumentRef> operands);

/// `tensor` with dtype and, by expanding, shape; shares memory where it can. Does not record.
Tensor prepared(const Tensor& tensor, Dtype dtype, const Shape& shape);

/// The number as an element of `dtype`; throws where that cannot hold it.
Scalar checked_number(const Scalar& number, Dtype dtype);

/// Broadcasts and promotes two operands and calls `kernel(a, b, y)` with a fresh y. `floating`: integers are computed
/// in the default dtype.
struct BinaryPlan {
    BinaryPlan(const ArgumentRef& a, const ArgumentRef& b, bool floating);
    Operand a, b;
    Shape shape;
    Dtype dtype;
};

/// compute of a unary operation that keeps the dtype.
template <Unary function>
Tensor unary_any(const Arguments& arguments) {
    const Tensor& x = arguments.tensor(0);
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).unary(function, x, y);
    return y;
}

/// compute of a unary operation on floating point numbers; integers are turned into the default dtype (rule 21).
template <Unary function>
Tensor unary_floating(const Arguments& arguments) {
    const Tensor& given = arguments.tensor(0);
    const Tensor x = is_floating_point(given.dtype()) ? given : prepared(given, Dtype::float32, given.shape());
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).unary(function, x, y);
    return y;
}

template <Binary function, bool floating = false>
Tensor binary(const Arguments& arguments) {
    const BinaryPlan plan(arguments[0], arguments[1], floating);
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
    kernels_of(y).binary(function, plan.a, plan.b, y);
    return y;
}

/// Operations that the engine itself uses before the catalogue's order is known.
extern const Op add_op, mul_op, div_op, neg_op, sum_op, expand_op, clone_op, view_op, to_op;

} // namespace hs::ops
