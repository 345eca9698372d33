#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"
#include "engine/tensor/warning.h"

namespace hs::ops {

extern const Op binary_cross_entropy_primitive_op, binary_cross_entropy_with_logits_primitive_op, xlogy_op;

namespace {

std::string size_text(const Tensor& x) {
    return "(torch.Size(" + to_string(x.shape()) + "))";
}

Tensor weighted(const Tensor& losses, const Tensor& weight) {
    return weight.defined() ? losses * weight : losses;
}

Tensor compute_probabilities(const Arguments& a) {
    const Tensor &x = a.tensor(0), &target = a.tensor(1);
    if (target.dtype() != x.dtype())
        throw Error("Found dtype " + std::string(scalar_type_name(target.dtype())) + " but expected " +
                    std::string(scalar_type_name(x.dtype())));
    if (x.numel() > 0 && !(min(x).item<double>() >= 0 && max(x).item<double>() <= 1))
        throw Error("all elements of input should be between 0 and 1");
    // The logarithms are kept above -100, so that a wrong certainty costs no infinity.
    const Tensor losses = neg(target * clamp_min(log(x), -100) + (1 - target) * clamp_min(log1p(neg(x)), -100));
    return reduced(weighted(losses, a.optional_tensor(2)), a.integer(3));
}

Tensor compute_logits(const Arguments& a) {
    const Tensor &x = a.tensor(0), &target = a.tensor(1);
    const Tensor positive = a.optional_tensor(3);
    const Tensor logarithm = logsigmoid(x);
    const Tensor factor = positive.defined() ? (positive - 1) * target + 1 : Tensor();
    const Tensor losses = (1 - target) * x - (factor.defined() ? logarithm * factor : logarithm);
    return reduced(weighted(losses, a.optional_tensor(2)), a.integer(4));
}

void backward_probabilities(const Saved& saved, Gradients& g) {
    const Tensor x = saved.tensor("self"), target = saved.tensor("target");
    const Tensor grad = weighted(spread(g[0], x.shape(), saved.integer("reduction")), saved.tensor("weight"));
    if (g.needs(0)) g.set(0, grad * (x - target) / clamp_min(x * (1 - x), 1e-12));
    if (g.needs(1)) g.set(1, grad * (clamp_min(log1p(neg(x)), -100) - clamp_min(log(x), -100)));
}

void backward_logits(const Saved& saved, Gradients& g) {
    const Tensor x = saved.tensor("self"), target = saved.tensor("target");
    const Tensor positive = saved.tensor("pos_weight");
    const Shape shape = broadcast_shapes(x.shape(), target.shape());
    const Tensor grad = weighted(spread(g[0], shape, saved.integer("reduction")), saved.tensor("weight"));
    const Tensor s = sigmoid(x);
    if (!positive.defined()) {
        if (g.needs(0)) g.set(0, grad * (s - target));
        if (g.needs(1)) g.set(1, grad * neg(x));
        return;
    }
    const Tensor factor = (positive - 1) * target + 1;
    if (g.needs(0)) g.set(0, grad * ((1 - target) - factor * (1 - s)));
    if (g.needs(1)) g.set(1, grad * (neg(x) - (positive - 1) * logsigmoid(x)));
}

/// Elementwise term of kl_div; x log x is 0 at 0.
Tensor divergence(const Tensor& input, const Tensor& target, bool log_target) {
    if (log_target) return exp(target) * (target - input);
    return call(xlogy_op, {target, target}) - target * input;
}

Tensor compute_kl_div(const Arguments& a) {
    const Tensor &input = a.tensor(0), &target = a.tensor(1);
    const std::string_view reduction = a.text(2);
    const Tensor terms = divergence(input, target, a.boolean(3));
    if (reduction == "mean")
        warn("reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides "
             "only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the "
             "same as 'batchmean' in the next major release.");
    if (reduction == "batchmean") return sum(terms) / static_cast<double>(input.dim() == 0 ? 1 : input.size(0));
    return reduced(terms, reduction_of(reduction));
}

} // namespace

extern const Op binary_cross_entropy_primitive_op({
    .signature = "_binary_cross_entropy(Tensor self, Tensor target, Tensor? weight, int reduction) -> Tensor",
    .summary = "Cross entropy of probabilities and targets between 0 and 1; reduction 0 is none, 1 mean, 2 sum.",
    .forward = "y = mean of -weight * (target * log(self) + (1 - target) * log(1 - self))",
    .gradients = {{"self", "dL/dself = dL/dy * weight * (self - target) / (self (1 - self)) / n"},
                  {"target", "dL/dtarget = dL/dy * weight * (log(1 - self) - log(self)) / n"}},
    .dtypes = {floating_dtypes, "binary_cross_entropy"},
    .wide = Wide::halves,
    .compute = compute_probabilities,
    .saves = {{"self"}, {"target"}, {"weight"}, {"reduction"}},
    .backward = backward_probabilities,
    .node = "BinaryCrossEntropy",
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}, 0.1, 0.9), uniform({3, 4}, 0.1, 0.8), uniform({4}, 0.5, 1), Scalar(1)}},
                {{uniform({3}, 0.1, 0.9), uniform({3}, 0.1, 0.8), Argument(), Scalar(0)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{full({3}, 2, {.dtype = Dtype::float64}), uniform({3}, 0, 1), Argument(), Scalar(1)},
                 {},
                 "all elements of input should be between 0 and 1"}};
        },
});

