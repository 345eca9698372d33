#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

Tensor scaled(const Tensor& gradient, const Scalar& alpha) {
    return alpha == Scalar(1) ? gradient : gradient * alpha;
}

Tensor times(const Tensor& gradient, const Saved& saved, const char* name) {
    return saved.argument(name).is_number() ? gradient * saved.scalar(name) : gradient * saved.tensor(name);
}

Tensor compute_add(const Arguments& arguments, const Scalar& alpha) {
    const BinaryPlan plan(arguments[0], arguments[1], false);
    if (alpha.is_floating() && !is_floating_point(plan.dtype))
        throw Error("For integral input tensors, argument alpha must not be a floating point number.");
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
    kernels_of(y).add(plan.a, plan.b, alpha, y);
    return y;
}

/// A difference of bools is refused, and so is that with a number.
void refuse_bools(const Arguments& a) {
    const auto is_bool = [](const ArgumentRef& x) {
        return x.is_tensor() ? x.tensor().dtype() == Dtype::bool_ : x.scalar().kind() == Scalar::Kind::boolean;
    };
    if (is_bool(a[0]) && is_bool(a[1]))
        throw Error("Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                    "`logical_xor()` operator instead.");
    if (is_bool(a[0]) || is_bool(a[1]))
        throw Error("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a "
                    "mask, use the `~` or `logical_not()` operator instead.");
}

Scalar negative(const Scalar& value) {
    return value.is_floating() ? Scalar(-value.to_double()) : Scalar(-value.to_int());
}

std::vector<Sample> binary_samples() {
    return {{{uniform({3, 4}), uniform({3, 4})}},    {{uniform({3, 4}), uniform({4})}},
            {{uniform({2, 1, 3}), uniform({4, 1})}}, {{uniform({}), uniform({2, 3})}},
            {{uniform({0, 3}), uniform({3})}},       {{uniform({3}), Scalar(1.5)}}};
}

std::vector<ErrorSample> broadcast_errors() {
    return {{{uniform({2, 3}), uniform({2, 4})},
             {},
             "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"}};
}

} // namespace

extern const Op add_op({
    .signature = "add(Tensor self, Operand other, *, Scalar alpha=1) -> Tensor",
    .summary = "Sum of two tensors, the second multiplied by alpha.",
    .forward = "y = self + alpha * other",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"other", "dL/dother = alpha * dL/dy"}},
    .compute = [](const Arguments& a) { return compute_add(a, a.scalar(2)); },
    .saves = {{"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(1)) g.set(1, scaled(g[0], saved.scalar("alpha")));
            if (g.needs(0)) g.set(0, g[0]);
        },
    .samples = binary_samples,
    .errors = broadcast_errors,
});

extern const Op sub_op({
    .signature = "sub(Tensor self, Operand other, *, Scalar alpha=1) -> Tensor",
    .summary = "Difference of two tensors, the second multiplied by alpha.",
    .forward = "y = self - alpha * other",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"other", "dL/dother = -alpha * dL/dy"}},
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            refuse_bools(a);
            return compute_add(a, negative(a.scalar(2)));
        },
    .saves = {{"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0]);
            if (g.needs(1)) g.set(1, scaled(neg(g[0]), saved.scalar("alpha")));
        },
    .samples = binary_samples,
    .errors = broadcast_errors,
});

extern const Op rsub_op({
    .signature = "rsub(Tensor self, Operand other, Scalar alpha=1) -> Tensor",
    .summary = "Difference with the operands exchanged: other - alpha * self.",
    .forward = "y = other - alpha * self",
    .gradients = {{"self", "dL/dself = -alpha * dL/dy"}, {"other", "dL/dother = dL/dy"}},
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            refuse_bools(a);
            const BinaryPlan plan(a[1], a[0], false);
            const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
            kernels_of(y).add(plan.a, plan.b, negative(a.scalar(2)), y);
            return y;
        },
    .saves = {{"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, scaled(neg(g[0]), saved.scalar("alpha")));
            if (g.needs(1)) g.set(1, g[0]);
        },
    .node_number = 1,
    .samples = binary_samples,
});

