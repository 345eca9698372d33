#include "engine/ops/loss.h"

#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/tensor/warning.h"

namespace hs::ops {

extern const Op mse_loss_primitive_op, smooth_l1_loss_primitive_op, huber_loss_primitive_op;

Tensor reduced(const Tensor& losses, std::int64_t reduction) {
    if (reduction == 1) return mean(losses);
    return reduction == 2 ? sum(losses) : losses;
}

Tensor spread(const Tensor& grad, const Shape& shape, std::int64_t reduction) {
    if (reduction == 0) return grad;
    const auto count = static_cast<double>(element_count(shape));
    return expand(reduction == 1 ? grad / count : grad, shape);
}

std::vector<Sample> loss_samples() {
    const Tensor x = uniform({3, 4}), target = uniform({4, 3}).view({3, 4});
    return {{{x, target}},
            {{x, target}, {{"reduction", std::string("sum")}}},
            {{x, target}, {{"reduction", std::string("none")}}},
            {{uniform({}), uniform({}, 0, 1)}}};
}

namespace {

void warn_of_sizes(const Tensor& input, const Tensor& target) {
    if (input.shape() == target.shape()) return;
    warn("Using a target size (torch.Size(" + to_string(target.shape()) +
         ")) that is different to the input size (torch.Size(" + to_string(input.shape()) +
         ")). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.");
}

/// What a loss makes of the difference d of input and target, and the slope of that.
using OfDifference = Tensor (*)(const Tensor& difference, double parameter);

Tensor squared(const Tensor& d, double) {
    return d * d;
}
Tensor squared_slope(const Tensor& d, double) {
    return d * 2;
}

/// d^2 / 2 within `bound` of 0, a straight line outside.
Tensor huber(const Tensor& d, double bound) {
    const Tensor size = abs(d);
    return where(lt(size, bound), d * d * 0.5, (size - 0.5 * bound) * bound);
}
Tensor huber_slope(const Tensor& d, double bound) {
    return clamp(d, -bound, bound);
}

Tensor smooth(const Tensor& d, double beta) {
    return beta == 0 ? abs(d) : huber(d, beta) / beta;
}
Tensor smooth_slope(const Tensor& d, double beta) {
    return beta == 0 ? sign(d) : huber_slope(d, beta) / beta;
}

template <OfDifference value>
Tensor compute(const Arguments& a) {
    return reduced(value(a.tensor(0) - a.tensor(1), a.size() > 3 ? a.floating(3) : 0), a.integer(2));
}

template <OfDifference slope>
void backward(const Saved& saved, Gradients& g, const char* parameter) {
    const Tensor difference = saved.tensor("self") - saved.tensor("target");
    const Tensor slopes = slope(difference, parameter ? saved.floating(parameter) : 0);
    const Tensor grad = spread(g[0], difference.shape(), saved.integer("reduction")) * slopes;
    if (g.needs(0)) g.set(0, grad);
    if (g.needs(1)) g.set(1, neg(grad));
}

std::vector<Sample> primitive_samples() {
    return {{{uniform({3, 4}), uniform({4, 3}).view({3, 4}), Scalar(1)}}, {{uniform({3}), uniform({2, 3}), Scalar(0)}}};
}

std::vector<ErrorSample> reduction_errors() {
    return {{{uniform({3}), uniform({3}, 0, 1)},
             {{"reduction", std::string("foo")}},
             "foo is not a valid value for reduction"}};
}

} // namespace

extern const Op mse_loss_primitive_op({
    .signature = "_mse_loss(Tensor self, Tensor target, int reduction) -> Tensor",
    .summary = "Squared error; reduction 0 is none, 1 mean, 2 sum.",
    .forward = "y = mean of (self - target)^2",
    .gradients = {{"self", "dL/dself = dL/dy * 2 (self - target) / n"},
                  {"target", "dL/dtarget = -dL/dy * 2 (self - target) / n"}},
    .dtypes = {floating_dtypes, "mse_cpu", 2},
    .wide = Wide::halves,
    .compute = compute<squared>,
    .saves = {{"self"}, {"target"}, {"reduction"}},
    .backward = [](const Saved& saved, Gradients& g) { backward<squared_slope>(saved, g, nullptr); },
    .node = "MseLoss",
    .samples = primitive_samples,
});

extern const Op smooth_l1_loss_primitive_op({
    .signature = "_smooth_l1_loss(Tensor self, Tensor target, int reduction, float beta) -> Tensor",
    .summary = "Squared error near 0, absolute error elsewhere; reduction 0 is none, 1 mean, 2 sum.",
    .forward = "y = mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, with d = self - target",
    .gradients = {{"self", "dL/dself = dL/dy * (d / beta, kept within -1 and 1) / n"},
                  {"target", "dL/dtarget = -dL/dself"}},
    .dtypes = {floating_dtypes, "smooth_l1_cpu", 2},
    .wide = Wide::halves,
    .compute = compute<smooth>,
    .saves = {{"self"}, {"target"}, {"reduction"}, {"beta"}},
    .backward = [](const Saved& saved, Gradients& g) { backward<smooth_slope>(saved, g, "beta"); },
    .node = "SmoothL1Loss",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4, 3}).view({3, 4}), Scalar(1), Scalar(1.0)}}};
        },
});

