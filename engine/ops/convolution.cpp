#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op convolution_op;

namespace {

struct Layer {
    const char* name;
    std::size_t dimensions;
};
constexpr Layer one{"conv1d", 1}, two{"conv2d", 2}, three{"conv3d", 3}, one_transposed{"conv_transpose1d", 1},
    two_transposed{"conv_transpose2d", 2}, three_transposed{"conv_transpose3d", 3};

/// Adds the batch dimension to a single image, runs, and takes it away again.
template <class Run>
Tensor batched(const Layer& layer, const Tensor& input, Run run) {
    const auto rank = static_cast<std::int64_t>(layer.dimensions) + 1;
    if (input.dim() == rank) return squeeze(run(unsqueeze(input, 0)), 0);
    if (input.dim() != rank + 1)
        throw Error("Expected " + std::to_string(rank) + "D (unbatched) or " + std::to_string(rank + 1) +
                    "D (batched) input to " + layer.name + ", but got input of size: " + to_string(input.shape()));
    return run(input);
}

template <const Layer& layer>
Tensor compute(const Arguments& a) {
    static const Dims zero{0};
    return batched(layer, a.tensor(0), [&](const Tensor& x) {
        return call(convolution_op, {x, a[1], a[2], a[3], a[4], a[5], false, zero, a[6]});
    });
}

template <const Layer& layer>
Tensor compute_transposed(const Arguments& a) {
    return batched(layer, a.tensor(0), [&](const Tensor& x) {
        return call(convolution_op, {x, a[1], a[2], a[3], a[4], a[7], true, a[5], a[6]});
    });
}

/// `same` padding: zeros on both sides of each dimension, and one more behind where the number is odd (as
/// constant_pad_nd takes it, the last dimension first).
struct SamePadding {
    Dims both, behind;
    bool even = true;
};

SamePadding same_padding(const Tensor& weight, const Dims& stride, const Dims& dilation, std::size_t dimensions) {
    const auto check = [&](const Dims& values, const char* name) {
        if (values.size() != 1 && values.size() != dimensions)
            throw Error(std::string(name) + " cannot broadcast to " + std::to_string(dimensions) + " dimensions");
    };
    check(stride, "stride");
    check(dilation, "dilation");
    for (const std::int64_t step : stride)
        if (step != 1) throw Error("padding='same' is not supported for strided convolutions");
    SamePadding padding;
    for (std::size_t i = 0; i < dimensions; ++i) {
        const std::int64_t total = dilation[dilation.size() == 1 ? 0 : i] * (weight.shape()[i + 2] - 1);
        padding.both.push_back(total / 2);
        padding.behind.insert(0, total % 2);
        padding.behind.insert(0, 0);
        padding.even = padding.even && total % 2 == 0;
    }
    return padding;
}

template <const Layer& layer>
Tensor compute_named(const Arguments& a) {
    const Tensor& weight = a.tensor(1);
    const std::string_view padding = a.text(4);
    const Dims zero{0};
    if (padding == "valid") {
        return batched(layer, a.tensor(0), [&](const Tensor& x) {
            return call(convolution_op, {x, weight, a[2], a[3], zero, a[5], false, zero, a[6]});
        });
    }
    if (padding != "same") throw Error("Invalid padding string: '" + std::string(padding) + "'");
    const SamePadding same = same_padding(weight, a.integers(3), a.integers(5), layer.dimensions);
    return batched(layer, a.tensor(0), [&](Tensor x) {
        if (!same.even) x = constant_pad_nd(x, same.behind);
        return call(convolution_op, {x, weight, a[2], a[3], same.both, a[5], false, zero, a[6]});
    });
}

std::vector<ErrorSample> conv2d_errors() {
    const Tensor w = uniform({6, 1, 5, 5});
    return {{{uniform({64, 3, 28, 28}), w},
             {},
             "Given groups=1, weight of size [6, 1, 5, 5], expected input[64, 3, 28, 28] to have 1 channels, but got 3 "
             "channels instead"},
            {{uniform({3, 28}), w},
             {},
             "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [3, 28]"},
            {{uniform({2, 1, 4, 4}), w},
             {},
             "Calculated padded input size per channel: (4 x 4). Kernel size: (5 x 5). Kernel size can't be greater "
             "than actual input size"},
            {{uniform({2, 1, 8, 8}), w, uniform({5})},
             {},
             "Given weight of size [6, 1, 5, 5], expected bias to be 1-dimensional with 6 elements, but got bias of "
             "size [5] instead"},
            {{uniform({2, 1, 8, 8}), w}, {{"stride", Dims{0}}}, "non-positive stride is not supported"},
            {{uniform({2, 4, 8, 8}), uniform({5, 2, 3, 3})},
             {{"groups", Scalar(2)}},
             "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size [[5, 2, 3, "
             "3]] instead"}};
}

} // namespace

