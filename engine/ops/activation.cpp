#include "engine/ops/activation.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/tensor/number_text.h"

namespace hs::ops {

extern const Op threshold_backward_op;

Tensor activate(Activation function, const Tensor& x, const activations::Parameters& parameters) {
    const Tensor y = empty(x.shape(), x.options());
    neural_kernels_of(x).activation(function, parameters, x, y);
    return y;
}

Tensor activate_backward(Activation function, const Tensor& grad, const Tensor& x,
                         const activations::Parameters& parameters) {
    const Tensor dx = empty(x.shape(), x.options());
    neural_kernels_of(x).activation_backward(function, parameters, grad, x, dx);
    return dx;
}

Tensor slopes(Activation function, const Tensor& x, const activations::Parameters& parameters) {
    return activate_backward(function, ones(x.shape(), x.options()), x, parameters);
}

Tensor piecewise_gradient(Activation function, const Tensor& grad, const Tensor& x,
                          const activations::Parameters& parameters) {
    if (grad_enabled()) return grad * slopes(function, x, parameters);
    return activate_backward(function, grad, x, parameters);
}

namespace {

/// Samples that keep away from the kinks at 0, +-0.5, +-1, +-3 and 6.
std::vector<Sample> kinked_samples() {
    return {{{uniform({3, 4}, 0.05, 0.45)}},
            {{uniform({2, 3}, -0.95, -0.55)}},
            {{uniform({2, 2}, 1.1, 2.9)}},
            {{uniform({4}, -2.9, -1.1)}},
            {{uniform({3}, 6.1, 9)}},
            {{uniform({}, 3.1, 5)}},
            {{uniform({0, 2})}}};
}

} // namespace

extern const Op relu_op({
    .signature = "relu(Tensor self) -> Tensor",
    .summary = "The positive part of each element.",
    .forward = "y = max(self, 0)",
    .gradients = {{"self", "dL/dself = dL/dy where y > 0, else 0"}},
    .dtypes = {numeric_dtypes, "Boolean inputs not supported for relu"},
    .compute =
        [](const Arguments& a) {
            if (a.tensor(0).dtype() == Dtype::bool_) throw Error("Boolean inputs not supported for relu");
            return unary_any<Unary::relu>(a);
        },
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(threshold_backward_op, {g[0], saved.result(), 0}));
        },
    .samples = unary_samples,
});

extern const Op threshold_backward_op({
    .signature = "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold) -> Tensor",
    .summary = "Gradient of a threshold: passes where self is above it.",
    .forward = "dx = grad_output where self > threshold, else 0",
    .gradients = {{"grad_output", "dL/dgrad_output = dL/ddx where self > threshold, else 0"}},
    .compute =
        [](const Arguments& a) {
            const Tensor dx = empty(a.tensor(0).shape(), a.tensor(0).options());
            neural_kernels_of(dx).threshold_backward(a.tensor(0), a.tensor(1), a.scalar(2), dx);
            return dx;
        },
    .saves = {{"self"}, {"threshold"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(threshold_backward_op, {g[0], saved.tensor("self"), saved.scalar("threshold")}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4, 3}).view({3, 4}), Scalar(0.25)}}};
        },
});

extern const Op threshold_op({
    .signature = "threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
    .summary = "Each element where it is above the threshold, else the value.",
    .forward = "y = self where self > threshold, else value",
    .gradients = {{"self", "dL/dself = dL/dy where self > threshold, else 0"}},
    .dtypes = {numeric_dtypes, "threshold_cpu"},
    .wide = Wide::halves_and_integers,
    .compute =
        [](const Arguments& a) {
            return activate(Activation::threshold, a.tensor(0), {a.scalar(1).to_double(), a.scalar(2).to_double()});
        },
    .saves = {{"self"}, {"threshold"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(threshold_backward_op, {g[0], saved.tensor("self"), saved.scalar("threshold")}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0.25), Scalar(-1.5)}}};
        },
});

extern const Op leaky_relu_op({
    .signature = "leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
    .summary = "Each element, multiplied by a small slope where it is negative.",
    .forward = "y = self where self > 0, else negative_slope * self",
    .gradients = {{"self", "dL/dself = dL/dy where self > 0, else negative_slope * dL/dy"}},
    .dtypes = {floating_dtypes, "leaky_relu_cpu"},
    .compute =
        [](const Arguments& a) { return activate(Activation::leaky_relu, a.tensor(0), {a.scalar(1).to_double()}); },
    .saves = {{"self"}, {"negative_slope"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, piecewise_gradient(Activation::leaky_relu, g[0], saved.tensor("self"),
                                        {saved.scalar("negative_slope").to_double()}));
        },
    .samples = kinked_samples,
});

extern const Op hardtanh_op({
    .signature = "hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
    .summary = "Each element kept between two bounds.",
    .forward = "y = min(max(self, min_val), max_val)",
    .gradients = {{"self", "dL/dself = dL/dy where min_val < self < max_val, else 0"}},
    .dtypes = {numeric_dtypes, "Bool inputs not supported for hardtanh"},
    .wide = Wide::halves_and_integers,
    .compute =
        [](const Arguments& a) {
            return activate(Activation::hardtanh, a.tensor(0), {a.scalar(1).to_double(), a.scalar(2).to_double()});
        },
    .saves = {{"self"}, {"min_val"}, {"max_val"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, piecewise_gradient(Activation::hardtanh, g[0], saved.tensor("self"),
                                        {saved.scalar("min_val").to_double(), saved.scalar("max_val").to_double()}));
        },
    .samples = kinked_samples,
});

