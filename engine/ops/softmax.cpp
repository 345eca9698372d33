#include "engine/kernels/neural.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op softmax_backward_op, log_softmax_backward_op;

namespace {

template <bool logarithm>
Tensor compute_softmax(const Arguments& a) {
    const Dtype dtype = a.optional_dtype(2).value_or(a.tensor(0).dtype());
    const Tensor x = prepared(a.tensor(0), dtype, a.tensor(0).shape());
    const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
    const Tensor y = empty(x.shape(), x.options());
    neural_kernels_of(x).softmax(x, dim, logarithm, y);
    return y;
}

template <bool logarithm>
Tensor compute_backward(const Arguments& a) {
    const Tensor& result = a.tensor(1);
    const Tensor dx = empty(result.shape(), result.options());
    neural_kernels_of(result).softmax_backward(a.tensor(0), result, wrap_dim(a.integer(2), a.tensor(0).shape().size()),
                                               logarithm, dx);
    return dx;
}

Dims wrapped(const Saved& saved, const Tensor& tensor) {
    return {static_cast<std::int64_t>(wrap_dim(saved.integer("dim"), tensor.shape().size()))};
}

std::vector<Sample> softmax_samples() {
    return {{{uniform({3, 4}), Scalar(1)}},
            {{uniform({3, 4}), Scalar(0)}},
            {{uniform({2, 3, 4}), Scalar(-2)}},
            {{uniform({}), Scalar(0)}},
            {{uniform({0, 3}), Scalar(1)}}};
}

std::vector<ErrorSample> softmax_errors() {
    return {
        {{uniform({2, 3}), Scalar(2)}, {}, "Dimension out of range (expected to be in range of [-2, 1], but got 2)"}};
}

std::vector<Sample> backward_samples() {
    return {{{uniform({3, 4}), uniform({3, 4}, 0, 1), Scalar(1)}},
            {{uniform({2, 3}), uniform({2, 3}, 0, 1), Scalar(0)}}};
}

} // namespace

extern const Op softmax_op({
    .signature = "softmax(Tensor self, int dim, Dtype? dtype=None) -> Tensor",
    .summary = "Exponentials that are divided by their sum along dim.",
    .forward = "y = exp(self) / sum of exp(self) along dim",
    .gradients = {{"self", "dL/dself = y * (dL/dy - sum of dL/dy * y along dim)"}},
    .dtypes = {floating_dtypes, "softmax_lastdim_kernel_impl"},
    .compute = compute_softmax<false>,
    .saves = {{"result"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            g.set(0, call(softmax_backward_op, {g[0], y, wrapped(saved, y)[0]}));
        },
    .samples = softmax_samples,
    .errors = softmax_errors,
});

extern const Op log_softmax_op({
    .signature = "log_softmax(Tensor self, int dim, Dtype? dtype=None) -> Tensor",
    .summary = "Logarithm of softmax along dim, computed without overflow.",
    .forward = "y = self - log(sum of exp(self) along dim)",
    .gradients = {{"self", "dL/dself = dL/dy - exp(y) * sum of dL/dy along dim"}},
    .dtypes = {floating_dtypes, "log_softmax_lastdim_kernel_impl"},
    .compute = compute_softmax<true>,
    .saves = {{"result"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            g.set(0, call(log_softmax_backward_op, {g[0], y, wrapped(saved, y)[0]}));
        },
    .samples = softmax_samples,
    .errors = softmax_errors,
});

extern const Op softmax_backward_op({
    .signature = "_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor",
    .summary = "Gradient of softmax's input.",
    .forward = "dx = output * (grad_output - sum of grad_output * output along dim)",
    .gradients = {{"grad_output", "dL/dgrad_output = output * (dL/ddx - sum of dL/ddx * output along dim)"},
                  {"output", "dL/doutput = dL/ddx * (grad_output - sum of grad_output * output) - grad_output * sum of "
                             "dL/ddx * output"}},
    .dtypes = {floating_dtypes, "softmax_backward"},
    .compute = compute_backward<false>,
    .saves = {{"grad_output"}, {"output"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.tensor("output");
            const Tensor grad = saved.tensor("grad_output");
            const Dims dim = wrapped(saved, y);
            if (g.needs(0)) g.set(0, call(softmax_backward_op, {g[0], y, dim[0]}));
            if (g.needs(1)) g.set(1, g[0] * (grad - sum(grad * y, dim, true)) - grad * sum(g[0] * y, dim, true));
        },
    .node = "SoftmaxBackwardData",
    .samples = backward_samples,
});

extern const Op log_softmax_backward_op({
    .signature = "_log_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor",
    .summary = "Gradient of log_softmax's input.",
    .forward = "dx = grad_output - exp(output) * sum of grad_output along dim",
    .gradients = {{"grad_output", "dL/dgrad_output = dL/ddx - sum of dL/ddx * exp(output) along dim"},
                  {"output", "dL/doutput = -dL/ddx * exp(output) * sum of grad_output along dim"}},
    .dtypes = {floating_dtypes, "log_softmax_backward"},
    .compute = compute_backward<true>,
    .saves = {{"grad_output", "output"}, {"output"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor exponential = exp(saved.tensor("output"));
            const Dims dim = wrapped(saved, exponential);
            if (g.needs(0)) g.set(0, g[0] - sum(g[0] * exponential, dim, true));
            if (g.needs(1)) g.set(1, neg(g[0]) * exponential * sum(saved.tensor("grad_output"), dim, true));
        },
    .node = "LogSoftmaxBackwardData",
    .samples = backward_samples,
});

} // namespace hs::ops

namespace hs {

Tensor softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype) {
    return call(ops::softmax_op, {self, dim, dtype});
}
Tensor log_softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype) {
    return call(ops::log_softmax_op, {self, dim, dtype});
}

} // namespace hs
