#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"

#include <cmath>
#include <numbers>

namespace hs::ops {

namespace {

/// n log n - n + log(2 pi n) / 2, what Poisson's logarithm of n! is about, where n > 1.
Tensor stirling(const Tensor& n) {
    const Tensor above = clamp_min(n, 1);
    const Tensor terms = above * log(above) - above + log(above * (2 * std::numbers::pi)) * 0.5;
    return masked_fill(terms, le(n, 1), 0);
}

Tensor compute_poisson(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1);
    Tensor losses = a.boolean(2) ? exp(input) - target * input : input - target * log(input + a.floating(4));
    if (a.boolean(3)) losses = losses + stirling(target);
    return reduced(losses, reduction_of(a.text(5)));
}

Tensor compute_gaussian(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1);
    Tensor variance = a.tensor(2);
    const std::int64_t reduction = reduction_of(a.text(5));
    if (variance.shape() != input.shape()) {
        Shape without_last = input.shape();
        if (!without_last.empty()) without_last.erase(without_last.size() - 1);
        if (variance.shape() == without_last)
            variance = unsqueeze(variance, -1);
        else if (variance.dim() != input.dim() || variance.size(-1) != 1)
            throw ValueError("var is of incorrect size");
    }
    if (any(lt(variance, 0)).item<bool>()) throw ValueError("var has negative entry/entries");
    // The bound on the variance takes no part in the gradient.
    const Tensor bounded = variance + clamp_min(a.floating(4) - variance.detach(), 0);
    Tensor losses = (log(bounded) + square(input - target) / bounded) * 0.5;
    if (a.boolean(3)) losses = losses + 0.5 * std::log(2 * std::numbers::pi);
    return reduced(losses, reduction);
}

Tensor compute_cosine_embedding(const Arguments& a) {
    const Tensor &x1 = a.tensor(0), &x2 = a.tensor(1), &target = a.tensor(2);
    constexpr double eps = 1e-12;
    const std::int64_t dim = target.dim();
    const Dims dims{dim};
    const Tensor products = sum(x1 * x2, dims);
    const Tensor sizes = sqrt((sum(x1 * x1, dims) + eps) * (sum(x2 * x2, dims) + eps));
    const Tensor cos = products / sizes;
    const Tensor zero = zeros_like(cos);
    const Tensor alike = where(eq(target, 1), 1 - cos, zero);
    const Tensor apart = where(eq(target, -1), clamp_min(cos - a.floating(3), 0), zero);
    return reduced(alike + apart, reduction_of(a.text(4)));
}

Tensor compute_triplet(const Arguments& a) {
    const Tensor &anchor = a.tensor(0), &positive = a.tensor(1), &negative = a.tensor(2);
    const double margin = a.floating(3), p = a.floating(4), eps = a.floating(5);
    const Tensor to_positive = pairwise_distance(anchor, positive, p, eps);
    Tensor to_negative = pairwise_distance(anchor, negative, p, eps);
    if (a.boolean(6)) to_negative = minimum(to_negative, pairwise_distance(positive, negative, p, eps));
    return reduced(clamp_min(to_positive - to_negative + margin, 0), reduction_of(a.text(7)));
}

std::vector<Sample> three_samples() {
    const Tensor sign = sub(to(indices({3}, 2), Dtype::float64) * 2, 1);
    return {{{uniform({3}), uniform({3}, 0, 1), sign}}};
}

} // namespace

extern const Op margin_ranking_loss_op({
    .signature = "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, *, float margin=0.0, str "
                 "reduction='mean') -> Tensor",
    .summary = "Penalty for an order that is not the target's: 1 says that input1 is to be the greater one.",
    .forward = "y = mean of max(0, -target * (input1 - input2) + margin)",
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            return reduced(clamp_min(neg(a.tensor(2)) * (a.tensor(0) - a.tensor(1)) + a.floating(3), 0),
                           reduction_of(a.text(4)));
        },
    .composite = true,
    .samples = three_samples,
});

extern const Op hinge_embedding_loss_op({
    .signature = "hinge_embedding_loss(Tensor input, Tensor target, *, float margin=1.0, str reduction='mean') -> "
                 "Tensor",
    .summary = "The input where the target is 1, and what is missing to a margin where it is -1.",
    .forward = "y = mean of input where target = 1, else max(0, margin - input)",
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor &x = a.tensor(0), &target = a.tensor(1);
            const Tensor zero = zeros_like(x);
            const Tensor apart = where(ne(target, 1), clamp_min(a.floating(2) - x, 0), zero);
            const Tensor alike = where(ne(target, -1), x, zero);
            return reduced(apart + alike, reduction_of(a.text(3)));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3}), sub(to(indices({3}, 2), Dtype::float64) * 2, 1)}}};
        },
});

