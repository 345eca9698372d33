#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"

#include <cmath>
#include <limits>

/// Connectionist temporal classification: A. Graves et al., ICML 2006. All is computed in float64.
namespace hs::ops {

extern const Op ctc_loss_primitive_op, ctc_loss_backward_op;

namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();
constexpr const char* place = " (while checking arguments for ctc_loss_allocate_outputs)";

/// log(exp(a) + exp(b) + exp(c)).
double log_sum(double a, double b, double c = impossible) {
    const double greatest = std::max({a, b, c});
    if (greatest == impossible) return impossible;
    return greatest + std::log(std::exp(a - greatest) + std::exp(b - greatest) + std::exp(c - greatest));
}

/// The arguments, checked, as numbers.
struct Sequences {
    Sequences(const Tensor& given, const Tensor& targets, const Dims& input, const Dims& target, std::int64_t blank);

    /// The label at place s of item n's target with blanks around and between its labels.
    std::int64_t label(std::int64_t n, std::int64_t s) const {
        return s % 2 == 0 ? blank
                          : labels[static_cast<std::size_t>(starts[static_cast<std::size_t>(n)] + s / 2 * label_step)];
    }
    std::int64_t places(std::int64_t n) const { return 2 * target_lengths[static_cast<std::size_t>(n)] + 1; }
    std::int64_t steps_of(std::int64_t n) const { return input_lengths[static_cast<std::size_t>(n)]; }
    double log_probability(std::int64_t t, std::int64_t n, std::int64_t c) const {
        return values[static_cast<std::size_t>((t * batch + n) * classes + c)];
    }
    /// Whether place s may follow s - 2: another label, not a blank.
    bool skips(std::int64_t n, std::int64_t s) const { return s > 1 && s % 2 == 1 && label(n, s) != label(n, s - 2); }

