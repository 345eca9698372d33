#include "engine/graph/grad_mode.h"
#include "engine/ops/activation.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// The result in floating point numbers (rule 21).
Tensor floating(const Tensor& x) {
    return is_floating_point(x.dtype()) ? x : prepared(x, Dtype::float32, x.shape());
}

activations::Parameters elu_parameters(const Saved& saved) {
    return {saved.scalar("alpha").to_double(), saved.scalar("scale").to_double(),
            saved.scalar("input_scale").to_double()};
}

/// Gradient of elu. Below 0 its slope is c (y + a b), so that it can be written with elu itself.
Tensor elu_gradient(const Tensor& grad, const Tensor& x, const activations::Parameters& p) {
    if (!grad_enabled()) return activate_backward(Activation::elu, grad, x, p);
    const Tensor above = slopes(Activation::threshold, x);
    const Tensor below_slope = (elu(x, p.a, p.b, p.c) + p.a * p.b) * p.c;
    return grad * (above * p.b + (1 - above) * below_slope);
}

/// Gradient of softplus, whose slope is a sigmoid up to where it is cut.
Tensor softplus_gradient(const Tensor& grad, const Tensor& x, double beta, double threshold) {
    if (!grad_enabled()) return activate_backward(Activation::softplus, grad, x, {beta, threshold});
    const Tensor above = slopes(Activation::threshold, x * beta, {threshold});
    return grad * (above + (1 - above) * sigmoid(x * beta));
}

Tensor mish_gradient(const Tensor& grad, const Tensor& x) {
    if (!grad_enabled()) return activate_backward(Activation::mish, grad, x);
    const Tensor t = tanh(softplus(x));
    return grad * (t + x * (1 - t * t) * sigmoid(x));
}

Tensor silu_gradient(const Tensor& grad, const Tensor& x) {
    if (!grad_enabled()) return activate_backward(Activation::silu, grad, x);
    const Tensor s = sigmoid(x);
    return grad * s * (x * (1 - s) + 1);
}

Tensor gelu_gradient(const Tensor& grad, const Tensor& x, bool by_tanh) {
    if (!grad_enabled()) return activate_backward(by_tanh ? Activation::gelu_tanh : Activation::gelu, grad, x);
    if (!by_tanh) {
        const Tensor density = exp(x * x * -0.5) * 0.39894228040143267794;
        return grad * ((erf(x * 0.70710678118654752440) + 1) * 0.5 + x * density);
    }
    constexpr double factor = 0.79788456080286535588;
    const Tensor t = tanh((x + x * x * x * 0.044715) * factor);
    const Tensor inner_slope = (x * x * (3 * 0.044715) + 1) * factor;
    return grad * ((t + 1) * 0.5 + x * (1 - t * t) * inner_slope * 0.5);
}

bool approximates(std::string_view name) {
    if (name != "none" && name != "tanh") throw Error("approximate argument must be either none or tanh.");
    return name == "tanh";
}

} // namespace

extern const Op tanh_op({
    .signature = "tanh(Tensor self) -> Tensor",
    .summary = "Hyperbolic tangent of each element.",
    .forward = "y = tanh(self)",
    .gradients = {{"self", "dL/dself = dL/dy * (1 - y^2)"}},
    .compute = [](const Arguments& a) { return activate(Activation::tanh, floating(a.tensor(0))); },
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            g.set(0, grad_enabled() ? g[0] * (1 - y * y) : activate_backward(Activation::tanh, g[0], y));
        },
    .samples = unary_samples,
});

extern const Op sigmoid_op({
    .signature = "sigmoid(Tensor self) -> Tensor",
    .summary = "Logistic function of each element.",
    .forward = "y = 1 / (1 + exp(-self))",
    .gradients = {{"self", "dL/dself = dL/dy * y * (1 - y)"}},
    .compute = [](const Arguments& a) { return activate(Activation::sigmoid, floating(a.tensor(0))); },
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            g.set(0, grad_enabled() ? g[0] * y * (1 - y) : activate_backward(Activation::sigmoid, g[0], y));
        },
    .samples = unary_samples,
    .aliases = "special.expit",
});

