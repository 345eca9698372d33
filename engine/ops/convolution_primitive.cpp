#include "engine/ops/convolution_run.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op convolution_op, convolution_backward_input_op, convolution_backward_weight_op;

namespace {

/// What a transposed convolution takes, with zeros behind: an output padding of a whole stride stands for positions
/// that its input does not have.
Tensor extended(const Tensor& x, const Shape& output, const Shape& weight, const Convolution& c) {
    Dims pad;
    for (std::size_t i = c.stride.size(); i-- > 0;) {
        const std::int64_t kernel = c.dilation[i] * (weight[i + 2] - 1) + 1;
        pad.push_back(0);
        pad.push_back((output[i + 2] + 2 * c.padding[i] - kernel) / c.stride[i] + 1 - x.shape()[i + 2]);
    }
    return pad == Dims(pad.size(), 0) ? x : constant_pad_nd(x, pad);
}

/// Cuts what extended() adds off again.
Tensor in_shape_of(const Shape& shape, const Tensor& x) {
    Dims pad;
    for (std::size_t i = shape.size(); i-- > 2;) {
        pad.push_back(0);
        pad.push_back(shape[i] - x.shape()[i]);
    }
    return pad == Dims(pad.size(), 0) ? x : constant_pad_nd(x, pad);
}

Tensor compute_convolution(const Arguments& a) {
    const Tensor &input = a.tensor(0), &weight = a.tensor(1);
    const Tensor bias = a.optional_tensor(2);
    if (weight.dim() < 3) throw Error("weight should have at least three dimensions");
    const Convolution c(a, 3, weight.shape().size() - 2);
    check_convolution(input, weight, bias, c);
    const Shape shape = c.output_shape(input.shape(), weight.shape());
    if (!c.transposed) return run_convolution(input, weight, bias, c, shape);
    const Tensor y = run_backward_input(extended(input, shape, weight.shape(), c), weight, c, shape);
    if (!bias.defined()) return y;
    Shape channels(shape.size(), 1);
    channels[1] = bias.numel();
    return y + reshape(bias, channels);
}

ArgumentRef list(const Dims& dims) {
    return IntList(dims);
}

Tensor forward_of(const Tensor& x, const Tensor& weight, const Convolution& c, bool transposed) {
    return call(convolution_op, {x, weight, Tensor(), list(c.stride), list(c.padding), list(c.dilation), transposed,
                                 list(c.output_padding), c.groups});
}

Tensor input_gradient(const Tensor& grad, const Tensor& weight, const Shape& input, const Convolution& c) {
    if (c.transposed) {
        Convolution plain = c;
        plain.output_padding = Dims(c.stride.size(), 0);
        return in_shape_of(input, forward_of(grad, weight, plain, false));
    }
    return call(convolution_backward_input_op,
                {grad, weight, list(input), list(c.stride), list(c.padding), list(c.dilation), c.groups});
}

/// Gradients of the weight and, if `bias`, of the bias.
Tensors weight_gradient(const Tensor& x, const Tensor& grad, const Shape& weight, const Convolution& c, bool bias) {
    return call_many(convolution_backward_weight_op,
                     {x, grad, list(weight), list(c.stride), list(c.padding), list(c.dilation), c.groups, bias});
}

Tensor bias_gradient(const Tensor& grad) {
    Dims dims{0};
    for (std::int64_t i = 2; i < grad.dim(); ++i)
        dims.push_back(i);
    return sum(grad, dims);
}

void backward(const Saved& saved, Gradients& g) {
    const Convolution c(saved, saved.shape("weight").size() - 2);
    if (g.needs(0)) g.set(0, input_gradient(g[0], saved.tensor("weight"), saved.shape("input"), c));
    if (g.needs(1)) {
        const Tensor x = saved.tensor("input");
        const bool bias = g.needs(2) && !c.transposed;
        Tensors found = c.transposed ? weight_gradient(g[0], extended(x, g[0].shape(), saved.shape("weight"), c),
                                                       saved.shape("weight"), c, false)
                                     : weight_gradient(x, g[0], saved.shape("weight"), c, bias);
        g.set(1, std::move(found[0]));
        if (bias) return g.set(2, std::move(found[1]));
    }
    if (g.needs(2)) g.set(2, bias_gradient(g[0]));
}

Convolution of_backward(const Saved& saved) {
    return {saved.integers("stride"), saved.integers("padding"), saved.integers("dilation"), saved.integer("groups")};
}

std::vector<Sample> convolution_samples() {
    const Tensor x = uniform({2, 4, 5, 6}), w = uniform({6, 4, 3, 2}), b = uniform({6});
    const Dims one{1, 1}, none{0, 0};
    return {
        {{x, w, b, one, none, one, Scalar(false), none, Scalar(1)}},
        {{x, w, Argument(), Dims{2, 1}, Dims{1, 2}, Dims{1, 2}, Scalar(false), none, Scalar(1)}},
        {{x, uniform({6, 2, 3, 2}), b, one, Dims{1, 0}, one, Scalar(false), none, Scalar(2)}},
        {{x, uniform({4, 3, 3, 2}), uniform({6}), Dims{2, 2}, Dims{1, 0}, one, Scalar(true), Dims{1, 0}, Scalar(2)}},
        {{uniform({2, 3, 7}), uniform({4, 3, 3}), uniform({4}), Dims{2}, Dims{1}, Dims{1}, Scalar(false), Dims{0},
          Scalar(1)}},
        {{uniform({1, 2, 3, 3, 4}), uniform({2, 1, 2, 2, 2}), uniform({2}), Dims{1, 2, 1}, Dims{1, 0, 1}, Dims{2, 1, 1},
          Scalar(false), Dims{0}, Scalar(2)}},
        {{uniform({1, 2, 2, 2, 2}), uniform({2, 1, 2, 2, 2}), uniform({1}), Dims{2, 1, 1}, Dims{0, 1, 0}, Dims{1},
          Scalar(true), Dims{1, 0, 0}, Scalar(1)}}};
}

} // namespace