    std::int64_t steps, batch, classes, blank, label_step = 1, longest = 0;
    std::vector<double> values;
    std::vector<std::int64_t> labels, starts;
    Dims input_lengths, target_lengths;
};

Sequences::Sequences(const Tensor& given, const Tensor& targets, const Dims& input, const Dims& target,
                     std::int64_t given_blank)
    : blank(given_blank), input_lengths(input), target_lengths(target) {
    if (given.dim() != 3)
        throw Error("Expected 3-dimensional tensor, but got " + std::to_string(given.dim()) +
                    "-dimensional tensor for argument #1 'log_probs'" + place);
    if (targets.dim() < 1 || targets.dim() > 2)
        throw Error("Expected 1 to 2 dimensions, but got " + std::to_string(targets.dim()) +
                    "-dimensional tensor for argument #2 'targets'" + place);
    steps = given.size(0);
    batch = given.size(1);
    classes = given.size(2);
    if (blank < 0 || blank >= classes) throw Error("blank must be in label range");
    if (static_cast<std::int64_t>(input.size()) != batch) throw Error("input_lengths must be of size batch_size");
    if (static_cast<std::int64_t>(target.size()) != batch) throw Error("target_lengths must be of size batch_size");
    if (targets.dim() == 2 && targets.size(0) != batch)
        throw Error("Expected tensor to have size " + std::to_string(batch) + " at dimension 0, but got size " +
                    std::to_string(targets.size(0)) + " for argument #2 'targets'" + place);
    std::int64_t total = 0;
    for (const std::int64_t length : target) {
        if (length < 0)
            throw Error("Expected target_lengths to have value at least 0, but got value " + std::to_string(length) +
                        place);
        starts.push_back(targets.dim() == 1 ? total : static_cast<std::int64_t>(starts.size()) * targets.size(-1));
        if (__builtin_add_overflow(total, length, &total)) throw Error("target_lengths are too large");
        longest = std::max(longest, length);
    }
    const std::int64_t wanted = targets.dim() == 1 ? total : longest, dim = targets.dim() == 1 ? 0 : 1;
    if (targets.dim() == 1 ? targets.size(0) != total : targets.size(1) < longest)
        throw Error(std::string("Expected tensor to have size ") + (dim == 1 ? "at least " : "") +
                    std::to_string(wanted) + " at dimension " + std::to_string(dim) + ", but got size " +
                    std::to_string(targets.size(dim)) + " for argument #2 'targets'" + place);
    for (const std::int64_t length : input) {
        if (length < 0)
            throw Error("Expected input_lengths to have value at least 0, but got value " + std::to_string(length) +
                        place);
        if (length > steps)
            throw Error("Expected input_lengths to have value at most " + std::to_string(steps) + ", but got value " +
                        std::to_string(length) + place);
    }
    values = given.to_vector<double>();
    labels = targets.to_vector<std::int64_t>();
    for (std::int64_t n = 0; n < batch; ++n) // what pads a target may be anything
        for (std::int64_t s = 1; s < places(n); s += 2)
            if (label(n, s) < 0 || label(n, s) >= classes)
                throw IndexError("target " + std::to_string(label(n, s)) + " is no class");
}

/// log_alpha[n, t, s]: the log-probability of all beginnings that are at place s after step t.
Tensors compute_ctc(const Arguments& a) {
    const Sequences q(a.tensor(0), a.tensor(1), a.integers(2), a.integers(3), a.integer(4));
    const std::int64_t width = 2 * q.longest + 1;
    const Tensor alphas = full({q.batch, q.steps, width}, impossible, {.dtype = Dtype::float64});
    const Tensor losses = empty({q.batch}, {.dtype = Dtype::float64});
    auto* loss = losses.mutable_data<double>();
    auto* all = alphas.mutable_data<double>();
    for (std::int64_t n = 0; n < q.batch; ++n) {
        const std::int64_t places = q.places(n), length = q.steps_of(n);
        double* alpha = all + n * q.steps * width;
        if (length == 0) {
            loss[n] = places == 1 ? 0 : -impossible;
            continue;
        }
        for (std::int64_t s = 0; s < std::min<std::int64_t>(places, 2); ++s)
            alpha[s] = q.log_probability(0, n, q.label(n, s));
        for (std::int64_t t = 1; t < length; ++t) {
            const double* before = alpha + (t - 1) * width;
            for (std::int64_t s = 0; s < places; ++s)
                alpha[t * width + s] =
                    log_sum(before[s], s > 0 ? before[s - 1] : impossible, q.skips(n, s) ? before[s - 2] : impossible) +
                    q.log_probability(t, n, q.label(n, s));
        }
        const double* last = alpha + (length - 1) * width;
        loss[n] = -log_sum(last[places - 1], places > 1 ? last[places - 2] : impossible);
    }
    return {losses.to(a.tensor(0).dtype()), alphas};
}

/// The gradient of log_probs, which are taken for a log-softmax: exp(log_probs) is part of it.
Tensor compute_ctc_backward(const Arguments& a) {
    const Tensor& given = a.tensor(1);
    const Sequences q(given, a.tensor(2), a.integers(3), a.integers(4), a.integer(7));
    const std::vector<double> grad = a.tensor(0).to_vector<double>(), loss = a.tensor(5).to_vector<double>();
    const Tensor alphas = contiguous(a.tensor(6).to(Dtype::float64));
    const auto* all = alphas.data<double>();
    const std::int64_t width = 2 * q.longest + 1;
    if (std::ssize(grad) != q.batch || std::ssize(loss) != q.batch || alphas.shape() != Shape{q.batch, q.steps, width})
        throw Error("_ctc_loss_backward: the sizes of grad, neg_log_likelihood and log_alpha do not fit log_probs");
    const Tensor result = zeros(given.shape(), {.dtype = Dtype::float64});
    auto* to = result.mutable_data<double>();
    for (std::int64_t n = 0; n < q.batch; ++n) {
        const std::int64_t places = q.places(n), length = q.steps_of(n);
        const double whole = loss[static_cast<std::size_t>(n)];
        if (length == 0 || (a.boolean(8) && std::isinf(whole))) continue;
        const double* alpha = all + n * q.steps * width;
        std::vector<double> beta(static_cast<std::size_t>(places)), after, of_class;
        for (std::int64_t t = length; t-- > 0;) {
            after = beta;
            of_class.assign(static_cast<std::size_t>(q.classes), impossible);
            for (std::int64_t s = 0; s < places; ++s) {
                const auto next = [&](std::int64_t i) { return after[static_cast<std::size_t>(i)]; };
                const std::int64_t label = q.label(n, s);
                double& here = beta[static_cast<std::size_t>(s)];
                if (t == length - 1)
                    here = s >= places - 2 ? 0 : impossible;
                else
                    here = log_sum(next(s), s + 1 < places ? next(s + 1) : impossible,
                                   s + 2 < places && q.skips(n, s + 2) ? next(s + 2) : impossible);
                here += q.log_probability(t, n, label);
                double& sum = of_class[static_cast<std::size_t>(label)];
                sum = log_sum(sum, alpha[t * width + s] + here);
            }
            for (std::int64_t c = 0; c < q.classes; ++c) {
                const double p = q.log_probability(t, n, c);
                to[(t * q.batch + n) * q.classes + c] =
                    (std::exp(p) - std::exp(of_class[static_cast<std::size_t>(c)] + whole - p)) *
                    grad[static_cast<std::size_t>(n)];
            }
        }
    }
    return result.to(given.dtype());
}

Dims lengths_of(const Tensor& lengths, const char* name) {
    if (is_floating_point(lengths.dtype())) throw Error(std::string(name) + " must be integral");
    const std::vector<std::int64_t> values = lengths.to_vector<std::int64_t>();
    return {std::span(values)};
}

Tensor reduced_ctc(const Arguments& a, const Dims& input_lengths, const Dims& target_lengths) {
    const std::int64_t reduction = reduction_of(a.text(5));
    const bool is_batch = a.tensor(0).dim() == 3;
    const Tensor log_probs = is_batch ? a.tensor(0) : unsqueeze(a.tensor(0), 1);
    const Tensor targets = is_batch ? a.tensor(1) : unsqueeze(a.tensor(1), 0);
    Tensor losses =
        call_many(ctc_loss_primitive_op, {log_probs, targets, input_lengths, target_lengths, a[4], a[6]})[0];
    if (a.boolean(6)) losses = where(isinf(losses), Scalar(0), losses);
    if (reduction == 1) {
        Tensor counts = empty({static_cast<std::int64_t>(target_lengths.size())}, losses.options());
        counts = from_data(target_lengths.begin(), counts.shape(), losses.options());
        return mean(losses / clamp_min(counts, 1));
    }
    if (reduction == 2) return sum(losses);
    return is_batch ? losses : squeeze(losses, 0);
}

/// [steps, batch, classes] of log-probabilities, and targets.
std::vector<Argument> sequences_sample() {
    const Tensor targets =
        reshape(tensor(std::vector<std::int64_t>{1, 2, 2, 1, 1, 0}, {.dtype = Dtype::int64}), {2, 3});
    return {log_softmax(uniform({5, 2, 4}), 2), targets};
}

std::vector<Argument> with(std::vector<Argument> arguments, std::initializer_list<Argument> more) {
    arguments.insert(arguments.end(), more);
    return arguments;
}

Argument lengths(std::initializer_list<std::int64_t> values) {
    return tensor(std::vector<std::int64_t>(values), {.dtype = Dtype::int64});
}

std::vector<ErrorSample> length_errors() {
    const auto call_of = [](const Argument& input, const Argument& target) {
        return with(sequences_sample(), {input, target});
    };
    return {{call_of(lengths({5, 5}), lengths({3, 2})), {{"blank", Scalar(7)}}, "blank must be in label range"},
            {call_of(lengths({5}), lengths({3, 2})), {}, "input_lengths must be of size batch_size"},
            {call_of(lengths({6, 5}), lengths({3, 2})),
             {},
             "Expected input_lengths to have value at most 5, but got value 6 (while checking arguments for "
             "ctc_loss_allocate_outputs)"},
            {call_of(lengths({5, 5}), lengths({4, 2})),
             {},
             "Expected tensor to have size at least 4 at dimension 1, but got size 3 for argument #2 'targets' (while "
             "checking arguments for ctc_loss_allocate_outputs)"}};
}

constexpr const char* note = "the gradient of PyTorch's kernel is that of the logits below a log-softmax, not of "
                             "log_probs by themselves";

} // namespace

