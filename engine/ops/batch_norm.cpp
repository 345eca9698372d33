#include "engine/graph/grad_mode.h"
#include "engine/kernels/neural.h"
#include "engine/ops/functional.h"
#include "engine/ops/layer_norm.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op native_batch_norm_op;

namespace {

void check_length(const Tensor& given, const char* name, std::int64_t channels) {
    if (given.defined() && given.numel() != channels)
        throw Error(std::string(name) + " should contain " + std::to_string(channels) + " elements not " +
                    std::to_string(given.numel()));
}

/// running = (1 - momentum) * running + momentum * batch, in place.
void update(const Tensor& running, const Tensor& batch, double momentum) {
    if (!running.defined()) return;
    const Kernels& kernels = kernels_of(running);
    kernels.binary(Binary::mul, running, Scalar(1 - momentum), running);
    kernels.add(running, batch.dtype() == running.dtype() ? batch : to(batch, running.dtype()), momentum, running);
    running.bump_version();
}

/// y, and in training mean and biased variance of the batch.
Tensors compute(const Arguments& a) {
    const Tensor x = contiguous(a.tensor(0));
    const Tensor weight = a.optional_tensor(1), bias = a.optional_tensor(2);
    const Tensor running_mean = a.optional_tensor(3), running_var = a.optional_tensor(4);
    const bool training = a.boolean(5);
    const std::int64_t channels = x.dim() > 1 ? x.size(1) : 0;
    const std::pair<const Tensor&, const char*> given[] = {
        {running_mean, "running_mean"}, {running_var, "running_var"}, {weight, "weight"}, {bias, "bias"}};
    for (const auto& [tensor, name] : given) {
        if (name[0] == 'r' && !tensor.defined() && !training)
            throw Error(std::string(name) + " must be defined in evaluation mode");
        check_length(tensor, name, channels);
    }
    check_parameter_dtypes(x, {weight, bias, running_mean, running_var});
    // Statistics of half types are float32.
    const TensorOptions options{.dtype = x.dtype() == Dtype::float64 ? Dtype::float64 : Dtype::float32,
                                .device = x.device()};
    Tensor mean = running_mean, variance = running_var;
    if (training) {
        mean = empty({channels}, options);
        variance = empty({channels}, options);
        neural_kernels_of(x).batch_norm_statistics(x, mean, variance);
        const auto count = static_cast<double>(x.numel()) / static_cast<double>(std::max<std::int64_t>(channels, 1));
        update(running_mean, mean, a.floating(6));
        if (running_var.defined()) update(running_var, variance * (count / (count - 1)), a.floating(6));
    }
    const Tensor y = empty(x.shape(), x.options());
    const auto plain = [](const Tensor& t) { return t.defined() ? contiguous(t) : t; };
    neural_kernels_of(x).batch_norm(x, plain(mean), plain(variance), plain(weight), plain(bias), a.floating(7), y);
    if (!training) mean = variance = empty({0}, options);
    return {y, mean, variance};
}

/// All dimensions but the channels'.
Dims other_dims(const Tensor& x) {
    Dims dims{0};
    for (std::int64_t i = 2; i < x.dim(); ++i)
        dims.push_back(i);
    return dims;
}

Tensor along_channels(const Tensor& values, const Tensor& x) {
    Shape shape(x.shape().size(), 1);
    shape[1] = x.size(1);
    return reshape(values, shape);
}

/// The gradients in terms of other operations, for when their graph is recorded.
void composed_backward(const Saved& saved, Gradients& g) {
    const Tensor x = saved.tensor("input"), grad = g[0];
    const Tensor weight = saved.tensor("weight");
    const bool training = saved.boolean("training");
    const Dims dims = other_dims(x);
    const Tensor centre = training ? mean(x, dims, true) : along_channels(saved.tensor("running_mean"), x);
    const Tensor variance =
        training ? mean(square(x - centre), dims, true) : along_channels(saved.tensor("running_var"), x);
    const Tensor inverse = rsqrt(variance + saved.floating("eps"));
    const Tensor normalised = (x - centre) * inverse;
    if (g.needs(1)) g.set(1, sum(grad * normalised, dims));
    if (g.needs(2)) g.set(2, sum(grad, dims));
    if (!g.needs(0)) return;
    const Tensor factor = weight.defined() ? inverse * along_channels(weight, x) : inverse;
    if (!training) return g.set(0, grad * factor);
    g.set(0, factor * (grad - mean(grad, dims, true) - normalised * mean(grad * normalised, dims, true)));
}

void backward_by_kernel(const Saved& saved, Gradients& g) {
    if (!g[0].defined()) return;
    if (grad_enabled()) return composed_backward(saved, g);
    const Tensor x = contiguous(saved.tensor("input"));
    const bool training = saved.boolean("training");
    const Tensor mean = contiguous(training ? saved.result(1) : saved.tensor("running_mean"));
    const Tensor variance = contiguous(training ? saved.result(2) : saved.tensor("running_var"));
    const Tensor weight = saved.tensor("weight");
    const Shape channels{x.dim() > 1 ? x.size(1) : 0};
    const Tensor dx = g.needs(0) ? empty(x.shape(), x.options()) : Tensor();
    const Tensor dweight = g.needs(1) ? empty(channels, x.options()) : Tensor();
    const Tensor dbias = g.needs(2) ? empty(channels, x.options()) : Tensor();
    neural_kernels_of(x).batch_norm_backward(contiguous(g[0]), x, mean, variance,
                                             weight.defined() ? contiguous(weight) : weight, saved.floating("eps"),
                                             training, dx, dweight, dbias);
    if (dx.defined()) g.set(0, dx);
    if (dweight.defined()) g.set(1, dweight);
    if (dbias.defined()) g.set(2, dbias);
}

void check_count(const Shape& shape) {
    std::int64_t count = shape.empty() ? 0 : shape[0];
    for (std::size_t i = 2; i < shape.size(); ++i)
        count *= shape[i];
    if (count == 1)
        throw ValueError("Expected more than 1 value per channel when training, got input size torch.Size(" +
                         to_string(shape) + ")");
}

} // namespace

