#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

void refuse_negative_power(Dtype result, const Scalar& exponent) {
    if (!is_floating_point(result) && !exponent.is_floating() && exponent.to_int() < 0)
        throw Error("Integers to negative integer powers are not allowed.");
}

/// x to the power of a number; the usual exponents have kernels of their own.
Tensor compute_pow(const Arguments& a) {
    const BinaryPlan plan(a[0], a[1], false);
    const Scalar exponent = a.scalar(1);
    refuse_negative_power(plan.dtype, exponent);
    const Tensor x = std::get<Tensor>(plan.a);
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype, .device = x.device()});
    const Kernels& kernels = kernels_of(y);
    const double power = exponent.to_double();
    if (power == 2)
        kernels.unary(Unary::square, x, y);
    else if (power == 1)
        kernels.copy(x, y);
    else if (power == 0.5 && is_floating_point(plan.dtype))
        kernels.unary(Unary::sqrt, x, y);
    else if (power == -1 && is_floating_point(plan.dtype))
        kernels.unary(Unary::reciprocal, x, y);
    else
        kernels.binary(Binary::pow, x, exponent, y);
    return y;
}

Tensor compute_pow_tensor(const Arguments& a) {
    const BinaryPlan plan(a[0], a[1], false);
    if (!is_floating_point(plan.dtype) && any(lt(a.tensor(1), Scalar(0))).item<bool>())
        throw Error("Integers to negative integer powers are not allowed.");
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
    kernels_of(y).binary(Binary::pow, plan.a, plan.b, y);
    return y;
}

/// dL/dexponent of result = base^exponent; 0^e counts as constant for e >= 0.
Tensor exponent_gradient(const Tensor& grad, const Tensor& log_base, const Tensor& is_constant, const Tensor& result) {
    return masked_fill(grad * (result * log_base), is_constant, 0);
}

} // namespace

extern const Op pow_op({
    .signature = "pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    .summary = "Each element to the power of a number.",
    .forward = "y = self^exponentxponent",
    .gradients = {{"self", "dL/dself = dL/dy * exponent * self^(exponent - 1)"}},
    .dtypes = {numeric_dtypes, "pow", 2},
    .compute = compute_pow,
    .saves = {{"self"}, {"exponent"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar exponent = saved.scalar("exponent");
            const Tensor self = saved.tensor("self");
            if (exponent.to_double() == 0)
                g.set(0, zeros_like(self));
            else
                g.set(0, g[0] * (pow(self, Scalar(exponent.to_double() - 1)) * exponent));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(2)}},
                                       {{uniform({3}), Scalar(3)}},
                                       {{uniform({2, 3}, 0.3, 2), Scalar(-1.5)}},
                                       {{uniform({}), Scalar(0)}},
                                       {{uniform({4}, 0.3, 2), Scalar(0.5)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{indices({3}, 5), Scalar(-1)}, {}, "Integers to negative integer powers are not allowed."}};
        },
});

extern const Op pow_tensor_op({
    .signature = "pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    .summary = "Each element to the power of another tensor's.",
    .forward = "y = self^exponent",
    .gradients = {{"self", "dL/dself = dL/dy * exponent * self^(exponent - 1)"},
                  {"exponent", "dL/dexponent = dL/dy * y * ln self"}},
    .dtypes = {numeric_dtypes, "pow", 2},
    .compute = compute_pow_tensor,
    .saves = {{"self"}, {"exponent"}, {"result", "exponent"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            const Tensor exponent = saved.tensor("exponent");
            if (g.needs(0)) g.set(0, masked_fill(g[0] * (exponent * pow(self, exponent - 1)), eq(exponent, 0), 0));
            if (g.needs(1)) {
                const Tensor is_constant = logical_and(eq(self, 0), ge(exponent, 0));
                g.set(1, exponent_gradient(g[0], log(self), is_constant, saved.result()));
            }
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}, 0.3, 2), uniform({3, 4})}},
                                       {{uniform({2, 3}, 0.3, 2), uniform({3})}},
                                       {{uniform({}, 0.3, 2), uniform({2})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{indices({3}, 5), neg(indices({3}, 5))}, {}, "Integers to negative integer powers are not allowed."}};
        },
});

extern const Op pow_scalar_op({
    .signature = "pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
    .summary = "A number to the power of each element.",
    .forward = "y = self^exponent",
    .gradients = {{"exponent", "dL/dexponent = dL/dy * y * ln self"}},
    .dtypes = {numeric_dtypes, "pow", 2},
    .compute =
        [](const Arguments& a) {
            const BinaryPlan plan(a[0], a[1], false);
            const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
            kernels_of(y).binary(Binary::pow, plan.a, plan.b, y);
            return y;
        },
    .saves = {{"self"}, {"exponent"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const double base = saved.scalar("self").to_double();
            const Tensor is_constant =
                logical_and(ge(saved.tensor("exponent"), 0), full({}, base == 0, {.dtype = Dtype::bool_}));
            g.set(0, masked_fill(g[0] * (saved.result() * Scalar(std::log(base))), is_constant, 0));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{Scalar(2), uniform({3, 4})}}, {{Scalar(0.5), uniform({})}}};
        },
});