extern const Op ctc_loss_primitive_op({
    .signature = "_ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank=0, "
                 "bool zero_infinity=False) -> (Tensor, Tensor)",
    .summary = "The CTC loss of each item, and the log-probabilities of the beginnings of all paths.",
    .forward = "y[n] = -log(sum over the paths that give targets[n] of the product of exp(log_probs[t, n, path[t]]))",
    .gradients = {{"log_probs", "dL/dlog_probs[t, n, c] = dL/dy[n] * (exp(log_probs[t, n, c]) - share of the paths "
                                "that are at c after t)"}},
    .dtypes = {precise_dtypes, "ctc_loss_cpu"},
    .compute_many = compute_ctc,
    .saves = {{"log_probs"},
              {"targets"},
              {"input_lengths"},
              {"target_lengths"},
              {"result0"},
              {"result1"},
              {"blank"},
              {"zero_infinity"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(ctc_loss_backward_op,
                          {g[0], saved.tensor("log_probs"), saved.tensor("targets"), saved.argument("input_lengths"),
                           saved.argument("target_lengths"), saved.result(0), saved.result(1), saved.argument("blank"),
                           saved.argument("zero_infinity")}));
        },
    .node = "CtcLoss",
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{{with(sequences_sample(), {Dims{5, 4}, Dims{3, 2}})},
                                       {with(sequences_sample(), {Dims{5, 3}, Dims{2, 0}})}};
        },
    .check_gradient = false,
    .note = note,
});