extern const Op native_batch_norm_op({
    .signature = "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
                 "running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
    .summary = "Batch norm of [n, c, ...]; gives also mean and biased variance of the batch. In training the running "
               "statistics are changed in place.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .gradients = {{"input",
                   "dL/dinput = weight / sqrt(var + eps) * (dL/dy - mean(dL/dy) - xn * mean(dL/dy * xn)) with xn = "
                   "(input - mean) / sqrt(var + eps)"},
                  {"weight", "dL/dweight = sum of dL/dy * xn"},
                  {"bias", "dL/dbias = sum of dL/dy"}},
    .dtypes = {floating_dtypes, "batch_norm"},
    .compute_many = compute,
    .saves =
        {{"input"}, {"weight"}, {"running_mean"}, {"running_var"}, {"training"}, {"eps"}, {"result1"}, {"result2"}},
    .backward = backward_by_kernel,
    .non_differentiable = {1, 2},
    .samples =
        [] {
            const Tensor x = uniform({3, 2, 4});
            return std::vector<Sample>{
                {{x, uniform({2}), uniform({2}), Argument(), Argument(), Scalar(true), Scalar(0.1), Scalar(1e-5)}},
                {{uniform({4, 3}), Argument(), Argument(), uniform({3}), uniform({3}, 0.5, 2), Scalar(false),
                  Scalar(0.1), Scalar(1e-3)}},
                {{uniform({2, 2, 3, 2}), uniform({2}), Argument(), Argument(), Argument(), Scalar(true), Scalar(0.1),
                  Scalar(1e-2)}}};
        },
});

extern const Op batch_norm_op({
    .signature = "batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? "
                 "bias=None, bool training=False, float momentum=0.1, float eps=1e-05) -> Tensor",
    .summary = "Batch norm of [n, c, ...], by the batch's statistics in training, else by the running ones.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias",
    .gradients = {{"input", "as native_batch_norm"},
                  {"weight", "as native_batch_norm"},
                  {"bias", "as native_batch_norm"}},
    .dtypes = {floating_dtypes, "batch_norm"},
    .compute =
        [](const Arguments& a) {
            if (a.boolean(5)) check_count(a.tensor(0).shape());
            return call_many(native_batch_norm_op, {a.tensor(0), a[3], a[4], a[1], a[2], a[5], a[6], a[7]})[0];
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({4, 3}), uniform({3}), uniform({3}, 0.5, 2), uniform({3}), uniform({3})}}};
        },
    .errors =
        [] {
            const Tensor x = uniform({4, 2}), two = uniform({2}), three = uniform({3});
            return std::vector<ErrorSample>{
                {{uniform({1, 2}), two, two},
                 {{"training", Scalar(true)}},
                 "Expected more than 1 value per channel when training, got input size torch.Size([1, 2])"},
                {{x, three, two}, {}, "running_mean should contain 2 elements not 3"},
                {{x, Argument(), Argument()}, {}, "running_mean must be defined in evaluation mode"},
                {{x, two, two, three}, {}, "weight should contain 2 elements not 3"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
                  const Tensor& bias, const BatchNormOptions& options) {
    return call(ops::batch_norm_op,
                {input, running_mean, running_var, weight, bias, options.training, options.momentum, options.eps});
}

} // namespace hs
