#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op native_batch_norm_op;

namespace {

/// `values` of each channel once for every item of the batch.
Tensor for_items(const Tensor& values, std::int64_t items) {
    return values.defined() ? repeat(values, Dims{items}) : values;
}

/// Running statistics become the mean over the items of what each item made of them.
void take_mean(Tensor running, const Tensor& of_items, std::int64_t items) {
    if (running.defined()) running.copy_(mean(view(of_items, {items, running.numel()}), Dims{0}).to(running.dtype()));
}

Tensor compute_instance_norm(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Tensor running_mean = a.optional_tensor(1), running_var = a.optional_tensor(2);
    const bool use_input_stats = a.boolean(5);
    if (!use_input_stats && (!running_mean.defined() || !running_var.defined()))
        throw Error("Expected running_mean and running_var to be defined when use_input_stats is false");
    std::int64_t elements = 1;
    for (std::int64_t i = 2; i < x.dim(); ++i)
        elements *= x.size(i);
    if (use_input_stats && elements == 1)
        throw ValueError("Expected more than 1 spatial element when training, got input size torch.Size(" +
                         to_string(x.shape()) + ")");
    const std::int64_t items = x.size(0);
    Shape shape = x.shape();
    shape[0] = 1;
    shape[1] = items * x.size(1);
    // Every channel of every item is a channel of one large item.
    const Tensor mean = for_items(running_mean, items), var = for_items(running_var, items);
    const Tensor y = call_many(native_batch_norm_op,
                               {reshape(contiguous(x), shape), for_items(a.optional_tensor(3), items),
                                for_items(a.optional_tensor(4), items), mean, var, use_input_stats, a[6], a[7]})[0];
    if (use_input_stats) {
        take_mean(running_mean, mean, items);
        take_mean(running_var, var, items);
    }
    return reshape(y, x.shape());
}

/// The squares averaged over `size` neighbouring channels, fewer at the ends counting as zeros.
Tensor mean_of_neighbours(const Tensor& squares, std::int64_t size) {
    const std::int64_t before = size / 2, behind = (size - 1) / 2;
    if (squares.dim() == 3) { // by images, which more dtypes have than volumes
        const Tensor padded = constant_pad_nd(unsqueeze(squares, 1), Dims{0, 0, before, behind});
        return squeeze(avg_pool2d(padded, Dims{size, 1}, {.stride = {1}}), 1);
    }
    const Tensor channels = reshape(squares, {squares.size(0), 1, squares.size(1), 1, -1});
    const Tensor padded = constant_pad_nd(channels, Dims{0, 0, 0, 0, before, behind});
    return reshape(avg_pool3d(padded, Dims{size, 1, 1}, {.stride = {1}}), squares.shape());
}

} // namespace

extern const Op instance_norm_op({
    .signature = "instance_norm(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? "
                 "weight=None, Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> "
                 "Tensor",
    .summary = "Batch norm of every item by itself. With use_input_stats the running statistics are changed in place.",
    .forward = "y = (input - mean) / sqrt(var + eps) * weight + bias, with mean and var of each item and channel",
    .gradients = {{"input", "as native_batch_norm"},
                  {"weight", "as native_batch_norm"},
                  {"bias", "as native_batch_norm"}},
    .dtypes = {floating_dtypes, "batch_norm"},
    .compute = compute_instance_norm,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 2, 3})}, {{"weight", uniform({2})}, {"bias", uniform({2})}}},
                {{uniform({2, 2, 2}), uniform({2}), uniform({2}, 0.5, 2)}, {{"use_input_stats", Scalar(false)}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2, 1})},
                 {},
                 "Expected more than 1 spatial element when training, got input size torch.Size([2, 2, 1])"},
                {{uniform({2, 2, 2})},
                 {{"use_input_stats", Scalar(false)}},
                 "Expected running_mean and running_var to be defined when use_input_stats is false"}};
        },
});

extern const Op local_response_norm_op({
    .signature = "local_response_norm(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0) -> "
                 "Tensor",
    .summary = "Divides each element by a power of the mean square of its neighbours in nearby channels.",
    .forward = "y[n, c] = input[n, c] / (k + alpha * mean of input[n, c']^2 over size channels around c)^beta",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64)},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dim() < 3)
                throw ValueError("Expected 3D or higher dimensionality                          input (got " +
                                 std::to_string(x.dim()) + " dimensions)");
            if (x.numel() == 0) return x;
            const Tensor means = mean_of_neighbours(x * x, a.integer(1));
            return x / pow(means * a.floating(2) + a.floating(4), Scalar(a.floating(3)));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 4, 3}), Scalar(3), Scalar(0.1)}},
                                       {{uniform({1, 3, 2, 2}), Scalar(2), Scalar(1.0)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Scalar(2)},
                 {},
                 "Expected 3D or higher dimensionality                          input (got 2 dimensions)"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor instance_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
                     const Tensor& bias, const InstanceNormOptions& o) {
    return call(ops::instance_norm_op,
                {input, running_mean, running_var, weight, bias, o.use_input_stats, o.momentum, o.eps});
}
Tensor local_response_norm(const Tensor& input, std::int64_t size, double alpha, double beta, double k) {
    return call(ops::local_response_norm_op, {input, size, alpha, beta, k});
}

} // namespace hs
