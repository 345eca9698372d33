#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

#include <numbers>

namespace hs::ops {

namespace {

constexpr double two_over_sqrt_pi = 2 * std::numbers::inv_sqrtpi;

std::vector<Sample> inner_samples() {
    return {{{uniform({3, 4}, -0.9, 0.9)}}, {{uniform({}, -0.9, 0.9)}}, {{uniform({0, 2})}}};
}

} // namespace

extern const Op exp_op({
    .signature = "exp(Tensor self) -> Tensor",
    .summary = "e to the power of each element.",
    .forward = "y = exp(self)",
    .gradients = {{"self", "dL/dself = dL/dy * y"}},
    .compute = unary_floating<Unary::exp>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * saved.result()); },
    .samples = unary_samples,
});

extern const Op exp2_op({
    .signature = "exp2(Tensor self) -> Tensor",
    .summary = "Two to the power of each element.",
    .forward = "y = 2^self",
    .gradients = {{"self", "dL/dself = dL/dy * y * ln 2"}},
    .compute = unary_floating<Unary::exp2>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * saved.result() * Scalar(std::numbers::ln2)); },
    .samples = unary_samples,
    .aliases = "special.exp2",
});

extern const Op expm1_op({
    .signature = "expm1(Tensor self) -> Tensor",
    .summary = "e to the power of each element, less 1, exact near 0.",
    .forward = "y = exp(self) - 1",
    .gradients = {{"self", "dL/dself = dL/dy * (y + 1)"}},
    .compute = unary_floating<Unary::expm1>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * (saved.result() + 1)); },
    .samples = unary_samples,
    .aliases = "special.expm1",
});

extern const Op log_op({
    .signature = "log(Tensor self) -> Tensor",
    .summary = "Natural logarithm of each element.",
    .forward = "y = ln self",
    .gradients = {{"self", "dL/dself = dL/dy / self"}},
    .compute = unary_floating<Unary::log>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] / saved.tensor("self")); },
    .samples = positive_samples,
});

extern const Op log2_op({
    .signature = "log2(Tensor self) -> Tensor",
    .summary = "Logarithm to base 2 of each element.",
    .forward = "y = ln self / ln 2",
    .gradients = {{"self", "dL/dself = dL/dy / (self * ln 2)"}},
    .compute = unary_floating<Unary::log2>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, g[0] / (saved.tensor("self") * Scalar(std::numbers::ln2))); },
    .samples = positive_samples,
});

extern const Op log10_op({
    .signature = "log10(Tensor self) -> Tensor",
    .summary = "Logarithm to base 10 of each element.",
    .forward = "y = ln self / ln 10",
    .gradients = {{"self", "dL/dself = dL/dy / (self * ln 10)"}},
    .compute = unary_floating<Unary::log10>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, g[0] / (saved.tensor("self") * Scalar(std::numbers::ln10))); },
    .samples = positive_samples,
});

extern const Op log1p_op({
    .signature = "log1p(Tensor self) -> Tensor",
    .summary = "Natural logarithm of 1 plus each element, exact near 0.",
    .forward = "y = ln(1 + self)",
    .gradients = {{"self", "dL/dself = dL/dy / (self + 1)"}},
    .compute = unary_floating<Unary::log1p>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] / (saved.tensor("self") + 1)); },
    .samples = positive_samples,
    .aliases = "special.log1p",
});

extern const Op sin_op({
    .signature = "sin(Tensor self) -> Tensor",
    .summary = "Sine of each element, in radians.",
    .forward = "y = sin(self)",
    .gradients = {{"self", "dL/dself = dL/dy * cos(self)"}},
    .compute = unary_floating<Unary::sin>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * cos(saved.tensor("self"))); },
    .samples = unary_samples,
});

extern const Op cos_op({
    .signature = "cos(Tensor self) -> Tensor",
    .summary = "Cosine of each element, in radians.",
    .forward = "y = cos(self)",
    .gradients = {{"self", "dL/dself = -dL/dy * sin(self)"}},
    .compute = unary_floating<Unary::cos>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * neg(sin(saved.tensor("self")))); },
    .samples = unary_samples,
});

extern const Op tan_op({
    .signature = "tan(Tensor self) -> Tensor",
    .summary = "Tangent of each element, in radians.",
    .forward = "y = tan(self)",
    .gradients = {{"self", "dL/dself = dL/dy * (1 + y^2)"}},
    .compute = unary_floating<Unary::tan>,
    .saves = {{"result"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * (square(saved.result()) + 1)); },
    .samples = inner_samples,
});