extern const Op ctc_loss_backward_op({
    .signature = "_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, int[] input_lengths, int[] "
                 "target_lengths, Tensor neg_log_likelihood, Tensor log_alpha, int blank=0, bool zero_infinity=False) "
                 "-> Tensor",
    .summary = "Gradient of the CTC loss by log_probs.",
    .forward = "dlog_probs[t, n, c] = grad[n] * (exp(log_probs[t, n, c]) - share of the paths that are at c after t)",
    .gradients = {{"grad", "not implemented, as in PyTorch"}},
    .compute = compute_ctc_backward,
    .backward =
        [](const Saved&, Gradients&) {
            throw NotImplementedError("the derivative for '_ctc_loss_backward' is not implemented.");
        },
    .samples =
        [] {
            const std::vector<Argument> given = with(sequences_sample(), {Dims{5, 4}, Dims{3, 2}});
            std::vector<ArgumentRef> references;
            references.reserve(given.size());
            for (const Argument& argument : given)
                references.push_back(argument.ref());
            const Tensors results = call_many(ctc_loss_primitive_op, references);
            std::vector<Argument> arguments = with({uniform({2})}, {});
            arguments.insert(arguments.end(), given.begin(), given.end());
            return std::vector<Sample>{{with(arguments, {results[0], results[1]})}};
        },
    .check_gradient = false,
    .note = "has no derivative in PyTorch",
});

extern const Op ctc_loss_op({
    .signature = "ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int "
                 "blank=0, str reduction='mean', bool zero_infinity=False) -> Tensor",
    .summary = "Connectionist temporal classification loss of log_probs [steps, batch, classes]; the mean divides each "
               "loss by the length of its target first.",
    .forward = "y = mean of -log(probability of targets[n]) / target_lengths[n]",
    .gradients = {{"log_probs", "as _ctc_loss"}},
    .dtypes = {precise_dtypes, "ctc_loss_cpu"},
    .compute =
        [](const Arguments& a) {
            return reduced_ctc(a, lengths_of(a.tensor(2), "input_lengths"), lengths_of(a.tensor(3), "target_lengths"));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{with(sequences_sample(), {lengths({5, 4}), lengths({3, 2})})},
                                       {with(sequences_sample(), {lengths({2, 4}), lengths({3, 2})}),
                                        {{"reduction", std::string("sum")}, {"zero_infinity", Scalar(true)}}}};
        },
    .errors = length_errors,
    .check_gradient = false,
    .note = note,
});

extern const Op ctc_loss_lists_op({
    .signature = "ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int "
                 "blank=0, str reduction='mean', bool zero_infinity=False) -> Tensor",
    .summary = "ctc_loss with the lengths as numbers.",
    .forward = "y = mean of -log(probability of targets[n]) / target_lengths[n]",
    .gradients = {{"log_probs", "as _ctc_loss"}},
    .dtypes = {precise_dtypes, "ctc_loss_cpu"},
    .compute = [](const Arguments& a) { return reduced_ctc(a, a.integers(2), a.integers(3)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{with(sequences_sample(), {Dims{5, 4}, Dims{3, 2}})},
                                       {{log_softmax(uniform({5, 4}), 1), indices({2}, 3), Dims{5}, Dims{2}},
                                        {{"blank", Scalar(3)}, {"reduction", std::string("none")}}}};
        },
    .check_gradient = false,
    .note = note,
});

} // namespace hs::ops

namespace hs {

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcLossOptions& o) {
    return call(ops::ctc_loss_op,
                {log_probs, targets, input_lengths, target_lengths, o.blank, o.reduction, o.zero_infinity});
}

} // namespace hs
