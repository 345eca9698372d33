#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"
#include "engine/tensor/number_text.h"

namespace hs::ops {

extern const Op nll_loss_forward_op, nll_loss2d_forward_op;

namespace {

struct ClassLoss {
    Tensor weight;
    std::int64_t ignore_index;
    std::int64_t reduction;
};

/// Negative log likelihood for any rank, and the sum of the weights of the targets that count.
Tensors likelihood(const Tensor& x, const Tensor& target, const ClassLoss& loss) {
    const auto run = [&](const Op& op, const Tensor& input, const Tensor& classes) {
        return call_many(op, {input, classes, loss.weight, loss.reduction, loss.ignore_index});
    };
    const std::int64_t rank = x.dim();
    if (rank < 1) throw ValueError("Expected 1 or more dimensions (got " + std::to_string(rank) + ")");
    if (rank != 1 && (target.dim() == 0 || x.size(0) != target.size(0)))
        throw ValueError("Expected input batch_size (" + std::to_string(x.size(0)) + ") to match target batch_size (" +
                         (target.dim() ? std::to_string(target.size(0)) : "0") + ").");
    if (rank <= 2) return run(nll_loss_forward_op, x, target);
    if (rank == 4) return run(nll_loss2d_forward_op, x, target);
    Shape wanted = x.shape();
    wanted.erase(1);
    if (target.shape() != wanted)
        throw Error("Expected target size " + to_string(wanted) + ", got " + to_string(target.shape()));
    const std::int64_t batch = x.size(0);
    const std::int64_t inner = element_count(wanted) / std::max<std::int64_t>(batch, 1);
    Tensors result =
        run(nll_loss2d_forward_op, reshape(x, {batch, x.size(1), 1, inner}), reshape(target, {batch, 1, inner}));
    if (loss.reduction == 0) result[0] = view(result[0], wanted);
    return result;
}

/// `weight` [c] in a shape that broadcasts along the class dimension of x.
Tensor along_classes(const Tensor& weight, const Tensor& x, std::int64_t class_dim) {
    Shape shape(x.shape().size(), 1);
    shape[static_cast<std::size_t>(class_dim)] = weight.numel();
    return view(weight, shape);
}

Tensor with_probabilities(const Tensor& x, const Tensor& given, const ClassLoss& loss, double smoothing) {
    if (!is_floating_point(given.dtype()))
        throw Error("Expected floating point type for target with class probabilities, got " +
                    std::string(scalar_type_name(given.dtype())));
    if (loss.ignore_index >= 0) throw Error("ignore_index is not supported for floating point target");
    const std::int64_t class_dim = x.dim() == 1 ? 0 : 1;
    const std::int64_t classes = x.size(class_dim);
    if (loss.weight.defined() && (loss.weight.dim() != 1 || loss.weight.numel() != classes))
        throw Error("cross_entropy: weight tensor should be defined either for all " + std::to_string(classes) +
                    " classes or no classes but got weight tensor of shape: " + to_string(loss.weight.shape()));
    const Tensor logarithms = log_softmax(x, class_dim);
    const Tensor target = smoothing > 0 ? given * (1 - smoothing) + smoothing / static_cast<double>(classes) : given;
    Tensor products = logarithms * target;
    if (loss.weight.defined()) products = products * along_classes(loss.weight, x, class_dim);
    if (loss.reduction == 0) return neg(sum(products, Dims{class_dim}));
    const Tensor total = neg(sum(products));
    if (loss.reduction == 2) return total;
    return total / (static_cast<double>(x.numel()) / static_cast<double>(classes));
}

/// (1 - smoothing) times the likelihood plus smoothing times the mean over all classes.
Tensor smoothed_likelihood(const Tensor& logarithms, const Tensor& target, const ClassLoss& loss, double smoothing) {
    const Tensors hard = likelihood(logarithms, target, loss);
    const std::int64_t class_dim = logarithms.dim() == 1 ? 0 : 1;
    const auto classes = static_cast<double>(logarithms.size(class_dim));
    const Tensor weighted =
        loss.weight.defined() ? logarithms * along_classes(loss.weight, logarithms, class_dim) : logarithms;
    Tensor smooth = masked_fill(neg(sum(weighted, Dims{class_dim})), eq(target, loss.ignore_index), 0);
    if (loss.reduction != 0) smooth = sum(smooth);
    if (loss.reduction == 1) smooth = smooth / hard[1];
    return hard[0] * (1 - smoothing) + smooth * (smoothing / classes);
}

void check_smoothing(double smoothing) {
    if (smoothing < 0 || smoothing > 1)
        throw Error("label_smoothing must be between 0.0 and 1.0. Got: " + stream_text(smoothing));
}

Tensor compute_nll(const Arguments& a) {
    return likelihood(a.tensor(0), a.tensor(1), {a.optional_tensor(2), a.integer(3), reduction_of(a.text(4))})[0];
}

Tensor compute_cross_entropy(const Arguments& a) {
    const Tensor &x = a.tensor(0), &target = a.tensor(1);
    const ClassLoss loss{a.optional_tensor(2), a.integer(3), reduction_of(a.text(4))};
    const double smoothing = a.floating(5);
    check_smoothing(smoothing);
    if (x.shape() == target.shape()) return with_probabilities(x, target, loss, smoothing);
    const Tensor logarithms = log_softmax(x, x.dim() == 1 ? 0 : 1);
    if (smoothing > 0) return smoothed_likelihood(logarithms, target, loss, smoothing);
    return likelihood(logarithms, target, loss)[0];
}

std::vector<Sample> class_samples() {
    return {
        {{uniform({4, 3}), indices({4}, 3)}},
        {{uniform({3}), indices({}, 3)}},
        {{uniform({2, 3, 4}), indices({2, 4}, 3)}, {{"weight", uniform({3}, 0.2, 1)}}},
        {{uniform({2, 3, 2, 2}), indices({2, 2, 2}, 3)}, {{"reduction", std::string("none")}}},
        {{uniform({2, 3, 4}), indices({2, 4}, 3)}, {{"reduction", std::string("sum")}, {"ignore_index", Scalar(1)}}}};
}

std::vector<ErrorSample> index_errors() {
    return {{{uniform({2, 3}), zeros({3}, {.dtype = Dtype::int64})},
             {},
             "Expected input batch_size (2) to match target batch_size (3)."},
            {{uniform({2, 3}), uniform({2})}, {}, "expected scalar type Long but found Double"},
            {{uniform({2, 3}), full({2}, 3, {.dtype = Dtype::int64})}, {}, "Target 3 is out of bounds."},
            {{uniform({2, 3}), zeros({2}, {.dtype = Dtype::int64})},
             {{"reduction", std::string("foo")}},
             "foo is not a valid value for reduction"}};
}

} // namespace

extern const Op nll_loss_op({
    .signature = "nll_loss(Tensor input, Tensor target, Tensor? weight=None, int ignore_index=-100, str "
                 "reduction='mean') -> Tensor",
    .summary = "Negative log likelihood of class indices; input holds log probabilities.",
    .forward = "y = mean of -weight[t_n] * input[n, t_n]",
    .gradients = {{"input", "dL/dinput[n, t_n] = -dL/dy * weight[t_n] / sum of the weights"}},
    .dtypes = {floating_dtypes},
    .compute = compute_nll,
    .composite = true,
    .samples = class_samples,
    .errors = index_errors,
});

extern const Op cross_entropy_op({
    .signature = "cross_entropy(Tensor input, Tensor target, Tensor? weight=None, int ignore_index=-100, str "
                 "reduction='mean', float label_smoothing=0.0) -> Tensor",
    .summary = "Cross entropy between logits and class indices or class probabilities.",
    .forward = "y = mean of -weight[t_n] * log_softmax(input)[n, t_n]",
    .gradients = {{"input", "dL/dinput = dL/dy * (softmax(input) - one_hot(t)) / n"}},
    .dtypes = {floating_dtypes},
    .compute = compute_cross_entropy,
    .composite = true,
    .samples =
        [] {
            std::vector<Sample> samples = class_samples();
            samples.push_back({{uniform({4, 3}), uniform({4, 3}, 0, 1)}});
            samples.push_back({{uniform({4, 3}), uniform({4, 3}, 0, 1), uniform({3}, 0.2, 1)},
                               {{"label_smoothing", Scalar(0.2)}, {"reduction", std::string("none")}}});
            samples.push_back({{uniform({4, 3}), indices({4}, 3)}, {{"label_smoothing", Scalar(0.1)}}});
            return samples;
        },
    .errors = index_errors,
});

} // namespace hs::ops

namespace hs {

Tensor nll_loss(const Tensor& input, const Tensor& target, const ClassLossOptions& options) {
    return call(ops::nll_loss_op, {input, target, options.weight, options.ignore_index, options.reduction});
}
Tensor cross_entropy(const Tensor& input, const Tensor& target, const ClassLossOptions& options) {
    return call(ops::cross_entropy_op,
                {input, target, options.weight, options.ignore_index, options.reduction, options.label_smoothing});
}

} // namespace hs