extern const Op convolution_op({
    .signature = "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, "
                 "bool transposed, int[] output_padding, int groups) -> Tensor",
    .summary = "Cross-correlation of signals, images or volumes with kernels, or its transpose.",
    .forward =
        "y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l] * input[n, c, i * stride + k, j * stride + "
        "l]",
    .gradients = {{"input", "dL/dinput = transposed convolution of dL/dy with weight"},
                  {"weight", "dL/dweight[o, c] = correlation of input[:, c] with dL/dy[:, o], summed over the batch"},
                  {"bias", "dL/dbias[o] = sum of dL/dy[:, o]"}},
    .wide = Wide::halves_and_integers,
    .compute = compute_convolution,
    .saves = {{"input", "weight"},
              {"weight", "input"},
              {"input.shape"},
              {"weight.shape"},
              {"stride"},
              {"padding"},
              {"dilation"},
              {"transposed"},
              {"output_padding"},
              {"groups"}},
    .backward = backward,
    .samples = convolution_samples,
});

extern const Op convolution_backward_input_op({
    .signature = "convolution_backward_input(Tensor grad_output, Tensor weight, int[] input_size, int[] stride, int[] "
                 "padding, int[] dilation, int groups) -> Tensor",
    .summary = "Gradient of a convolution's input.",
    .forward = "dx = transposed convolution of grad_output with weight",
    .gradients = {{"grad_output", "dL/dgrad_output = convolution of dL/ddx with weight"},
                  {"weight", "dL/dweight = correlation of dL/ddx with grad_output"}},
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Convolution c(a.integers(3), a.integers(4), a.integers(5), a.integer(6));
            return run_backward_input(a.tensor(0), a.tensor(1), c, a.integers(2));
        },
    .saves = {{"grad_output", "weight"},
              {"weight", "grad_output"},
              {"weight.shape"},
              {"stride"},
              {"padding"},
              {"dilation"},
              {"groups"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Convolution c = of_backward(saved);
            if (g.needs(0)) g.set(0, forward_of(g[0], saved.tensor("weight"), c, false));
            if (g.needs(1))
                g.set(1, weight_gradient(g[0], saved.tensor("grad_output"), saved.shape("weight"), c, false)[0]);
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 6, 3, 5}), uniform({6, 2, 3, 2}), Dims{2, 4, 5, 6}, Dims{1, 1},
                                         Dims{0, 0}, Dims{1, 1}, Scalar(2)}}};
        },
});

extern const Op convolution_backward_weight_op({
    .signature = "convolution_backward_weight(Tensor input, Tensor grad_output, int[] weight_size, int[] stride, int[] "
                 "padding, int[] dilation, int groups, bool bias) -> (Tensor, Tensor)",
    .summary = "Gradients of a convolution's weight and bias.",
    .forward = "dweight = correlation of input with grad_output, dbias = sum of grad_output over all but channels",
    .gradients = {{"input", "dL/dinput = transposed convolution of grad_output with dL/ddweight"},
                  {"grad_output", "dL/dgrad_output = convolution of input with dL/ddweight, plus dL/ddbias"}},
    .dtypes = {floating_dtypes},
    .compute_many =
        [](const Arguments& a) {
            const Convolution c(a.integers(3), a.integers(4), a.integers(5), a.integer(6));
            return run_backward_weight(a.tensor(0), a.tensor(1), c, a.integers(2), a.boolean(7));
        },
    .saves = {{"input", "grad_output"},
              {"grad_output", "input"},
              {"input.shape"},
              {"grad_output.shape"},
              {"stride"},
              {"padding"},
              {"dilation"},
              {"groups"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Convolution c = of_backward(saved);
            if (g.needs(0) && g[0].defined())
                g.set(0, input_gradient(saved.tensor("grad_output"), g[0], saved.shape("input"), c));
            if (!g.needs(1)) return;
            Tensor result;
            if (g[0].defined()) result = forward_of(saved.tensor("input"), g[0], c, false);
            if (g[1].defined()) {
                Shape channels(saved.shape("input").size(), 1);
                channels[1] = g[1].numel();
                const Tensor of_bias = view(g[1], channels);
                result = result.defined() ? result + of_bias : expand(of_bias, saved.shape("grad_output"));
            }
            g.set(1, result);
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 4, 5, 6}), uniform({2, 6, 3, 5}), Dims{6, 2, 3, 2}, Dims{1, 1},
                                         Dims{0, 0}, Dims{1, 1}, Scalar(2), Scalar(true)}}};
        },
});

} // namespace hs::ops