extern const Op asin_op({
    .signature = "asin(Tensor self) -> Tensor",
    .summary = "Inverse sine of each element.",
    .forward = "y = arcsin(self)",
    .gradients = {{"self", "dL/dself = dL/dy / sqrt(1 - self^2)"}},
    .compute = unary_floating<Unary::asin>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, g[0] * rsqrt(Scalar(1) - square(saved.tensor("self")))); },
    .samples = inner_samples,
    .aliases = "arcsin",
});

extern const Op acos_op({
    .signature = "acos(Tensor self) -> Tensor",
    .summary = "Inverse cosine of each element.",
    .forward = "y = arccos(self)",
    .gradients = {{"self", "dL/dself = -dL/dy / sqrt(1 - self^2)"}},
    .compute = unary_floating<Unary::acos>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, g[0] * neg(rsqrt(Scalar(1) - square(saved.tensor("self"))))); },
    .samples = inner_samples,
    .aliases = "arccos",
});

extern const Op atan_op({
    .signature = "atan(Tensor self) -> Tensor",
    .summary = "Inverse tangent of each element.",
    .forward = "y = arctan(self)",
    .gradients = {{"self", "dL/dself = dL/dy / (self^2 + 1)"}},
    .compute = unary_floating<Unary::atan>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] / (square(saved.tensor("self")) + 1)); },
    .samples = unary_samples,
    .aliases = "arctan",
});

extern const Op sinh_op({
    .signature = "sinh(Tensor self) -> Tensor",
    .summary = "Hyperbolic sine of each element.",
    .forward = "y = sinh(self)",
    .gradients = {{"self", "dL/dself = dL/dy * cosh(self)"}},
    .compute = unary_floating<Unary::sinh>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * cosh(saved.tensor("self"))); },
    .samples = unary_samples,
});

extern const Op cosh_op({
    .signature = "cosh(Tensor self) -> Tensor",
    .summary = "Hyperbolic cosine of each element.",
    .forward = "y = cosh(self)",
    .gradients = {{"self", "dL/dself = dL/dy * sinh(self)"}},
    .compute = unary_floating<Unary::cosh>,
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, g[0] * sinh(saved.tensor("self"))); },
    .samples = unary_samples,
});

extern const Op erf_op({
    .signature = "erf(Tensor self) -> Tensor",
    .summary = "Error function of each element.",
    .forward = "y = 2/sqrt(pi) * integral of exp(-t^2) from 0 to self",
    .gradients = {{"self", "dL/dself = dL/dy * 2/sqrt(pi) * exp(-self^2)"}},
    .compute = unary_floating<Unary::erf>,
    .saves = {{"self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, exp(neg(square(saved.tensor("self")))) * Scalar(two_over_sqrt_pi) * g[0]);
        },
    .samples = unary_samples,
    .aliases = "special.erf",
});

extern const Op erfc_op({
    .signature = "erfc(Tensor self) -> Tensor",
    .summary = "1 less the error function of each element, exact for large ones.",
    .forward = "y = 1 - erf(self)",
    .gradients = {{"self", "dL/dself = -dL/dy * 2/sqrt(pi) * exp(-self^2)"}},
    .compute = unary_floating<Unary::erfc>,
    .saves = {{"self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, exp(neg(square(saved.tensor("self")))) * Scalar(-two_over_sqrt_pi) * g[0]);
        },
    .samples = unary_samples,
    .aliases = "special.erfc",
});

} // namespace hs::ops

namespace hs {

#define HS_UNARY(name)                                                                                                 \
    Tensor name(const Tensor& self) {                                                                                  \
        return call(ops::name##_op, {self});                                                                           \
    }
HS_UNARY(exp)
HS_UNARY(exp2)
HS_UNARY(expm1)
HS_UNARY(log)
HS_UNARY(log2)
HS_UNARY(log10)
HS_UNARY(log1p)
HS_UNARY(sin)
HS_UNARY(cos)
HS_UNARY(tan)
HS_UNARY(asin)
HS_UNARY(acos)
HS_UNARY(atan)
HS_UNARY(sinh)
HS_UNARY(cosh)
HS_UNARY(erf)
HS_UNARY(erfc)
#undef HS_UNARY

} // namespace hs
