#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

#include <limits>

namespace hs::ops {

namespace {

template <Compare function>
Tensor compare(const Arguments& arguments) {
    const BinaryPlan plan(arguments[0], arguments[1], false);
    const Tensor y = empty(plan.shape, {.dtype = Dtype::bool_});
    kernels_of(y).compare(function, plan.a, plan.b, y);
    return y;
}

Tensor as_bool(const Tensor& x) {
    return x.dtype() == Dtype::bool_ ? x : ne(x, Scalar(0));
}

/// compute of a logical operation: what is not zero is true.
template <Binary function>
Tensor logical(const Arguments& arguments) {
    const Tensor left = as_bool(arguments.tensor(0));
    const Tensor right = as_bool(arguments.tensor(1));
    const Shape shape = broadcast_shapes(left.shape(), right.shape());
    const Tensor y = empty(shape, {.dtype = Dtype::bool_});
    kernels_of(y).binary(function, prepared(left, Dtype::bool_, shape), prepared(right, Dtype::bool_, shape), y);
    return y;
}

/// compute of a bitwise operation: integers and bools only.
Tensor bitwise(Binary function, const char* name, const Arguments& arguments) {
    const BinaryPlan plan(arguments[0], arguments[1], false);
    if (is_floating_point(plan.dtype))
        throw NotImplementedError("\"" + std::string(name) + "_cpu\" not implemented for '" +
                                  std::string(scalar_type_name(plan.dtype)) + "'");
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
    kernels_of(y).binary(function, plan.a, plan.b, y);
    return y;
}

std::vector<Sample> pairs() {
    return {{{uniform({3, 4}), uniform({4})}}, {{uniform({3}), Scalar(0.5)}}, {{indices({5}, 3), indices({5}, 2)}}};
}

std::vector<Sample> logical_pairs() {
    return {{{uniform({3, 4}), uniform({4})}}, {{indices({5}, 2), indices({5}, 2)}}};
}

std::vector<Sample> integer_pairs() {
    return {{{indices({5}, 9), indices({5}, 7)}}, {{indices({2, 3}, 9), Scalar(5)}}};
}

std::vector<ErrorSample> float_errors() {
    return {{{uniform({2}), uniform({2})}, {}, "\"bitwise_and_cpu\" not implemented for 'Double'"}};
}

} // namespace

extern const Op eq_op({
    .signature = "eq(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements are equal.",
    .forward = "y = self == other",
    .compute = compare<Compare::eq>,
    .samples = pairs,
});

extern const Op ne_op({
    .signature = "ne(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements differ.",
    .forward = "y = self != other",
    .compute = compare<Compare::ne>,
    .samples = pairs,
    .aliases = "not_equal",
});

extern const Op lt_op({
    .signature = "lt(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements are less than the other's.",
    .forward = "y = self < other",
    .compute = compare<Compare::lt>,
    .samples = pairs,
    .aliases = "less",
});

extern const Op le_op({
    .signature = "le(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements are at most the other's.",
    .forward = "y = self <= other",
    .compute = compare<Compare::le>,
    .samples = pairs,
    .aliases = "less_equal",
});

extern const Op gt_op({
    .signature = "gt(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements are greater than the other's.",
    .forward = "y = self > other",
    .compute = compare<Compare::gt>,
    .samples = pairs,
    .aliases = "greater",
});

extern const Op ge_op({
    .signature = "ge(Tensor self, Operand other) -> Tensor",
    .summary = "Whether the elements are at least the other's.",
    .forward = "y = self >= other",
    .compute = compare<Compare::ge>,
    .samples = pairs,
    .aliases = "greater_equal",
});

extern const Op logical_not_op({
    .signature = "logical_not(Tensor self) -> Tensor",
    .summary = "Whether the elements are zero.",
    .forward = "y = self == 0",
    .compute = [](const Arguments& a) { return eq(a.tensor(0), Scalar(0)); },
    .samples =
        [] {
            return std::vector<Sample>{{{indices({2, 5}, 3)}}, {{uniform({3})}}};
        },
});

extern const Op logical_and_op({
    .signature = "logical_and(Tensor self, Tensor other) -> Tensor",
    .summary = "Whether both elements are not zero.",
    .forward = "y = self != 0 and other != 0",
    .compute = logical<Binary::bitwise_and>,
    .samples = logical_pairs,
});

extern const Op logical_or_op({
    .signature = "logical_or(Tensor self, Tensor other) -> Tensor",
    .summary = "Whether one of the elements is not zero.",
    .forward = "y = self != 0 or other != 0",
    .compute = logical<Binary::bitwise_or>,
    .samples = logical_pairs,
});

extern const Op logical_xor_op({
    .signature = "logical_xor(Tensor self, Tensor other) -> Tensor",
    .summary = "Whether exactly one of the elements is not zero.",
    .forward = "y = (self != 0) != (other != 0)",
    .compute = logical<Binary::bitwise_xor>,
    .samples = logical_pairs,
});

extern const Op bitwise_and_op({
    .signature = "bitwise_and(Tensor self, Operand other) -> Tensor",
    .summary = "The bits that are set in both integers; of bools, whether both are true.",
    .forward = "y = self & other",
    .compute = [](const Arguments& a) { return bitwise(Binary::bitwise_and, "bitwise_and", a); },
    .samples = integer_pairs,
    .errors = float_errors,
});

extern const Op bitwise_or_op({
    .signature = "bitwise_or(Tensor self, Operand other) -> Tensor",
    .summary = "The bits that are set in one of the integers; of bools, whether one is true.",
    .forward = "y = self | other",
    .compute = [](const Arguments& a) { return bitwise(Binary::bitwise_or, "bitwise_or", a); },
    .samples = integer_pairs,
});

extern const Op bitwise_xor_op({
    .signature = "bitwise_xor(Tensor self, Operand other) -> Tensor",
    .summary = "The bits that are set in exactly one of the integers.",
    .forward = "y = self ^ other",
    .compute = [](const Arguments& a) { return bitwise(Binary::bitwise_xor, "bitwise_xor", a); },
    .samples = integer_pairs,
});

extern const Op isnan_op({
    .signature = "isnan(Tensor self) -> Tensor",
    .summary = "Whether the elements are NaN.",
    .forward = "y = self != self",
    .compute = [](const Arguments& a) { return ne(a.tensor(0), a.tensor(0)); },
    .samples = unary_samples,
});

extern const Op isinf_op({
    .signature = "isinf(Tensor self) -> Tensor",
    .summary = "Whether the elements are infinite.",
    .forward = "y = |self| == inf",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (!is_floating_point(x.dtype())) return full(x.shape(), false, {.dtype = Dtype::bool_});
            return eq(abs(x), Scalar(std::numeric_limits<double>::infinity()));
        },
    .samples = unary_samples,
});