extern const Op elu_op({
    .signature = "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
    .summary = "Exponential linear unit.",
    .forward = "y = scale * self where self > 0, else scale * alpha * (exp(input_scale * self) - 1)",
    .gradients = {{"self", "dL/dself = dL/dy * scale where self > 0, else dL/dy * scale * alpha * input_scale * "
                           "exp(input_scale * self)"}},
    .dtypes = {floating_dtypes, "elu_cpu"},
    .compute =
        [](const Arguments& a) {
            return activate(Activation::elu, a.tensor(0),
                            {a.scalar(1).to_double(), a.scalar(2).to_double(), a.scalar(3).to_double()});
        },
    .saves = {{"self"}, {"alpha"}, {"scale"}, {"input_scale"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, elu_gradient(g[0], saved.tensor("self"), elu_parameters(saved))); },
    .samples =
        [] {
            std::vector<Sample> samples = unary_samples();
            samples.push_back({{uniform({3, 4}), Scalar(1.3), Scalar(0.7), Scalar(0.9)}});
            return samples;
        },
});

extern const Op celu_op({
    .signature = "celu(Tensor self, Scalar alpha=1.0) -> Tensor",
    .summary = "Exponential linear unit whose slope is continuous for every alpha.",
    .forward = "y = self where self > 0, else alpha * (exp(self / alpha) - 1)",
    .gradients = {{"self", "dL/dself = dL/dy where self > 0, else dL/dy * exp(self / alpha)"}},
    .dtypes = {floating_dtypes, "elu_cpu"},
    .compute =
        [](const Arguments& a) {
            const double alpha = a.scalar(1).to_double();
            if (alpha == 0) throw Error("ZeroDivisionError: alpha cannot be 0 for CELU");
            return activate(Activation::elu, a.tensor(0), {alpha, 1, 1 / alpha});
        },
    .saves = {{"self"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const double alpha = saved.scalar("alpha").to_double();
            g.set(0, elu_gradient(g[0], saved.tensor("self"), {alpha, 1, 1 / alpha}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({2, 3}), Scalar(1.5)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), Scalar(0)}, {}, "ZeroDivisionError: alpha cannot be 0 for CELU"}};
        },
});

extern const Op selu_op({
    .signature = "selu(Tensor self) -> Tensor",
    .summary = "Exponential linear unit that keeps mean 0 and variance 1 (Klambauer et al. 2017).",
    .forward = "y = elu(self) with alpha 1.6732632423543772 and scale 1.0507009873554805",
    .dtypes = {floating_dtypes, "elu_cpu"},
    .compute = [](const Arguments& a) { return elu(a.tensor(0), 1.6732632423543772848, 1.0507009873554804934, 1); },
    .composite = true,
    .samples = unary_samples,
});

extern const Op silu_op({
    .signature = "silu(Tensor self) -> Tensor",
    .summary = "Each element times its sigmoid (swish).",
    .forward = "y = self / (1 + exp(-self))",
    .gradients = {{"self", "dL/dself = dL/dy * s * (1 + self * (1 - s)) with s = sigmoid(self)"}},
    .dtypes = {floating_dtypes, "silu_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return activate(Activation::silu, a.tensor(0)); },
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, silu_gradient(g[0], saved.tensor("self"))); },
    .samples = unary_samples,
});

extern const Op mish_op({
    .signature = "mish(Tensor self) -> Tensor",
    .summary = "Each element times the tanh of its softplus.",
    .forward = "y = self * tanh(log(1 + exp(self)))",
    .gradients = {{"self", "dL/dself = dL/dy * (t + self * (1 - t^2) * sigmoid(self)) with t = tanh(softplus(self))"}},
    .dtypes = {floating_dtypes, "mish_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return activate(Activation::mish, a.tensor(0)); },
    .saves = {{"self"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, mish_gradient(g[0], saved.tensor("self"))); },
    .samples = unary_samples,
});

extern const Op gelu_op({
    .signature = "gelu(Tensor self, *, str approximate='none') -> Tensor",
    .summary = "Each element times the normal distribution function at it, or its approximation by tanh.",
    .forward = "y = self * (1 + erf(self / sqrt(2))) / 2",
    .gradients = {{"self",
                   "dL/dself = dL/dy * ((1 + erf(self / sqrt(2))) / 2 + self * exp(-self^2 / 2) / sqrt(2 pi))"}},
    .dtypes = {floating_dtypes, "GeluKernelImpl"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return activate(approximates(a.text(1)) ? Activation::gelu_tanh : Activation::gelu, a.tensor(0));
        },
    .saves = {{"self"}, {"approximate"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, gelu_gradient(g[0], saved.tensor("self"), saved.text("approximate") == "tanh"));
        },
    .samples =
        [] {
            std::vector<Sample> samples = unary_samples();
            samples.push_back({{uniform({3, 4})}, {{"approximate", std::string("tanh")}}});
            return samples;
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3})},
                                             {{"approximate", std::string("foo")}},
                                             "approximate argument must be either none or tanh."}};
        },
});

