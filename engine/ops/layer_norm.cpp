#include "engine/ops/layer_norm.h"

#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op native_layer_norm_op, native_group_norm_op;

namespace {

/// (x - mean) / sqrt(variance + eps) over `dims`, and what the gradient needs.
struct Normalised {
    Tensor inverse, values;

    Normalised(const Tensor& x, const Dims& dims, double eps) {
        const Tensor centred = x - mean(x, dims, true);
        inverse = rsqrt(mean(square(centred), dims, true) + eps);
        values = centred * inverse;
    }
    /// The gradient of x from that of the values.
    Tensor backward(const Tensor& grad, const Dims& dims) const {
        return inverse * (grad - mean(grad, dims, true) - values * mean(grad * values, dims, true));
    }
};

Tensor scaled(Tensor values, const Tensor& weight, const Tensor& bias) {
    if (weight.defined()) values = values * weight;
    return bias.defined() ? values + bias : values;
}

/// x [n, c, ...] as [n, groups, ...].
Tensor grouped(const Tensor& x, std::int64_t groups) {
    return reshape(x, {x.size(0), groups, x.numel() / std::max<std::int64_t>(x.size(0) * groups, 1)});
}

Tensor affine_along_channels(const Tensor& values, const Tensor& x) {
    if (!values.defined()) return values;
    Shape shape(x.shape().size(), 1);
    shape[1] = values.numel();
    return reshape(values, shape);
}

void check_group(const Tensor& x, std::int64_t groups, const Tensor& weight, const Tensor& bias) {
    const std::int64_t channels = x.size(1);
    if (groups < 1) throw Error("Expected num groups to be greater than 0, got " + std::to_string(groups));
    if (channels % groups != 0)
        throw Error("Expected number of channels in input to be divisible by num_groups, but got input of shape " +
                    to_string(x.shape()) + " and num_groups=" + std::to_string(groups));
    const auto check = [&](const Tensor& given, const char* name) {
        if (given.defined() && (given.dim() != 1 || given.numel() != channels))
            throw Error(std::string("Expected ") + name +
                        " to be a vector of size equal to the number of channels in input, but got " + name +
                        " of shape " + to_string(given.shape()) + " and input of shape " + to_string(x.shape()));
    };
    check(weight, "weight");
    check(bias, "bias");
    check_parameter_dtypes(x, {weight, bias});
}

Dims but_channels(const Tensor& x) {
    Dims dims{0};
    for (std::int64_t i = 2; i < x.dim(); ++i)
        dims.push_back(i);
    return dims;
}

} // namespace

void check_parameter_dtypes(const Tensor& x, std::initializer_list<Tensor> parameters) {
    const bool is_half = x.dtype() == Dtype::float16 || x.dtype() == Dtype::bfloat16;
    const auto all_are = [&](Dtype dtype) {
        return std::ranges::all_of(parameters, [dtype](const Tensor& t) { return !t.defined() || t.dtype() == dtype; });
    };
    if (!all_are(x.dtype()) && !(is_half && all_are(Dtype::float32)))
        throw Error("mixed dtype (CPU): expect parameter to have scalar type of Float");
}

Dims last_dims(std::size_t rank, std::size_t count) {
    Dims dims;
    for (std::size_t i = rank - count; i < rank; ++i)
        dims.push_back(static_cast<std::int64_t>(i));
    return dims;
}

void check_normalized_shape(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias) {
    if (shape.empty())
        throw Error("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
                    "but got normalized_shape = []");
    const auto check = [&](const Tensor& given, const char* name) {
        if (given.defined() && given.shape() != shape)
            throw Error(std::string("Expected ") + name + " to be of same shape as normalized_shape, but got " + name +
                        " of shape " + to_string(given.shape()) + " and normalized_shape = " + to_string(shape));
    };
    check(weight, "weight");
    check(bias, "bias");
    check_parameter_dtypes(x, {weight, bias});
    const std::size_t rank = x.shape().size();
    if (rank < shape.size() || !std::equal(shape.begin(), shape.end(), x.shape().end() - shape.size())) {
        std::string wanted = to_string(shape);
        throw Error("Given normalized_shape=" + wanted + ", expected input with shape [*, " + wanted.substr(1) +
                    ", but got input of size" + to_string(x.shape()));
    }
}