extern const Op relu6_op({
    .signature = "relu6(Tensor self) -> Tensor",
    .summary = "Each element kept between 0 and 6.",
    .forward = "y = min(max(self, 0), 6)",
    .dtypes = {numeric_dtypes, "Bool inputs not supported for hardtanh"},
    .compute = [](const Arguments& a) { return hardtanh(a.tensor(0), 0, 6); },
    .composite = true,
    .samples = kinked_samples,
});

extern const Op hardsigmoid_op({
    .signature = "hardsigmoid(Tensor self) -> Tensor",
    .summary = "A straight line from 0 at -3 to 1 at 3.",
    .forward = "y = min(max(self + 3, 0), 6) / 6",
    .gradients = {{"self", "dL/dself = dL/dy / 6 where -3 < self < 3, else 0"}},
    .dtypes = {floating_dtypes, "hardsigmoid_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return activate(Activation::hardsigmoid, a.tensor(0)); },
    .saves = {{"self"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, piecewise_gradient(Activation::hardsigmoid, g[0], saved.tensor("self"))); },
    .samples = kinked_samples,
});

extern const Op hardswish_op({
    .signature = "hardswish(Tensor self) -> Tensor",
    .summary = "Each element times its hardsigmoid.",
    .forward = "y = self * min(max(self + 3, 0), 6) / 6",
    .gradients = {{"self",
                   "dL/dself = dL/dy * (self / 3 + 1/2) where -3 < self < 3, else dL/dy where self > 3, else 0"}},
    .dtypes = {floating_dtypes, "hardswish_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return activate(Activation::hardswish, a.tensor(0)); },
    .saves = {{"self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            if (!grad_enabled()) return g.set(0, activate_backward(Activation::hardswish, g[0], x));
            const Tensor inside = slopes(Activation::hardtanh, x, {-3, 3});
            g.set(0, g[0] * (x * (1.0 / 3) + 0.5) * inside + g[0] * slopes(Activation::threshold, x, {3}));
        },
    .samples = kinked_samples,
});

extern const Op hardshrink_op({
    .signature = "hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    .summary = "Each element, 0 where it is within [-lambd, lambd].",
    .forward = "y = self where |self| > lambd, else 0",
    .gradients = {{"self", "dL/dself = dL/dy where |self| > lambd, else 0"}},
    .dtypes = {floating_dtypes, "hardshrink_cpu"},
    .compute =
        [](const Arguments& a) { return activate(Activation::hardshrink, a.tensor(0), {a.scalar(1).to_double()}); },
    .saves = {{"self"}, {"lambd"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, piecewise_gradient(Activation::hardshrink, g[0], saved.tensor("self"),
                                        {saved.scalar("lambd").to_double()}));
        },
    .samples = kinked_samples,
});

extern const Op softshrink_op({
    .signature = "softshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    .summary = "Each element moved towards 0 by lambd.",
    .forward = "y = self - lambd where self > lambd, self + lambd where self < -lambd, else 0",
    .gradients = {{"self", "dL/dself = dL/dy where |self| > lambd, else 0"}},
    .dtypes = {floating_dtypes, "softshrink_check"},
    .compute =
        [](const Arguments& a) {
            const double lambd = a.scalar(1).to_double();
            if (lambd < 0)
                throw Error("lambda must be greater or equal to 0, but found to be " + stream_text(lambd) + ".");
            return activate(Activation::softshrink, a.tensor(0), {lambd});
        },
    .saves = {{"self"}, {"lambd"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, piecewise_gradient(Activation::softshrink, g[0], saved.tensor("self"),
                                        {saved.scalar("lambd").to_double()}));
        },
    .samples = kinked_samples,
});

} // namespace hs::ops

namespace hs {

Tensor relu(const Tensor& self) {
    return call(ops::relu_op, {self});
}
Tensor threshold(const Tensor& self, const Scalar& limit, const Scalar& value) {
    return call(ops::threshold_op, {self, limit, value});
}
Tensor leaky_relu(const Tensor& self, const Scalar& negative_slope) {
    return call(ops::leaky_relu_op, {self, negative_slope});
}
Tensor hardtanh(const Tensor& self, const Scalar& min_val, const Scalar& max_val) {
    return call(ops::hardtanh_op, {self, min_val, max_val});
}
Tensor relu6(const Tensor& self) {
    return call(ops::relu6_op, {self});
}
Tensor hardsigmoid(const Tensor& self) {
    return call(ops::hardsigmoid_op, {self});
}
Tensor hardswish(const Tensor& self) {
    return call(ops::hardswish_op, {self});
}
Tensor hardshrink(const Tensor& self, const Scalar& lambd) {
    return call(ops::hardshrink_op, {self, lambd});
}
Tensor softshrink(const Tensor& self, const Scalar& lambd) {
    return call(ops::softshrink_op, {self, lambd});
}

} // namespace hs
