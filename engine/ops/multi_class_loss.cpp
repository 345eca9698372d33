#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// [classes] as a batch of one.
Tensor batch(const Tensor& x) {
    return x.dim() < 2 ? reshape(x, {1, x.numel()}) : x;
}

void check_indices(const Tensor& target, std::int64_t least, std::int64_t classes) {
    for (const std::int64_t index : target.to_vector<std::int64_t>())
        if (index < least || index >= classes) throw Error("target out of range");
}

/// One loss an item; without a batch dimension, a single number.
Tensor reduced_items(const Tensor& losses, const Tensor& input, std::string_view reduction) {
    return reduced(input.dim() < 2 ? reshape(losses, {}) : losses, reduction_of(reduction));
}

Tensor compute_multi_margin(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1), weight = a.optional_tensor(4);
    const std::int64_t p = a.integer(2);
    if (p != 1 && p != 2) throw Error("only p == 1 and p == 2 supported");
    if (input.dim() > 2 || input.numel() == 0)
        throw Error("Expected non-empty vector or matrix with optional 0-dim batch size, but got: " +
                    to_string(input.shape()));
    const Tensor x = batch(input);
    const std::int64_t n = x.size(0), classes = x.size(1);
    if (target.dim() > 1 || target.numel() != n)
        throw Error("inconsistent target size, expected " + std::to_string(n) + " but got " +
                    to_string(target.shape()));
    if (weight.defined() && (weight.dim() != 1 || weight.numel() != classes))
        throw Error("inconsistent weight size, expected " + std::to_string(classes) + " but got " +
                    to_string(weight.shape()));
    check_indices(target, 0, classes);
    const Tensor index = reshape(target, {n, 1});
    Tensor losses = relu(a.floating(3) - gather(x, 1, index) + x);
    if (p == 2) losses = square(losses);
    if (weight.defined()) losses = losses * reshape(index_select(weight, 0, reshape(target, {n})), {n, 1});
    losses = scatter(losses, 1, index, Scalar(0)); // the class itself takes no part
    return reduced_items(sum(losses, Dims{1}) / static_cast<double>(classes), input, a.text(5));
}

Tensor compute_multilabel_margin(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1);
    if (input.dim() > 2 || input.numel() == 0)
        throw Error("Expected non-empty vector or matrix with optional 0-dim batch size, but got: " +
                    to_string(input.shape()));
    if (target.shape() != input.shape())
        throw Error("inconsistent target size: " + to_string(target.shape()) +
                    " for input of size: " + to_string(input.shape()));
    const Tensor x = batch(input), wanted = batch(target);
    const std::int64_t n = x.size(0), classes = x.size(1);
    check_indices(wanted, -1, classes);
    // 1 at the places in front of the first -1, and at the classes that they name.
    const Tensor before_end = to(cumprod(to(ge(wanted, 0), Dtype::int64), 1), x.dtype());
    const Tensor index = clamp_min(wanted, 0);
    const Tensor named = clamp_max(scatter_add(zeros(x.shape(), x.options()), 1, index, before_end), 1);
    const Tensor scores = gather(x, 1, index);
    const Tensor losses = relu(1 - unsqueeze(scores, 2) + unsqueeze(x, 1));
    const Tensor counted = unsqueeze(before_end, 2) * unsqueeze(1 - named, 1);
    return reduced_items(reshape(sum(losses * counted, Dims{1, 2}), {n}) / static_cast<double>(classes), input,
                         a.text(2));
}

Tensor compute_multilabel_soft_margin(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1), weight = a.optional_tensor(2);
    Tensor losses = neg(target * logsigmoid(input) + (1 - target) * logsigmoid(neg(input)));
    if (weight.defined()) losses = losses * weight;
    return reduced(mean(losses, Dims{-1}), reduction_of(a.text(3)));
}

} // namespace

extern const Op multi_margin_loss_op({
    .signature =
        "multi_margin_loss(Tensor input, Tensor target, int p=1, float margin=1.0, Tensor? weight=None, *, str "
        "reduction='mean') -> Tensor",
    .summary = "Penalty for classes whose score is not below the target's by a margin.",
    .forward = "y = mean of sum over j of weight[t] * max(0, margin - input[t] + input[j])^p / classes, j not t",
    .dtypes = {floating_dtypes, "multi_margin_loss_forward_cpu_kernel"},
    .compute = compute_multi_margin,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}), indices({3}, 4)}},
                {{uniform({3, 4}), indices({3}, 4), Scalar(2), Scalar(0.5), uniform({4}, 0.5, 1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), indices({3}, 2)}, {}, "inconsistent target size, expected 2 but got [3]"},
                {{uniform({2, 3}), indices({2}, 3), Scalar(3)}, {}, "only p == 1 and p == 2 supported"}};
        },
});

extern const Op multilabel_margin_loss_op({
    .signature = "multilabel_margin_loss(Tensor input, Tensor target, *, str reduction='mean') -> Tensor",
    .summary = "Penalty for classes whose score is not below those of all targets by 1.",
    .forward = "y = mean of sum over i, j of max(0, 1 - input[t[i]] + input[j]) / classes, j no target",
    .dtypes = {floating_dtypes, "multilabel_margin_loss_forward_out_frame"},
    .compute = compute_multilabel_margin,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), indices({3, 4}, 4)}}, {{uniform({4}), indices({4}, 2)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), indices({2}, 3)}, {}, "inconsistent target size: [2] for input of size: [2, 3]"}};
        },
});

extern const Op multilabel_soft_margin_loss_op({
    .signature = "multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight=None, *, str "
                 "reduction='mean') -> Tensor",
    .summary = "Binary cross entropy of logits, averaged over the classes first.",
    .forward = "y = mean of -weight * (target * log(sigmoid(input)) + (1 - target) * log(1 - sigmoid(input)))",
    .dtypes = {floating_dtypes},
    .compute = compute_multilabel_soft_margin,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0, 1)}},
                                       {{uniform({3, 4}), uniform({3, 4}, 0, 1), uniform({4}, 0, 1)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor multi_margin_loss(const Tensor& input, const Tensor& target, std::int64_t p, double margin, const Tensor& weight,
                         std::string_view reduction) {
    return call(ops::multi_margin_loss_op, {input, target, p, margin, weight, reduction});
}
Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, std::string_view reduction) {
    return call(ops::multilabel_margin_loss_op, {input, target, reduction});
}
Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target, const Tensor& weight,
                                   std::string_view reduction) {
    return call(ops::multilabel_soft_margin_loss_op, {input, target, weight, reduction});
}

} // namespace hs