extern const Op native_layer_norm_op({
    .signature = "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> "
                 "Tensor",
    .summary = "Norm over the last dimensions, each position by its own mean and variance.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .gradients = {{"input",
                   "dL/dinput = (g - mean(g) - xn * mean(g * xn)) / sqrt(var + eps) with g = dL/dy * weight, xn = "
                   "(input - mean) / sqrt(var + eps)"},
                  {"weight", "dL/dweight = sum of dL/dy * xn"},
                  {"bias", "dL/dbias = sum of dL/dy"}},
    .dtypes = {floating_dtypes, "LayerNormKernelImpl"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Dims shape = a.integers(1);
            const Tensor weight = a.optional_tensor(2), bias = a.optional_tensor(3);
            check_normalized_shape(x, shape, weight, bias);
            return scaled(Normalised(x, last_dims(x.shape().size(), shape.size()), a.floating(4)).values, weight, bias);
        },
    .saves = {{"input"}, {"weight"}, {"normalized_shape"}, {"eps"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("input"), weight = saved.tensor("weight");
            const Dims dims = last_dims(x.shape().size(), saved.integers("normalized_shape").size());
            const Normalised normalised(x, dims, saved.floating("eps"));
            if (g.needs(0)) g.set(0, normalised.backward(weight.defined() ? g[0] * weight : g[0], dims));
            if (g.needs(1)) g.set(1, g[0] * normalised.values);
            if (g.needs(2)) g.set(2, g[0]);
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Dims{4}, uniform({4}), uniform({4}), Scalar(1e-5)}},
                                       {{uniform({2, 3, 4}), Dims{3, 4}, Argument(), Argument(), Scalar(1e-2)}}};
        },
});

extern const Op native_group_norm_op({
    .signature = "native_group_norm(Tensor input, int num_groups, Tensor? weight, Tensor? bias, float eps) -> Tensor",
    .summary = "Norm over groups of channels, each group of each image by its own mean and variance.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .gradients = {{"input",
                   "dL/dinput = (g - mean(g) - xn * mean(g * xn)) / sqrt(var + eps) with g = dL/dy * weight, xn = "
                   "(input - mean) / sqrt(var + eps)"},
                  {"weight", "dL/dweight = sum of dL/dy * xn"},
                  {"bias", "dL/dbias = sum of dL/dy"}},
    .dtypes = {floating_dtypes, "GroupNormKernelImpl"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Tensor weight = a.optional_tensor(2), bias = a.optional_tensor(3);
            check_group(x, a.integer(1), weight, bias);
            const Normalised normalised(grouped(x, a.integer(1)), {2}, a.floating(4));
            return scaled(reshape(normalised.values, x.shape()), affine_along_channels(weight, x),
                          affine_along_channels(bias, x));
        },
    .saves = {{"input"}, {"weight"}, {"num_groups"}, {"eps"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("input"), weight = saved.tensor("weight");
            const std::int64_t groups = saved.integer("num_groups");
            const Normalised normalised(grouped(x, groups), {2}, saved.floating("eps"));
            const Tensor grad = weight.defined() ? g[0] * affine_along_channels(weight, x) : g[0];
            if (g.needs(0)) g.set(0, reshape(normalised.backward(grouped(grad, groups), {2}), x.shape()));
            if (g.needs(1)) g.set(1, sum(g[0] * reshape(normalised.values, x.shape()), but_channels(x)));
            if (g.needs(2)) g.set(2, sum(g[0], but_channels(x)));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 4, 3}), Scalar(2), uniform({4}), uniform({4}), Scalar(1e-5)}}};
        },
});

extern const Op layer_norm_op({
    .signature = "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float "
                 "eps=1e-05) -> Tensor",
    .summary = "Norm over the last dimensions, each position by its own mean and variance.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            return call(native_layer_norm_op, {a[0], a[1], a[2], a[3], a[4]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Dims{4}, uniform({4}), uniform({4})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({4, 2}), Dims{3}},
                 {},
                 "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[4, 2]"},
                {{uniform({4, 2}), Dims{2}, uniform({3})},
                 {},
                 "Expected weight to be of same shape as normalized_shape, but got weight of shape [3] and "
                 "normalized_shape = [2]"}};
        },
});

extern const Op group_norm_op({
    .signature = "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> "
                 "Tensor",
    .summary = "Norm over groups of channels, each group of each image by its own mean and variance.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            return call(native_group_norm_op, {a[0], a[1], a[2], a[3], a[4]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 4, 3}), Scalar(2), uniform({4}), uniform({4})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({4, 6}), Scalar(4)},
                                             {},
                                             "Expected number of channels in input to be divisible by num_groups, but "
                                             "got input of shape [4, 6] and num_groups=4"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor layer_norm(const Tensor& input, const Dims& normalized_shape, const Tensor& weight, const Tensor& bias,
                  double eps) {
    return call(ops::layer_norm_op, {input, normalized_shape, weight, bias, eps});
}
Tensor group_norm(const Tensor& input, std::int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps) {
    return call(ops::group_norm_op, {input, num_groups, weight, bias, eps});
}

} // namespace hs
