#include "engine/kernels/neural.h"
#include "engine/ops/functional.h"
#include "engine/ops/loss.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op nll_loss_backward_op;

namespace {

NllOptions options_of(const Tensor& weight, std::int64_t reduction, std::int64_t ignore_index) {
    return {weight.defined() ? contiguous(weight) : weight, ignore_index, static_cast<LossReduction>(reduction)};
}

void check_weight(const Tensor& x, const Tensor& target, const Tensor& weight) {
    const std::int64_t classes = x.dim() == 0 ? 0 : x.shape()[x.dim() == 1 ? 0 : 1];
    if (weight.defined() && (weight.dim() != 1 || weight.numel() != classes))
        throw Error("weight tensor should be defined either for all " + std::to_string(classes) +
                    " classes or no classes but got weight tensor of shape: " + to_string(weight.shape()));
    if (weight.defined() && weight.dtype() != x.dtype())
        throw Error("expected scalar type " + std::string(scalar_type_name(x.dtype())) + " but found " +
                    std::string(scalar_type_name(weight.dtype())));
    if (target.dtype() != Dtype::int64 && target.dtype() != Dtype::uint8)
        throw Error("expected scalar type Long but found " + std::string(scalar_type_name(target.dtype())));
}

Tensors compute(const Arguments& a, const Shape& each) {
    const Tensor x = contiguous(a.tensor(0));
    const Tensor target = contiguous(a.tensor(1));
    const NllOptions options = options_of(a.optional_tensor(2), a.integer(3), a.integer(4));
    check_weight(x, target, options.weight);
    Tensors result{empty(options.reduction == LossReduction::none ? each : Shape(), x.options()),
                   empty({}, x.options())};
    neural_kernels_of(x).nll_loss(x, target, options, result[0], result[1]);
    return result;
}

Tensors compute_flat(const Arguments& a) {
    const Tensor &x = a.tensor(0), &target = a.tensor(1);
    if (x.dim() < 1 || x.dim() > 2) throw Error("input tensor should be 1D or 2D");
    if (target.dim() > 1) throw Error("0D or 1D target tensor expected, multi-target not supported");
    const bool single = x.dim() == 1 && target.dim() == 0;
    if (!single && (target.dim() == 0 || x.size(0) != target.size(0)))
        throw Error("size mismatch (got input: " + to_string(x.shape()) + ", target: " + to_string(target.shape()) +
                    ")");
    return compute(a, x.dim() == 1 ? Shape() : Shape{x.size(0)});
}

Tensors compute_images(const Arguments& a) {
    const Tensor &x = a.tensor(0), &target = a.tensor(1);
    if (target.dim() != 3)
        throw Error("only batches of spatial targets supported (3D tensors) but got targets of dimension: " +
                    std::to_string(target.dim()));
    if (x.dim() != 4)
        throw Error("only batches of spatial inputs supported (4D tensors), but got input of dimension: " +
                    std::to_string(x.dim()));
    if (target.size(0) != x.size(0) || target.size(1) != x.size(2) || target.size(2) != x.size(3))
        throw Error("size mismatch (got input: " + to_string(x.shape()) + " , target: " + to_string(target.shape()));
    return compute(a, target.shape());
}

void nll_backward(const Saved& saved, Gradients& g) {
    if (!g[0].defined()) return;
    g.set(0,
          call(nll_loss_backward_op, {g[0], Dims(saved.shape("self")), saved.tensor("target"), saved.tensor("weight"),
                                      saved.integer("reduction"), saved.integer("ignore_index"), saved.result(1)}));
}

std::vector<Sample> flat_samples() {
    const Tensor x = uniform({4, 3}), target = indices({4}, 3);
    return {{{x, target, Argument(), Scalar(1), Scalar(-100)}},
            {{x, target, uniform({3}, 0.2, 1), Scalar(1), Scalar(1)}},
            {{x, target, uniform({3}, 0.2, 1), Scalar(0), Scalar(-100)}},
            {{uniform({3}), indices({}, 3), Argument(), Scalar(2), Scalar(-100)}}};
}

} // namespace

std::int64_t reduction_of(std::string_view name) {
    if (name == "none") return 0;
    if (name == "mean") return 1;
    if (name == "sum") return 2;
    throw ValueError(std::string(name) + " is not a valid value for reduction");
}

extern const Op nll_loss_forward_op({
    .signature = "nll_loss_forward(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> "
                 "(Tensor, Tensor)",
    .summary = "Negative log likelihood of class indices, and the sum of their weights.",
    .forward = "y = mean of -weight[t_n] * self[n, t_n]",
    .gradients = {{"self", "dL/dself[n, t_n] = -weight[t_n] * dL/dy / total weight"}},
    .dtypes = {floating_dtypes, "nll_loss_out_frame"},
    .compute_many = compute_flat,
    .saves = {{"self.shape"}, {"target"}, {"weight"}, {"reduction"}, {"ignore_index"}, {"result1"}},
    .backward = nll_backward,
    .node = "NllLoss",
    .non_differentiable = {1},
    .samples = flat_samples,
});

extern const Op nll_loss2d_forward_op({
    .signature = "nll_loss2d_forward(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> "
                 "(Tensor, Tensor)",
    .summary = "Negative log likelihood of class indices of each pixel, and the sum of their weights.",
    .forward = "y = mean of -weight[t] * self[n, t, i, j] with t = target[n, i, j]",
    .gradients = {{"self", "dL/dself[n, t, i, j] = -weight[t] * dL/dy / total weight"}},
    .dtypes = {floating_dtypes, "nll_loss2d_forward_out_frame"},
    .compute_many = compute_images,
    .saves = {{"self.shape"}, {"target"}, {"weight"}, {"reduction"}, {"ignore_index"}, {"result1"}},
    .backward = nll_backward,
    .node = "NllLoss2D",
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 3, 2, 2}), indices({2, 2, 2}, 3), uniform({3}, 0.2, 1), Scalar(1), Scalar(-100)}},
                {{uniform({2, 3, 2, 2}), indices({2, 2, 2}, 3), Argument(), Scalar(0), Scalar(1)}}};
        },
});

extern const Op nll_loss_backward_op({
    .signature = "nll_loss_backward(Tensor grad_output, int[] size, Tensor target, Tensor? weight, int reduction, int "
                 "ignore_index, Tensor total_weight) -> Tensor",
    .summary = "Gradient of the input of a negative log likelihood.",
    .forward = "dx[n, t_n] = -weight[t_n] * grad_output / total_weight, else 0",
    .gradients = {{"grad_output", "dL/dgrad_output = mean of -weight[t_n] * dL/ddx[n, t_n]"}},
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor grad = contiguous(a.tensor(0));
            const Tensor dx = empty(a.integers(1), grad.options());
            neural_kernels_of(grad).nll_loss_backward(grad, contiguous(a.tensor(2)),
                                                      options_of(a.optional_tensor(3), a.integer(4), a.integer(5)),
                                                      a.tensor(6), dx);
            return dx;
        },
    .saves = {{"target"}, {"weight"}, {"reduction"}, {"ignore_index"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Op& forward = g[0].dim() == 4 ? nll_loss2d_forward_op : nll_loss_forward_op;
            g.set(0, call_many(forward, {g[0], saved.tensor("target"), saved.tensor("weight"),
                                         saved.integer("reduction"), saved.integer("ignore_index")})[0]);
        },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({}), Dims{4, 3}, indices({4}, 3), Argument(), Scalar(2), Scalar(-100), uniform({}, 1, 2)}}};
        },
});

} // namespace hs::ops
