#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// compute of a rounding: integers are whole already.
template <Unary function>
Tensor rounded(const Arguments& arguments) {
    const Tensor& x = arguments.tensor(0);
    if (is_floating_point(x.dtype())) return unary_floating<function>(arguments);
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).copy(x, y);
    return y;
}

void zero_gradient(const Saved&, Gradients& g) {
    g.set(0, zeros_like(g[0]));
}

/// Division of integers by zero is an error, as in PyTorch on the CPU.
void refuse_zero(const ArgumentRef& divisor, Dtype dtype) {
    if (is_floating_point(dtype)) return;
    const bool zero = divisor.is_tensor() ? any(eq(divisor.tensor(), 0)).item<bool>() : !divisor.scalar().to_bool();
    if (zero) throw Error("ZeroDivisionError");
}

Tensor divided(Binary function, const Arguments& arguments) {
    const BinaryPlan plan(arguments[0], arguments[1], false);
    refuse_zero(arguments[1], plan.dtype);
    const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
    kernels_of(y).binary(function, plan.a, plan.b, y);
    return y;
}

/// Samples whose elements stay clear of the jumps.
std::vector<Sample> between_jumps() {
    return {{{indices({3, 4}, 5).to(Dtype::float64) + uniform({3, 4}, 0.1, 0.4)}}, {{uniform({}, 1.1, 1.4)}}};
}

std::vector<Sample> quotient_samples() {
    return {{{uniform({3, 4}, 5.1, 5.9), full({4}, 2.0, {.dtype = Dtype::float64})}},
            {{uniform({2, 3}, -5.9, -5.1), full({2, 1}, 3.0, {.dtype = Dtype::float64})}}};
}

std::vector<Sample> number_samples() {
    return {{{uniform({3, 4}, 5.1, 5.9), Scalar(2.0)}}, {{uniform({3}, -2.9, -2.1), Scalar(2)}}};
}

std::vector<ErrorSample> zero_division() {
    return {{{indices({3}, 5), zeros({3}, {.dtype = Dtype::int64})}, {}, "ZeroDivisionError"}};
}

Tensor compute_div_mode(const Arguments& a) {
    if (a.is_none(2)) return binary<Binary::div, true>(a);
    const std::array<ArgumentRef, 2> operands{a[0], a[1]};
    if (result_type(operands) == Dtype::bool_)
        throw NotImplementedError("\"div_" + std::string(a.text(2)) + "_cpu\" not implemented for 'Bool'");
    if (a.text(2) == "floor") return divided(Binary::floor_divide, a);
    if (a.text(2) == "trunc") return divided(Binary::trunc_divide, a);
    throw Error("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '" +
                std::string(a.text(2)) + "'");
}

} // namespace

extern const Op floor_op({
    .signature = "floor(Tensor self) -> Tensor",
    .summary = "The largest whole number that is not above each element.",
    .forward = "y = floor(self)",
    .gradients = {{"self", "dL/dself = 0"}},
    .dtypes = {numeric_dtypes, "floor_vml_cpu"},
    .compute = rounded<Unary::floor>,
    .backward = zero_gradient,
    .samples = between_jumps,
});

extern const Op ceil_op({
    .signature = "ceil(Tensor self) -> Tensor",
    .summary = "The smallest whole number that is not below each element.",
    .forward = "y = ceil(self)",
    .gradients = {{"self", "dL/dself = 0"}},
    .dtypes = {numeric_dtypes, "ceil_vml_cpu"},
    .compute = rounded<Unary::ceil>,
    .backward = zero_gradient,
    .samples = between_jumps,
});

extern const Op trunc_op({
    .signature = "trunc(Tensor self) -> Tensor",
    .summary = "Each element without its fraction.",
    .forward = "y = trunc(self)",
    .gradients = {{"self", "dL/dself = 0"}},
    .dtypes = {numeric_dtypes, "trunc_vml_cpu"},
    .compute = rounded<Unary::trunc>,
    .backward = zero_gradient,
    .samples = between_jumps,
    .aliases = "fix",
});

extern const Op round_op({
    .signature = "round(Tensor self) -> Tensor",
    .summary = "The nearest whole number, half to even.",
    .forward = "y = round(self)",
    .gradients = {{"self", "dL/dself = 0"}},
    .dtypes = {numeric_dtypes, "round_vml_cpu"},
    .compute = rounded<Unary::round>,
    .backward = zero_gradient,
    .samples = between_jumps,
    .aliases = "special.round",
});