extern const Op softplus_op({
    .signature = "softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
    .summary = "A smooth relu; x itself where beta * x is above the threshold.",
    .forward = "y = log(1 + exp(beta * self)) / beta",
    .gradients = {{"self", "dL/dself = dL/dy * sigmoid(beta * self)"}},
    .dtypes = {floating_dtypes, "softplus_cpu"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return activate(Activation::softplus, a.tensor(0), {a.scalar(1).to_double(), a.scalar(2).to_double()});
        },
    .saves = {{"self"}, {"beta"}, {"threshold"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, softplus_gradient(g[0], saved.tensor("self"), saved.scalar("beta").to_double(),
                                       saved.scalar("threshold").to_double()));
        },
    .samples =
        [] {
            std::vector<Sample> samples = unary_samples();
            samples.push_back({{uniform({3, 4}), Scalar(2.5), Scalar(3)}});
            return samples;
        },
});

extern const Op logsigmoid_op({
    .signature = "logsigmoid(Tensor self) -> Tensor",
    .summary = "Logarithm of the sigmoid, computed without overflow.",
    .forward = "y = -log(1 + exp(-self))",
    .gradients = {{"self", "dL/dself = dL/dy * sigmoid(-self)"}},
    .dtypes = {floating_dtypes, "log_sigmoid_cpu"},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return activate(Activation::log_sigmoid, a.tensor(0)); },
    .saves = {{"self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            g.set(0, grad_enabled() ? g[0] * sigmoid(neg(x)) : activate_backward(Activation::log_sigmoid, g[0], x));
        },
    .node = "LogSigmoid",
    .samples = unary_samples,
    .aliases = "log_sigmoid",
});

extern const Op softsign_op({
    .signature = "softsign(Tensor self) -> Tensor",
    .summary = "Each element divided by one plus its magnitude.",
    .forward = "y = self / (1 + |self|)",
    .dtypes = {numeric_dtypes, "abs_cpu"},
    .compute = [](const Arguments& a) { return a.tensor(0) / (abs(a.tensor(0)) + 1); },
    .composite = true,
    .samples = unary_samples,
});

extern const Op tanhshrink_op({
    .signature = "tanhshrink(Tensor self) -> Tensor",
    .summary = "What tanh takes away from each element.",
    .forward = "y = self - tanh(self)",
    .dtypes = {numeric_dtypes},
    .compute = [](const Arguments& a) { return a.tensor(0) - tanh(a.tensor(0)); },
    .composite = true,
    .samples = unary_samples,
});

extern const Op softmin_op({
    .signature = "softmin(Tensor self, int dim, Dtype? dtype=None) -> Tensor",
    .summary = "Softmax of the opposite elements along dim.",
    .forward = "y = exp(-self) / sum of exp(-self) along dim",
    .dtypes = {floating_dtypes},
    .compute = [](const Arguments& a) { return softmax(neg(a.tensor(0)), a.integer(1), a.optional_dtype(2)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(1)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor tanh(const Tensor& self) {
    return call(ops::tanh_op, {self});
}
Tensor sigmoid(const Tensor& self) {
    return call(ops::sigmoid_op, {self});
}
Tensor elu(const Tensor& self, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
    return call(ops::elu_op, {self, alpha, scale, input_scale});
}
Tensor celu(const Tensor& self, const Scalar& alpha) {
    return call(ops::celu_op, {self, alpha});
}
Tensor selu(const Tensor& self) {
    return call(ops::selu_op, {self});
}
Tensor silu(const Tensor& self) {
    return call(ops::silu_op, {self});
}
Tensor mish(const Tensor& self) {
    return call(ops::mish_op, {self});
}
Tensor gelu(const Tensor& self, std::string_view approximate) {
    return call(ops::gelu_op, {self, approximate});
}
Tensor softplus(const Tensor& self, const Scalar& beta, const Scalar& threshold) {
    return call(ops::softplus_op, {self, beta, threshold});
}
Tensor logsigmoid(const Tensor& self) {
    return call(ops::logsigmoid_op, {self});
}
Tensor softsign(const Tensor& self) {
    return call(ops::softsign_op, {self});
}
Tensor tanhshrink(const Tensor& self) {
    return call(ops::tanhshrink_op, {self});
}
Tensor softmin(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype) {
    return call(ops::softmin_op, {self, dim, dtype});
}

} // namespace hs
