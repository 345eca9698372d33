#include "engine/ops/functional.h"
#include "engine/ops/resample.h"
#include "engine/ops/samples.h"
#include "engine/ops/volumes.h"

namespace hs::ops {

extern const Op adaptive_avg_pool3d_primitive_op, adaptive_avg_pool3d_backward_op, adaptive_max_pool3d_primitive_op;

namespace {

/// The wanted sizes; -1, which stands for Python's None, keeps that of the volume.
Triple output_of(const Dims& size, const Tensor& x, const std::string& op) {
    if (x.dim() != 4 && x.dim() != 5)
        throw Error(op + "(): Expected 4D or 5D tensor, but got" + (op == "adaptive_max_pool3d" ? ": " : " ") +
                    to_string(x.shape()));
    for (std::int64_t i = x.dim() - 4; i < x.dim(); ++i)
        if (x.size(i) == 0)
            throw Error(op + "(): Expected input to have non-zero size for non-batch dimensions, but input has sizes " +
                        to_string(x.shape()) + " with dimension " + std::to_string(i) + " being empty");
    if (size.size() != 1 && size.size() != 3) throw Error(op + ": output_size must be 3");
    Triple result = triple_of(size);
    for (std::size_t i = 0; i < 3; ++i) {
        if (result[i] < -1)
            throw Error(op + ": elements of output_size must be greater than or equal to 0 but received {" +
                        std::to_string(result[0]) + ", " + std::to_string(result[1]) + ", " +
                        std::to_string(result[2]) + "}");
        if (result[i] == -1) result[i] = x.size(static_cast<std::int64_t>(i) - 3);
    }
    return result;
}

/// Means of windows that divide `from` elements into `to` parts.
Taps part_taps(std::int64_t from, std::int64_t to) {
    Taps taps;
    taps.count = (from + to - 1) / std::max<std::int64_t>(to, 1) + 1;
    for (std::int64_t i = 0; i < to; ++i) {
        const std::int64_t begin = i * from / to, end = ((i + 1) * from + to - 1) / to;
        for (std::int64_t k = begin; k < begin + taps.count; ++k) {
            taps.index.push_back(std::min(k, from - 1));
            taps.weight.push_back(k < end ? 1 / static_cast<double>(end - begin) : 0);
        }
    }
    return taps;
}

Tensor compute_adaptive_average_3d(const Arguments& a) {
    Tensor x = contiguous(a.tensor(0));
    const Triple output = output_of(a.integers(1), x, "adaptive_avg_pool3d");
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t dim = x.shape().size() - 3 + i;
        x = resampled(x, dim, part_taps(x.shape()[dim], output[i]), output[i]);
    }
    return x;
}

Tensor compute_adaptive_average_3d_backward(const Arguments& a) {
    Tensor grad = contiguous(a.tensor(0));
    const Shape shape = a.integers(1);
    for (std::size_t dim = shape.size(); dim-- > shape.size() - 3;)
        grad = resampled_backward(grad, dim, part_taps(shape[dim], grad.shape()[dim]), shape[dim]);
    return grad;
}

Tensors compute_adaptive_max_3d(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Triple output = output_of(a.integers(1), x, "adaptive_max_pool3d");
    const Tensor slices = slices_of(contiguous(x));
    const TensorOptions places{.dtype = Dtype::int32, .device = x.device()};
    const Shape first{slices.size(0), slices.size(1), output[1], output[2]};
    const Shape second{slices.size(0), 1, output[0], output[1] * output[2]};
    const Tensor flat = empty(first, x.options()), of_slices = empty(first, places);
    neural_kernels_of(x).adaptive_max_pool(slices, flat, of_slices);
    const Tensor y = empty(second, x.options()), of_columns = empty(second, places);
    neural_kernels_of(x).adaptive_max_pool(columns_of(flat), y, of_columns);
    return {as_volumes(y, x, output), as_volumes(places_in_volumes(of_slices, of_columns, x), x, output)};
}

std::vector<Sample> adaptive_samples_3d() {
    return {{{uniform({1, 2, 3, 2, 3}), Dims{2}}}, {{uniform({1, 4, 3, 3}), Dims{3, 1, 2}}}};
}

constexpr const char* average_text =
    "y[n, c, i] = mean of self[n, c, floor(i D / d) ... ceil((i + 1) D / d) - 1] along each "
    "of three dimensions";
constexpr const char* max_text =
    "y[n, c, i] = max of self[n, c, floor(i D / d) ... ceil((i + 1) D / d) - 1] along each of "
    "three dimensions";

} // namespace