extern const Op huber_loss_primitive_op({
    .signature = "_huber_loss(Tensor self, Tensor target, int reduction, float delta) -> Tensor",
    .summary = "Squared error near 0, a straight line elsewhere; reduction 0 is none, 1 mean, 2 sum.",
    .forward = "y = mean of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2), with d = self - target",
    .gradients = {{"self", "dL/dself = dL/dy * (d, kept within -delta and delta) / n"},
                  {"target", "dL/dtarget = -dL/dself"}},
    .dtypes = {floating_dtypes, "huber_cpu", 2},
    .wide = Wide::halves,
    .compute = compute<huber>,
    .saves = {{"self"}, {"target"}, {"reduction"}, {"delta"}},
    .backward = [](const Saved& saved, Gradients& g) { backward<huber_slope>(saved, g, "delta"); },
    .node = "HuberLoss",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4, 3}).view({3, 4}), Scalar(1), Scalar(0.7)}}};
        },
});

extern const Op mse_loss_op({
    .signature = "mse_loss(Tensor input, Tensor target, *, str reduction='mean') -> Tensor",
    .summary = "Squared error; broadcasts with a warning.",
    .forward = "y = mean of (input - target)^2",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            warn_of_sizes(a.tensor(0), a.tensor(1));
            return call(mse_loss_primitive_op, {a.tensor(0), a.tensor(1), reduction_of(a.text(2))});
        },
    .composite = true,
    .samples = loss_samples,
    .errors = reduction_errors,
});

extern const Op l1_loss_op({
    .signature = "l1_loss(Tensor input, Tensor target, *, str reduction='mean') -> Tensor",
    .summary = "Absolute error; broadcasts with a warning.",
    .forward = "y = mean of |input - target|",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            warn_of_sizes(a.tensor(0), a.tensor(1));
            return reduced(abs(a.tensor(0) - a.tensor(1)), reduction_of(a.text(2)));
        },
    .composite = true,
    .samples = loss_samples,
    .errors = reduction_errors,
});

extern const Op smooth_l1_loss_op({
    .signature = "smooth_l1_loss(Tensor input, Tensor target, *, str reduction='mean', float beta=1.0) -> Tensor",
    .summary = "Squared error where it is below beta, absolute error elsewhere; broadcasts with a warning.",
    .forward = "y = mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, with d = input - target",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            warn_of_sizes(a.tensor(0), a.tensor(1));
            if (a.floating(3) < 0) throw Error("smooth_l1_loss does not support negative values for beta.");
            return call(smooth_l1_loss_primitive_op, {a.tensor(0), a.tensor(1), reduction_of(a.text(2)), a[3]});
        },
    .composite = true,
    .samples = loss_samples,
    .errors = reduction_errors,
});

extern const Op huber_loss_op({
    .signature = "huber_loss(Tensor input, Tensor target, *, str reduction='mean', float delta=1.0) -> Tensor",
    .summary = "Squared error where it is below delta, a straight line elsewhere; broadcasts with a warning.",
    .forward = "y = mean of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2), with d = input - target",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            warn_of_sizes(a.tensor(0), a.tensor(1));
            if (a.floating(3) <= 0) throw Error("huber_loss does not support non-positive values for delta.");
            return call(huber_loss_primitive_op, {a.tensor(0), a.tensor(1), reduction_of(a.text(2)), a[3]});
        },
    .composite = true,
    .samples = loss_samples,
    .errors = reduction_errors,
});

} // namespace hs::ops

namespace hs {

Tensor mse_loss(const Tensor& input, const Tensor& target, std::string_view reduction) {
    return call(ops::mse_loss_op, {input, target, reduction});
}
Tensor l1_loss(const Tensor& input, const Tensor& target, std::string_view reduction) {
    return call(ops::l1_loss_op, {input, target, reduction});
}
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, std::string_view reduction, double beta) {
    return call(ops::smooth_l1_loss_op, {input, target, reduction, beta});
}
Tensor huber_loss(const Tensor& input, const Tensor& target, std::string_view reduction, double delta) {
    return call(ops::huber_loss_op, {input, target, reduction, delta});
}

} // namespace hs