extern const Op conv2d_op({
    .signature = "conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] "
                 "dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of images [n, c, h, w] with kernels [out, c / groups, kh, kw].",
    .forward =
        "y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l] * input[n, c, i * stride + k, j * stride + "
        "l]",
    .dtypes = {numeric_dtypes, "slow_conv2d_cpu"},
    .compute = compute<two>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 1, 5, 5}), uniform({2, 1, 3, 3}), uniform({2})}, {{"padding", Scalar(1)}}},
                {{uniform({2, 5, 5}), uniform({4, 1, 3, 3})}, {{"groups", Scalar(2)}, {"stride", Dims{2, 1}}}}};
        },
    .errors = conv2d_errors,
});

extern const Op conv2d_padding_op({
    .signature = "conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str padding='valid', "
                 "int[2] dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of images with padding 'same' or 'valid'.",
    .forward = "y = conv2d(input) with padding that keeps the size, or without padding",
    .dtypes = {numeric_dtypes, "slow_conv2d_cpu"},
    .compute = compute_named<two>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 1, 5, 5}), uniform({2, 1, 3, 3}), uniform({2})}, {{"padding", std::string("same")}}},
                {{uniform({2, 1, 5, 5}), uniform({2, 1, 2, 4})}, {{"padding", std::string("same")}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2, 1, 8, 8}), uniform({6, 1, 5, 5})},
                                             {{"stride", Scalar(2)}, {"padding", std::string("same")}},
                                             "padding='same' is not supported for strided convolutions"},
                                            {{uniform({2, 1, 8, 8}), uniform({6, 1, 5, 5})},
                                             {{"padding", std::string("foo")}},
                                             "Invalid padding string: 'foo'"}};
        },
});

extern const Op conv1d_op({
    .signature = "conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] "
                 "dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of signals [n, c, l] with kernels [out, c / groups, k].",
    .forward = "y[n, o, i] = bias[o] + sum over c, k of weight[o, c, k] * input[n, c, i * stride + k]",
    .dtypes = {numeric_dtypes, "slow_conv2d_cpu"},
    .compute = compute<one>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 1, 5}), uniform({2, 1, 3}), uniform({2})}, {{"padding", Scalar(1)}}},
                {{uniform({2, 5}), uniform({4, 1, 3})}, {{"groups", Scalar(2)}, {"stride", Dims{2}}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({8}), uniform({6, 1, 3})},
                 {},
                 "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [8]"}};
        },
});

extern const Op conv1d_padding_op({
    .signature = "conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str padding='valid', "
                 "int[1] dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of signals with padding 'same' or 'valid'.",
    .forward = "y = conv1d(input) with padding that keeps the length, or without padding",
    .dtypes = {numeric_dtypes, "slow_conv2d_cpu"},
    .compute = compute_named<one>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 1, 5}), uniform({2, 1, 4}), uniform({2})}, {{"padding", std::string("same")}}}};
        },
});