extern const Op adaptive_avg_pool3d_primitive_op({
    .signature = "_adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor",
    .summary = "Means of windows that divide a volume into as many parts as the result has elements.",
    .forward = average_text,
    .gradients = {{"self", "dL/dself = sum of dL/dy / window size over the windows that hold the element"}},
    .dtypes = {floating_dtypes, "adaptive_avg_pool3d_cpu"},
    .compute = compute_adaptive_average_3d,
    .saves = {{"self.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(adaptive_avg_pool3d_backward_op, {g[0], Dims(saved.shape("self"))}));
        },
    .node = "AdaptiveAvgPool3D",
    .samples = adaptive_samples_3d,
});

extern const Op adaptive_avg_pool3d_backward_op({
    .signature = "_adaptive_avg_pool3d_backward(Tensor grad_output, int[] input_size) -> Tensor",
    .summary = "Gradient of adaptive average pooling's input.",
    .forward = "dx = sum of grad_output / window size over the windows that hold the element",
    .gradients = {{"grad_output", "dL/dgrad_output = adaptive average pooling of dL/ddx"}},
    .dtypes = {floating_dtypes},
    .compute = compute_adaptive_average_3d_backward,
    .saves = {{"grad_output.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("grad_output");
            const Dims size(std::span(shape.end() - 3, shape.end()));
            g.set(0, call(adaptive_avg_pool3d_primitive_op, {g[0], size}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 2, 2, 1}), Dims{1, 1, 3, 4, 2}}}};
        },
});

extern const Op adaptive_avg_pool3d_op({
    .signature = "adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor",
    .summary = "Means of windows that divide a volume into output_size parts.",
    .forward = average_text,
    .dtypes = {floating_dtypes, "adaptive_avg_pool3d_cpu"},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Dims size = a.integers(1);
            if (x.dim() == 5 && (size == Dims{1} || size == Dims{1, 1, 1}) && x.numel() > 0)
                return mean(x, Dims{-1, -2, -3}, true);
            return call(adaptive_avg_pool3d_primitive_op, {x, size});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 2, 2, 3}), Dims{1}}}, {{uniform({1, 2, 3, 3}), Dims{2}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Dims{2}}, {}, "adaptive_avg_pool3d(): Expected 4D or 5D tensor, but got [2, 2]"},
                {{uniform({2, 2, 2, 2}), Dims{2, 2}}, {}, "adaptive_avg_pool3d: output_size must be 3"}};
        },
});

extern const Op adaptive_max_pool3d_primitive_op({
    .signature = "_adaptive_max_pool3d(Tensor self, int[3] output_size) -> (Tensor, Tensor)",
    .summary = "The greatest elements of windows that divide a volume, and their places in their volumes.",
    .forward = max_text,
    .gradients = {{"self", "dL/dself = sum of dL/dy over the windows that chose the element"}},
    .dtypes = {floating_dtypes, "adaptive_max_pool3d_cpu"},
    .compute_many = compute_adaptive_max_3d,
    .saves = {{"self.shape"}, {"result1"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, put_back(g[0], saved.result(1), saved.shape("self"))); },
    .node = "AdaptiveMaxPool3D",
    .non_differentiable = {1},
    .samples = adaptive_samples_3d,
});

extern const Op adaptive_max_pool3d_op({
    .signature = "adaptive_max_pool3d(Tensor self, int[3] output_size, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest elements of windows that divide a volume; with return_indices also their places.",
    .forward = max_text,
    .dtypes = {floating_dtypes, "adaptive_max_pool3d_cpu"},
    .compute_many =
        [](const Arguments& a) {
            Tensors result = call_many(adaptive_max_pool3d_primitive_op, {a.tensor(0), a[1]});
            if (!a.boolean(2)) result.pop_back();
            return result;
        },
    .composite = true,
    .samples = adaptive_samples_3d,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Dims{2}}, {}, "adaptive_max_pool3d(): Expected 4D or 5D tensor, but got: [2, 2]"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor adaptive_avg_pool3d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_avg_pool3d_op, {self, output_size});
}
Tensor adaptive_max_pool3d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_max_pool3d_op, {self, output_size});
}
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& self, const Dims& output_size) {
    Tensors result = call_many(ops::adaptive_max_pool3d_op, {self, output_size, true});
    return {std::move(result[0]), std::move(result[1])};
}

} // namespace hs