extern const Op round_decimals_op({
    .signature = "round.decimals(Tensor self, *, int decimals) -> Tensor",
    .summary = "Rounded to some decimals, half to even.",
    .forward = "y = round(self * 10^decimals) / 10^decimals",
    .gradients = {{"self", "dL/dself = 0"}},
    .dtypes = {floating_dtypes, "round_cpu"},
    .compute =
        [](const Arguments& a) {
            const std::int64_t decimals = a.integer(1);
            if (decimals == 0) return round(a.tensor(0));
            const Scalar scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
            return decimals > 0 ? round(a.tensor(0) * scale) / scale : round(a.tensor(0) / scale) * scale;
        },
    .backward = zero_gradient,
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{
                {{indices({3}, 5).to(Dtype::float64) + uniform({3}, 0.101, 0.104)}, {{"decimals", Scalar(2)}}}};
        },
    .aliases = "special.round",
});

extern const Op frac_op({
    .signature = "frac(Tensor self) -> Tensor",
    .summary = "The fraction of each element, with its sign.",
    .forward = "y = self - trunc(self)",
    .gradients = {{"self", "dL/dself = dL/dy"}},
    .dtypes = {floating_dtypes, "frac_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return a.tensor(0) - trunc(a.tensor(0)); },
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .samples = between_jumps,
});

extern const Op sign_op({
    .signature = "sign(Tensor self) -> Tensor",
    .summary = "-1, 0 or 1 by the sign of each element.",
    .forward = "y = sign(self)",
    .gradients = {{"self", "dL/dself = 0"}},
    .compute = unary_any<Unary::sign>,
    .backward = zero_gradient,
    .samples = positive_samples,
    .aliases = "sgn",
});

extern const Op abs_op({
    .signature = "abs(Tensor self) -> Tensor",
    .summary = "The absolute value of each element.",
    .forward = "y = |self|",
    .gradients = {{"self", "dL/dself = dL/dy * sign(self)"}},
    .dtypes = {numeric_dtypes, "abs_cpu"},
    .compute = unary_any<Unary::abs>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * sign(saved.tensor("self"))); },
    .samples = unary_samples,
    .aliases = "absolute",
});

extern const Op remainder_op({
    .signature = "remainder.Scalar(Tensor self, Scalar other) -> Tensor",
    .summary = "What is left of the division by a number, with the divisor's sign.",
    .forward = "y = self - other * floor(self / other)",
    .gradients = {{"self", "dL/dself = dL/dy"}},
    .dtypes = {numeric_dtypes, "remainder_cpu", 2},
    .compute = [](const Arguments& a) { return divided(Binary::remainder, a); },
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .samples = number_samples,
});

extern const Op remainder_tensor_op({
    .signature = "remainder.Tensor(Tensor self, Tensor other) -> Tensor",
    .summary = "What is left of the division, with the divisor's sign.",
    .forward = "y = self - other * floor(self / other)",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"other", "dL/dother = -dL/dy * floor(self / other)"}},
    .dtypes = {numeric_dtypes, "remainder_cpu", 2},
    .compute = [](const Arguments& a) { return divided(Binary::remainder, a); },
    .saves = {{"self", "other"}, {"other", "other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0]);
            if (g.needs(1)) g.set(1, neg(g[0]) * div(saved.tensor("self"), saved.tensor("other"), "floor"));
        },
    .node_number = 1,
    .samples = quotient_samples,
    .errors = zero_division,
});

extern const Op fmod_op({
    .signature = "fmod.Scalar(Tensor self, Scalar other) -> Tensor",
    .summary = "What is left of the division by a number, with the dividend's sign.",
    .forward = "y = self - other * trunc(self / other)",
    .gradients = {{"self", "dL/dself = dL/dy"}},
    .dtypes = {numeric_dtypes, "fmod_cpu", 2},
    .compute = [](const Arguments& a) { return divided(Binary::fmod, a); },
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .samples = number_samples,
});

extern const Op fmod_tensor_op({
    .signature = "fmod.Tensor(Tensor self, Tensor other) -> Tensor",
    .summary = "What is left of the division, with the dividend's sign.",
    .forward = "y = self - other * trunc(self / other)",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"other", "dL/dother = -dL/dy * trunc(self / other)"}},
    .dtypes = {numeric_dtypes, "fmod_cpu", 2},
    .compute = [](const Arguments& a) { return divided(Binary::fmod, a); },
    .saves = {{"self", "other"}, {"other", "other"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0]);
            if (g.needs(1)) g.set(1, neg(g[0]) * div(saved.tensor("self"), saved.tensor("other"), "trunc"));
        },
    .node_number = 1,
    .samples = quotient_samples,
    .errors = zero_division,
});

