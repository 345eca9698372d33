#include "engine/ops/activation.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// The slopes of prelu in a shape that broadcasts along the channels of x, dimension 1.
Tensor weight_along_channels(const Tensor& weight, const Tensor& x) {
    if (weight.numel() == 1) return reshape(weight, Shape(x.shape().size(), 1));
    const std::int64_t channels = x.dim() > 1 ? x.size(1) : 1;
    if (weight.numel() != channels)
        throw Error("Mismatch of parameter numbers and input channel size. Found parameter numbers = " +
                    std::to_string(weight.numel()) + " and channel size = " + std::to_string(channels) + ".");
    Shape shape(x.shape().size(), 1);
    shape[1] = channels;
    return reshape(weight, shape);
}

} // namespace

extern const Op prelu_op({
    .signature = "prelu(Tensor self, Tensor weight) -> Tensor",
    .summary = "Each element, multiplied by a learned slope (one, or one a channel) where it is negative.",
    .forward = "y = self where self > 0, else weight * self",
    .gradients = {{"self", "dL/dself = dL/dy where self > 0, else weight * dL/dy"},
                  {"weight", "dL/dweight = sum of dL/dy * self where self <= 0"}},
    .dtypes = {floating_dtypes, "prelu_cpu"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dtype() != a.tensor(1).dtype())
                throw Error("prelu: Type promoting not supported. Got " + std::string(scalar_type_name(x.dtype())) +
                            " and " + std::string(scalar_type_name(a.tensor(1).dtype())));
            const Tensor positive = slopes(Activation::threshold, x);
            return x * (positive + (1 - positive) * weight_along_channels(a.tensor(1), x));
        },
    .saves = {{"self"}, {"weight"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self"), weight = saved.tensor("weight");
            const Tensor positive = slopes(Activation::threshold, x);
            const Tensor factors = weight_along_channels(weight, x);
            if (g.needs(0)) g.set(0, g[0] * (positive + (1 - positive) * factors));
            if (g.needs(1)) g.set(1, reshape(sum_to_size(g[0] * x * (1 - positive), factors.shape()), weight.shape()));
        },
    .node = "PreluKernel",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({1})}}, {{uniform({2, 3, 2}), uniform({3})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3, 4}), uniform({3})},
                                             {},
                                             "Mismatch of parameter numbers and input channel size. Found parameter "
                                             "numbers = 3 and channel size = 4."}};
        },
});

extern const Op glu_op({
    .signature = "glu(Tensor self, int dim=-1) -> Tensor",
    .summary = "The first half along dim, times the sigmoid of the second half.",
    .forward = "y = a / (1 + exp(-b)) for the halves a, b of self",
    .gradients = {{"self", "dL/dself = dL/dy * s beside dL/dy * a * s * (1 - s) with s = sigmoid(b)"}},
    .dtypes = {floating_dtypes, "glu_cpu"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dim() == 0) throw Error("glu does not support 0-dimensional tensors");
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
            if (x.shape()[dim] % 2 != 0)
                throw Error("Halving dimension must be even, but dimension " + std::to_string(dim) + " is size " +
                            std::to_string(x.shape()[dim]));
            const std::int64_t half = x.shape()[dim] / 2;
            const auto at = static_cast<std::int64_t>(dim);
            return narrow(x, at, 0, half) * sigmoid(narrow(x, at, half, half));
        },
    .saves = {{"self"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const std::int64_t dim = saved.integer("dim"), half = x.size(dim) / 2;
            const Tensor s = sigmoid(narrow(x, dim, half, half));
            g.set(0, cat({g[0] * s, g[0] * narrow(x, dim, 0, half) * s * (1 - s)}, dim));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({4, 3}), Scalar(0)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3})}, {}, "Halving dimension must be even, but dimension 1 is size 3"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor prelu(const Tensor& self, const Tensor& weight) {
    return call(ops::prelu_op, {self, weight});
}
Tensor glu(const Tensor& self, std::int64_t dim) {
    return call(ops::glu_op, {self, dim});
}

} // namespace hs