extern const Op square_op({
    .signature = "square(Tensor self) -> Tensor",
    .summary = "The square of each element.",
    .forward = "y = self^2",
    .compute = [](const Arguments& a) { return pow(a.tensor(0), 2); },
    .composite = true,
    .samples = unary_samples,
});

extern const Op sqrt_op({
    .signature = "sqrt(Tensor self) -> Tensor",
    .summary = "Square root of each element.",
    .forward = "y = sqrt(self)",
    .gradients = {{"self", "dL/dself = dL/dy / (2 * y)"}},
    .compute = unary_floating<Unary::sqrt>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] / (saved.result() * Scalar(2))); },
    .samples = positive_samples,
});

extern const Op rsqrt_op({
    .signature = "rsqrt(Tensor self) -> Tensor",
    .summary = "One over the square root of each element.",
    .forward = "y = 1 / sqrt(self)",
    .gradients = {{"self", "dL/dself = -dL/dy * y^3 / 2"}},
    .wide = Wide::halves,
    .compute = unary_floating<Unary::rsqrt>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * Scalar(-0.5) * pow(saved.result(), 3)); },
    .samples = positive_samples,
});

extern const Op hypot_op({
    .signature = "hypot(Tensor self, Tensor other) -> Tensor",
    .summary = "The length of the hypotenuse.",
    .forward = "y = sqrt(self^2 + other^2)",
    .gradients = {{"self", "dL/dself = dL/dy * self / y"}, {"other", "dL/dother = dL/dy * other / y"}},
    .dtypes = {floating_dtypes, "hypot_cpu", 2},
    .compute = binary<Binary::hypot, true>,
    .saves = {{"self"}, {"other"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor result = saved.result();
            if (g.needs(0)) g.set(0, g[0] * (saved.tensor("self") / result));
            if (g.needs(1)) g.set(1, g[0] * (saved.tensor("other") / result));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}, 0.5, 2)}}};
        },
});

extern const Op atan2_op({
    .signature = "atan2(Tensor self, Tensor other) -> Tensor",
    .summary = "The angle of the point (other, self), with its quadrant.",
    .forward = "y = arctan(self / other)",
    .gradients = {{"self", "dL/dself = dL/dy * other / (self^2 + other^2)"},
                  {"other", "dL/dother = -dL/dy * self / (self^2 + other^2)"}},
    .compute = binary<Binary::atan2, true>,
    .saves = {{"self"}, {"other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            const Tensor other = saved.tensor("other");
            const Tensor length = self * self + other * other;
            const Tensor scale = masked_fill(g[0] / length, eq(length, 0), 0);
            if (g.needs(0)) g.set(0, scale * other);
            if (g.needs(1)) g.set(1, scale * neg(self));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}, 0.5, 2)}}};
        },
    .aliases = "arctan2",
});

extern const Op logaddexp_op({
    .signature = "logaddexp(Tensor self, Tensor other) -> Tensor",
    .summary = "Logarithm of the sum of the exponentials, without overflow.",
    .forward = "y = ln(exp(self) + exp(other))",
    .gradients = {{"self", "dL/dself = dL/dy * exp(self - y)"}, {"other", "dL/dother = dL/dy * exp(other - y)"}},
    .dtypes = {floating_dtypes, "logaddexp_cpu", 2},
    .wide = Wide::halves,
    .compute = binary<Binary::logaddexp, true>,
    .saves = {{"self"}, {"other"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor result = saved.result();
            if (g.needs(0)) g.set(0, g[0] * exp(saved.tensor("self") - result));
            if (g.needs(1)) g.set(1, g[0] * exp(saved.tensor("other") - result));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}}};
        },
});

extern const Op xlogy_op({
    .signature = "xlogy(Tensor self, Tensor other) -> Tensor",
    .summary = "The first times the logarithm of the second; 0 where the first is 0.",
    .forward = "y = self * ln(other)",
    .gradients = {{"self", "dL/dself = dL/dy * ln(other)"}, {"other", "dL/dother = dL/dy * self / other"}},
    .compute = binary<Binary::xlogy, true>,
    .saves = {{"self"}, {"other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            const Tensor other = saved.tensor("other");
            if (g.needs(0)) {
                const Tensor flat = logical_and(eq(self, 0), le(other, 0));
                g.set(0, masked_fill(g[0] * log(other), flat, 0));
            }
            if (g.needs(1)) g.set(1, g[0] * self / other);
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}, 0.5, 2)}}};
        },
    .aliases = "special.xlogy",
});

} // namespace hs::ops

namespace hs {

Tensor pow(const Tensor& self, const Scalar& exponent) {
    return call(ops::pow_op, {self, exponent});
}
Tensor pow(const Tensor& self, const Tensor& exponent) {
    return call(ops::pow_tensor_op, {self, exponent});
}
Tensor pow(const Scalar& self, const Tensor& exponent) {
    return call(ops::pow_scalar_op, {self, exponent});
}
Tensor square(const Tensor& self) {
    return call(ops::square_op, {self});
}
Tensor sqrt(const Tensor& self) {
    return call(ops::sqrt_op, {self});
}
Tensor rsqrt(const Tensor& self) {
    return call(ops::rsqrt_op, {self});
}

} // namespace hs