extern const Op soft_margin_loss_op({
    .signature = "soft_margin_loss(Tensor input, Tensor target, *, str reduction='mean') -> Tensor",
    .summary = "Logistic loss of inputs and targets of 1 and -1.",
    .forward = "y = mean of log(1 + exp(-target * input))",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Dtype dtype = a.tensor(0).dtype();
            if (!is_floating_point(dtype))
                throw Error("result type Float can't be cast to the desired output type " +
                            std::string(scalar_type_name(dtype)));
            return reduced(log1p(exp(neg(a.tensor(1)) * a.tensor(0))), reduction_of(a.text(2))).to(dtype);
        },
    .composite = true,
    .samples = loss_samples,
});

extern const Op poisson_nll_loss_op({
    .signature = "poisson_nll_loss(Tensor input, Tensor target, *, bool log_input=True, bool full=False, float "
                 "eps=1e-08, str reduction='mean') -> Tensor",
    .summary = "Negative log likelihood of counts by Poisson's distribution; full adds Stirling's term.",
    .forward = "y = mean of exp(input) - target * input, or with log_input false input - target * log(input + eps)",
    .dtypes = {numeric_dtypes},
    .compute = compute_poisson,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0, 4)}, {{"full", Scalar(true)}}},
                                       {{uniform({3}, 0.5, 2), uniform({3}, 0, 4)}, {{"log_input", Scalar(false)}}}};
        },
});

extern const Op gaussian_nll_loss_op({
    .signature = "gaussian_nll_loss(Tensor input, Tensor target, Tensor var, *, bool full=False, float eps=1e-06, str "
                 "reduction='mean') -> Tensor",
    .summary = "Negative log likelihood of targets by normal distributions with means input and variances var.",
    .forward = "y = mean of (log(max(var, eps)) + (input - target)^2 / max(var, eps)) / 2",
    .dtypes = {numeric_dtypes},
    .compute = compute_gaussian,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0, 1), uniform({3, 1}, 0.5, 2)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), uniform({3}, 0, 1), uniform({3}, -2, -1)}, {}, "var has negative entry/entries"}};
        },
});

extern const Op cosine_embedding_loss_op({
    .signature = "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, *, float margin=0.0, str "
                 "reduction='mean') -> Tensor",
    .summary = "1 minus the cosine where the target is 1, the cosine above a margin where it is -1.",
    .forward = "y = mean of 1 - cos where target = 1, max(0, cos - margin) where target = -1",
    .compute = compute_cosine_embedding,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}), uniform({3, 4}, 0, 1), sub(to(indices({3}, 2), Dtype::float64) * 2, 1)}}};
        },
});

extern const Op triplet_margin_loss_op({
    .signature = "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, *, float margin=1.0, float "
                 "p=2.0, float eps=1e-06, bool swap=False, str reduction='mean') -> Tensor",
    .summary = "Penalty for an anchor that is not nearer to the positive than to the negative by a margin.",
    .forward = "y = mean of max(0, |anchor - positive| - |anchor - negative| + margin)",
    .dtypes = {numeric_dtypes},
    .compute = compute_triplet,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0, 1), uniform({3, 4}, 1, 2)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, bool full, double eps,
                         std::string_view reduction) {
    return call(ops::gaussian_nll_loss_op, {input, target, var, full, eps, reduction});
}
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, bool log_input, bool full, double eps,
                        std::string_view reduction) {
    return call(ops::poisson_nll_loss_op, {input, target, log_input, full, eps, reduction});
}
Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                           std::string_view reduction) {
    return call(ops::margin_ranking_loss_op, {input1, input2, target, margin, reduction});
}
Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, double margin, std::string_view reduction) {
    return call(ops::hinge_embedding_loss_op, {input, target, margin, reduction});
}
Tensor soft_margin_loss(const Tensor& input, const Tensor& target, std::string_view reduction) {
    return call(ops::soft_margin_loss_op, {input, target, reduction});
}
Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                             std::string_view reduction) {
    return call(ops::cosine_embedding_loss_op, {input1, input2, target, margin, reduction});
}
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginOptions& o) {
    return call(ops::triplet_margin_loss_op, {anchor, positive, negative, o.margin, o.p, o.eps, o.swap, o.reduction});
}

} // namespace hs