extern const Op mul_op({
    .signature = "mul(Tensor self, Operand other) -> Tensor",
    .summary = "Elementwise product.",
    .forward = "y = self * other",
    .gradients = {{"self", "dL/dself = dL/dy * other"}, {"other", "dL/dother = dL/dy * self"}},
    .compute = binary<Binary::mul>,
    .saves = {{"other", "self"}, {"self", "other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, times(g[0], saved, "other"));
            if (g.needs(1)) g.set(1, g[0] * saved.tensor("self"));
        },
    .samples = binary_samples,
    .errors = broadcast_errors,
    .aliases = "multiply",
});

extern const Op div_op({
    .signature = "div(Tensor self, Operand other) -> Tensor",
    .summary = "Elementwise quotient; integers give floating point numbers.",
    .forward = "y = self / other",
    .gradients = {{"self", "dL/dself = dL/dy / other"}, {"other", "dL/dother = -dL/dy * self / other^2"}},
    .compute = binary<Binary::div, true>,
    .saves = {{"other"}, {"self", "other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (saved.argument("other").is_number()) {
                g.set(0, g[0] / saved.scalar("other"));
                return;
            }
            const Tensor other = saved.tensor("other");
            if (g.needs(0)) g.set(0, g[0] / other);
            if (g.needs(1)) g.set(1, neg(g[0]) * (saved.tensor("self") / other / other));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0.5, 2)}},
                                       {{uniform({3, 4}), uniform({4}, 0.5, 2)}},
                                       {{uniform({3}), Scalar(2.5)}},
                                       {{uniform({0}), uniform({0})}}};
        },
    .errors = broadcast_errors,
    .aliases = "true_divide",
});

extern const Op neg_op({
    .signature = "neg(Tensor self) -> Tensor",
    .summary = "Each element with the opposite sign.",
    .forward = "y = -self",
    .gradients = {{"self", "dL/dself = -dL/dy"}},
    .dtypes = {numeric_dtypes, "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
                               "invert a mask, use the `~` or `logical_not()` operator instead."},
    .compute = unary_any<Unary::neg>,
    .backward = [](const Saved&, Gradients& g) { g.set(0, neg(g[0])); },
    .samples = unary_samples,
    .aliases = "negative",
});

extern const Op reciprocal_op({
    .signature = "reciprocal(Tensor self) -> Tensor",
    .summary = "One over each element.",
    .forward = "y = 1 / self",
    .gradients = {{"self", "dL/dself = -dL/dy * y^2"}},
    .compute = unary_floating<Unary::reciprocal>,
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            g.set(0, neg(g[0]) * (y * y));
        },
    .samples = positive_samples,
});

} // namespace hs::ops

namespace hs {

Tensor add(const Tensor& self, const Tensor& other, const Scalar& alpha) {
    return call(ops::add_op, {self, other, alpha});
}
Tensor add(const Tensor& self, const Scalar& other, const Scalar& alpha) {
    return call(ops::add_op, {self, other, alpha});
}
Tensor sub(const Tensor& self, const Tensor& other, const Scalar& alpha) {
    return call(ops::sub_op, {self, other, alpha});
}
Tensor sub(const Tensor& self, const Scalar& other, const Scalar& alpha) {
    return call(ops::sub_op, {self, other, alpha});
}
Tensor rsub(const Tensor& self, const Scalar& other) {
    return call(ops::rsub_op, {self, other});
}
Tensor mul(const Tensor& self, const Tensor& other) {
    return call(ops::mul_op, {self, other});
}
Tensor mul(const Tensor& self, const Scalar& other) {
    return call(ops::mul_op, {self, other});
}
Tensor div(const Tensor& self, const Tensor& other) {
    return call(ops::div_op, {self, other});
}
Tensor div(const Tensor& self, const Scalar& other) {
    return call(ops::div_op, {self, other});
}
Tensor neg(const Tensor& self) {
    return call(ops::neg_op, {self});
}
Tensor reciprocal(const Tensor& self) {
    return call(ops::reciprocal_op, {self});
}

} // namespace hs