extern const Op div_mode_op({
    .signature = "div.Tensor_mode(Tensor self, Operand other, *, str? rounding_mode) -> Tensor",
    .summary = "Quotient, rounded down ('floor') or towards zero ('trunc'); integers stay integers then.",
    .forward = "y = floor(self / other) or trunc(self / other)",
    .gradients = {{"self", "dL/dself = 0, without rounding dL/dy / other"},
                  {"other", "dL/dother = 0, without rounding -dL/dy * self / other^2"}},
    .dtypes = {numeric_dtypes},
    .compute = compute_div_mode,
    .saves = {{"self", "other"}, {"other"}, {"rounding_mode"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (!saved.is_none("rounding_mode")) {
                if (g.needs(0)) g.set(0, zeros_like(g[0]));
                if (g.needs(1)) g.set(1, zeros_like(g[0]));
                return;
            }
            if (saved.argument("other").is_number()) return g.set(0, g[0] / saved.scalar("other"));
            const Tensor other = saved.tensor("other");
            if (g.needs(0)) g.set(0, g[0] / other);
            if (g.needs(1)) g.set(1, neg(g[0]) * (saved.tensor("self") / other / other));
        },
    .node_number = 2,
    .samples =
        [] {
            std::vector<Sample> samples = quotient_samples();
            samples[0].keywords["rounding_mode"] = std::string("floor");
            samples[1].keywords["rounding_mode"] = std::string("trunc");
            samples.push_back({{uniform({3}), Scalar(2.5)}, {{"rounding_mode", Argument()}}});
            return samples;
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), uniform({3})},
                 {{"rounding_mode", std::string("up")}},
                 "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'up'"}};
        },
    .aliases = "divide,true_divide",
});

extern const Op floor_divide_op({
    .signature = "floor_divide(Tensor self, Operand other) -> Tensor",
    .summary = "Quotient rounded down; integers stay integers. Has no gradient.",
    .forward = "y = floor(self / other)",
    .dtypes = {numeric_dtypes, "div_floor_cpu", 2},
    .compute = [](const Arguments& a) { return divided(Binary::floor_divide, a); },
    .samples = quotient_samples,
    .errors = zero_division,
});

extern const Op copysign_op({
    .signature = "copysign(Tensor self, Operand other) -> Tensor",
    .summary = "The size of the first with the sign of the second.",
    .forward = "y = |self| * sign(other)",
    .gradients = {{"self", "dL/dself = dL/dy * y / self"}, {"other", "dL/dother = 0"}},
    .compute = binary<Binary::copysign, true>,
    .saves = {{"self"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            if (g.needs(0)) g.set(0, masked_fill(g[0] * (saved.result() / self), eq(self, 0), 0));
            if (g.needs(1)) g.set(1, zeros_like(g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}}, {{uniform({3}), Scalar(-1.0)}}};
        },
});

} // namespace hs::ops

namespace hs {

#define HS_UNARY(name)                                                                                                 \
    Tensor name(const Tensor& self) {                                                                                  \
        return call(ops::name##_op, {self});                                                                           \
    }
HS_UNARY(floor)
HS_UNARY(ceil)
HS_UNARY(trunc)
HS_UNARY(round)
HS_UNARY(sign)
HS_UNARY(abs)
#undef HS_UNARY

Tensor remainder(const Tensor& self, const Tensor& other) {
    return call(ops::remainder_tensor_op, {self, other});
}
Tensor remainder(const Tensor& self, const Scalar& other) {
    return call(ops::remainder_op, {self, other});
}
Tensor fmod(const Tensor& self, const Tensor& other) {
    return call(ops::fmod_tensor_op, {self, other});
}
Tensor fmod(const Tensor& self, const Scalar& other) {
    return call(ops::fmod_op, {self, other});
}
Tensor div(const Tensor& self, const Tensor& other, std::string_view rounding_mode) {
    return call(ops::div_mode_op, {self, other, rounding_mode});
}
Tensor floor_divide(const Tensor& self, const Tensor& other) {
    return call(ops::floor_divide_op, {self, other});
}
Tensor floor_divide(const Tensor& self, const Scalar& other) {
    return call(ops::floor_divide_op, {self, other});
}

} // namespace hs