extern const Op isfinite_op({
    .signature = "isfinite(Tensor self) -> Tensor",
    .summary = "Whether the elements are neither infinite nor NaN.",
    .forward = "y = |self| < inf",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (!is_floating_point(x.dtype())) return full(x.shape(), true, {.dtype = Dtype::bool_});
            return lt(abs(x), Scalar(std::numeric_limits<double>::infinity()));
        },
    .samples = unary_samples,
});

} // namespace hs::ops

namespace hs {

#define HS_COMPARISON(name)                                                                                            \
    Tensor name(const Tensor& self, const Tensor& other) {                                                             \
        return call(ops::name##_op, {self, other});                                                                    \
    }                                                                                                                  \
    Tensor name(const Tensor& self, const Scalar& other) {                                                             \
        return call(ops::name##_op, {self, other});                                                                    \
    }
HS_COMPARISON(eq)
HS_COMPARISON(ne)
HS_COMPARISON(lt)
HS_COMPARISON(le)
HS_COMPARISON(gt)
HS_COMPARISON(ge)
#undef HS_COMPARISON

Tensor logical_not(const Tensor& self) {
    return call(ops::logical_not_op, {self});
}
Tensor logical_and(const Tensor& self, const Tensor& other) {
    return call(ops::logical_and_op, {self, other});
}
Tensor logical_or(const Tensor& self, const Tensor& other) {
    return call(ops::logical_or_op, {self, other});
}
Tensor logical_xor(const Tensor& self, const Tensor& other) {
    return call(ops::logical_xor_op, {self, other});
}
Tensor isnan(const Tensor& self) {
    return call(ops::isnan_op, {self});
}
Tensor isinf(const Tensor& self) {
    return call(ops::isinf_op, {self});
}
Tensor isfinite(const Tensor& self) {
    return call(ops::isfinite_op, {self});
}

} // namespace hs