extern const Op conv_transpose2d_op({
    .signature = "conv_transpose2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, "
                 "int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor",
    .summary = "Transposed convolution of images; weight is [c, out / groups, kh, kw].",
    .forward = "y = gradient of conv2d's input for the output gradient input",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64), "slow_conv_transpose2d_out_cpu"},
    .compute = compute_transposed<two_transposed>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 2, 3, 3}), uniform({2, 3, 3, 3}), uniform({3})}, {{"stride", Scalar(2)}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2, 3, 8, 8}), uniform({4, 2, 3, 3})},
                                             {},
                                             "Given transposed=1, weight of size [4, 2, 3, 3], expected input[2, 3, 8, "
                                             "8] to have 4 channels, but got 3 channels instead"}};
        },
});

extern const Op conv_transpose1d_op({
    .signature = "conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, "
                 "int[1] output_padding=0, int groups=1, int[1] dilation=1) -> Tensor",
    .summary = "Transposed convolution of signals; weight is [c, out / groups, k].",
    .forward = "y = gradient of conv1d's input for the output gradient input",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64), "slow_conv_transpose2d_out_cpu"},
    .compute = compute_transposed<one_transposed>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 2, 3}), uniform({2, 3, 3}), uniform({3})}, {{"stride", Scalar(2)}}}};
        },
});

extern const Op conv3d_op({
    .signature = "conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] "
                 "dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of volumes [n, c, d, h, w] with kernels [out, c / groups, kd, kh, kw].",
    .forward =
        "y[n, o, i] = bias[o] + sum over c, k of weight[o, c, k] * input[n, c, i * stride + k], with i and k of three "
        "numbers",
    .dtypes = {numeric_dtypes, "slow_conv3d_cpu"},
    .compute = compute<three>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({1, 1, 3, 3, 3}), uniform({2, 1, 2, 2, 2}), uniform({2})}, {{"padding", Dims{1, 0, 0}}}},
                {{uniform({2, 3, 3, 2}), uniform({2, 1, 2, 2, 1})}, {{"groups", Scalar(2)}}}};
        },
});

extern const Op conv3d_padding_op({
    .signature = "conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str padding='valid', "
                 "int[3] dilation=1, int groups=1) -> Tensor",
    .summary = "Cross-correlation of volumes with padding 'same' or 'valid'.",
    .forward = "y = conv3d(input) with padding that keeps the size, or without padding",
    .dtypes = {numeric_dtypes, "slow_conv3d_cpu"},
    .compute = compute_named<three>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 2, 3, 3}), uniform({1, 1, 2, 2, 3}), uniform({1})},
                                        {{"padding", std::string("same")}}}};
        },
});

extern const Op conv_transpose3d_op({
    .signature = "conv_transpose3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, "
                 "int[3] output_padding=0, int groups=1, int[3] dilation=1) -> Tensor",
    .summary = "Transposed convolution of volumes; weight is [c, out / groups, kd, kh, kw].",
    .forward = "y = gradient of conv3d's input for the output gradient input",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64), "slow_conv_transpose3d_out_cpu"},
    .compute = compute_transposed<three_transposed>,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({1, 2, 2, 2, 2}), uniform({2, 1, 2, 2, 2}), uniform({1})}, {{"stride", Scalar(2)}}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvolutionOptions& options) {
    return call(ops::conv2d_op,
                {input, weight, bias, options.stride, options.padding, options.dilation, options.groups});
}
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvolutionOptions& options) {
    return call(ops::conv1d_op,
                {input, weight, bias, options.stride, options.padding, options.dilation, options.groups});
}
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvolutionOptions& options) {
    return call(ops::conv3d_op,
                {input, weight, bias, options.stride, options.padding, options.dilation, options.groups});
}
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvolutionOptions& options, const Dims& output_padding) {
    return call(ops::conv_transpose1d_op, {input, weight, bias, options.stride, options.padding, output_padding,
                                           options.groups, options.dilation});
}
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvolutionOptions& options, const Dims& output_padding) {
    return call(ops::conv_transpose2d_op, {input, weight, bias, options.stride, options.padding, output_padding,
                                           options.groups, options.dilation});
}
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvolutionOptions& options, const Dims& output_padding) {
    return call(ops::conv_transpose3d_op, {input, weight, bias, options.stride, options.padding, output_padding,
                                           options.groups, options.dilation});
}

} // namespace hs