extern const Op binary_cross_entropy_with_logits_primitive_op({
    .signature =
        "_binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight, Tensor? pos_weight, int "
        "reduction) -> Tensor",
    .summary = "Cross entropy of logits and targets between 0 and 1; reduction 0 is none, 1 mean, 2 sum.",
    .forward =
        "y = mean of -weight * (pos_weight * target * log(s) + (1 - target) * log(1 - s)) with s = sigmoid(self)",
    .gradients = {{"self", "dL/dself = dL/dy * weight * (1 - target - (1 + (pos_weight - 1) target) (1 - s)) / n"},
                  {"target", "dL/dtarget = dL/dy * weight * (-self - (pos_weight - 1) log(s)) / n"}},
    .dtypes = {floating_dtypes, "log_sigmoid_cpu"},
    .wide = Wide::halves,
    .compute = compute_logits,
    .saves = {{"self"}, {"target"}, {"weight"}, {"pos_weight"}, {"reduction"}},
    .backward = backward_logits,
    .node = "BinaryCrossEntropyWithLogits",
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}), uniform({3, 4}, 0, 1), uniform({4}, 0.5, 1), uniform({4}, 0.5, 2), Scalar(1)}},
                {{uniform({3}), uniform({3}, 0, 1), Argument(), Argument(), Scalar(0)}}};
        },
});

extern const Op binary_cross_entropy_op({
    .signature = "binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, str reduction='mean') -> "
                 "Tensor",
    .summary = "Cross entropy of probabilities and targets between 0 and 1.",
    .forward = "y = mean of -weight * (target * log(input) + (1 - target) * log(1 - input))",
    .dtypes = {floating_dtypes, "binary_cross_entropy"},
    .compute =
        [](const Arguments& a) {
            const Tensor &input = a.tensor(0), &target = a.tensor(1);
            const std::int64_t reduction = reduction_of(a.text(3));
            if (input.shape() != target.shape())
                throw ValueError("Using a target size " + size_text(target) + " that is different to the input size " +
                                 size_text(input) + " is deprecated. Please ensure they have the same size.");
            return call(binary_cross_entropy_primitive_op, {input, target, a[2], reduction});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}, 0.1, 0.9), uniform({3, 4}, 0.1, 0.8)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}, 0, 1), uniform({2, 3}, 0, 1)},
                 {},
                 "Using a target size (torch.Size([2, 3])) that is different to the input size (torch.Size([3])) is "
                 "deprecated. Please ensure they have the same size."}};
        },
});

extern const Op binary_cross_entropy_with_logits_op({
    .signature = "binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, str "
                 "reduction='mean', Tensor? pos_weight=None) -> Tensor",
    .summary = "Cross entropy of logits and targets between 0 and 1.",
    .forward =
        "y = mean of -weight * (pos_weight * target * log(s) + (1 - target) * log(1 - s)) with s = sigmoid(input)",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor &input = a.tensor(0), &target = a.tensor(1);
            const std::int64_t reduction = reduction_of(a.text(3));
            if (input.shape() != target.shape())
                throw ValueError("Target size " + size_text(target) + " must be the same as input size " +
                                 size_text(input));
            return call(binary_cross_entropy_with_logits_primitive_op, {input, target, a[2], a[4], reduction});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({3, 4}, 0.1, 0.8)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), uniform({2, 3})},
                 {},
                 "Target size (torch.Size([2, 3])) must be the same as input size (torch.Size([3]))"}};
        },
});

extern const Op kl_div_op({
    .signature = "kl_div(Tensor input, Tensor target, *, str reduction='mean', bool log_target=False) -> Tensor",
    .summary = "Kullback-Leibler divergence of log probabilities from probabilities (or, with log_target, their logs).",
    .forward = "y = mean of target * (log(target) - input)",
    .dtypes = {floating_dtypes, "kl_div: Integral inputs not supported."},
    .compute = compute_kl_div,
    .composite = true,
    .samples =
        [] {
            const Tensor x = uniform({3, 4}), target = uniform({3, 4}, 0.1, 0.9);
            return std::vector<Sample>{{{x, target}, {{"reduction", std::string("batchmean")}}},
                                       {{x, x}, {{"log_target", Scalar(true)}, {"reduction", std::string("sum")}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3}), uniform({3}, 0, 1)},
                                             {{"reduction", std::string("foo")}},
                                             "foo is not a valid value for reduction"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                            std::string_view reduction) {
    return call(ops::binary_cross_entropy_op, {input, target, weight, reduction});
}
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        std::string_view reduction, const Tensor& pos_weight) {
    return call(ops::binary_cross_entropy_with_logits_op, {input, target, weight, reduction, pos_weight});
}
Tensor kl_div(const Tensor& input, const Tensor& target, std::string_view reduction, bool log_target) {
    return call(ops::kl_div_op, {input, target, reduction, log_target});
}

} // namespace hs
