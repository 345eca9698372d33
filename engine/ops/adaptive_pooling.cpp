#include "engine/ops/functional.h"
#include "engine/ops/images.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op adaptive_avg_pool2d_primitive_op, adaptive_avg_pool2d_backward_op, adaptive_max_pool2d_primitive_op,
    max_pool2d_backward_op;

namespace {

/// The wanted sizes; -1, which stands for Python's None, keeps that of the image.
Pair output_pair(const Dims& size, const Shape& input, const char* op) {
    if (size.size() != 1 && size.size() != 2) throw Error(std::string(op) + ": output_size must be 2");
    Pair result = pair_of(size);
    if (result[0] < -1 || result[1] < -1)
        throw Error(std::string(op) + ": elements of output_size must be greater than or equal to 0 but received {" +
                    std::to_string(result[0]) + ", " + std::to_string(result[1]) + "}");
    for (std::size_t i = 0; i < 2; ++i)
        if (result[i] == -1) result[i] = input[input.size() - 2 + i];
    return result;
}

void check_input(const Tensor& x, const char* op, const char* but_got) {
    if (x.dim() != 3 && x.dim() != 4)
        throw Error(std::string(op) + "(): Expected 3D or 4D tensor, but got" + but_got + to_string(x.shape()));
    for (std::int64_t i = x.dim() - 3; i < x.dim(); ++i)
        if (x.size(i) == 0)
            throw Error(std::string(op) +
                        "(): Expected input to have non-zero size for non-batch dimensions, but input has sizes " +
                        to_string(x.shape()) + " with dimension " + std::to_string(i) + " being empty");
}

/// The geometry of ordinary pooling that does the same, where the sizes divide.
bool divides(const Shape& from, const Shape& to, PoolGeometry& geometry) {
    if (to[2] == 0 || to[3] == 0 || from[2] % to[2] != 0 || from[3] % to[3] != 0) return false;
    geometry.kernel = geometry.stride = {from[2] / to[2], from[3] / to[3]};
    return true;
}

Tensor compute_adaptive_average(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    check_input(x, "adaptive_avg_pool2d", " ");
    const Pair size = output_pair(a.integers(1), x.shape(), "adaptive_avg_pool2d");
    const Tensor images = as_batch(x);
    const Tensor y = empty({images.size(0), images.size(1), size[0], size[1]}, x.options());
    PoolGeometry geometry;
    if (divides(images.shape(), y.shape(), geometry))
        neural_kernels_of(x).average_pool(images, geometry, y);
    else
        neural_kernels_of(x).adaptive_average_pool(images, y);
    return in_rank_of(x, y);
}

Tensor compute_adaptive_average_backward(const Arguments& a) {
    const Tensor& grad = a.tensor(0);
    const Shape size = a.integers(1);
    const Tensor images = as_batch(grad);
    const Tensor dx = empty(size.size() == 4 ? size : Shape{1, size[0], size[1], size[2]}, grad.options());
    PoolGeometry geometry;
    if (divides(dx.shape(), images.shape(), geometry))
        neural_kernels_of(grad).average_pool_backward(images, geometry, dx);
    else
        neural_kernels_of(grad).adaptive_average_pool_backward(images, dx);
    return in_rank_of(grad, dx);
}

Tensors compute_adaptive_max(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    check_input(x, "adaptive_max_pool2d", ": ");
    const Pair size = output_pair(a.integers(1), x.shape(), "adaptive_max_pool2d");
    const Tensor images = as_batch(x);
    const Shape shape{images.size(0), images.size(1), size[0], size[1]};
    const Tensor y = empty(shape, x.options()), index = empty(shape, {.dtype = Dtype::int32, .device = x.device()});
    PoolGeometry geometry;
    if (divides(images.shape(), shape, geometry))
        neural_kernels_of(x).max_pool(images, geometry, y, index);
    else
        neural_kernels_of(x).adaptive_max_pool(images, y, index);
    return {in_rank_of(x, y), in_rank_of(x, index)};
}

std::vector<Sample> adaptive_samples() {
    return {
        {{uniform({2, 3, 4, 6}), Dims{2, 3}}}, {{uniform({2, 5, 7}), Dims{3, 2}}}, {{uniform({1, 2, 3, 3}), Dims{4}}}};
}

/// Runs an operation of images on signals [n, c, l] or [c, l], as images of height 1.
Tensors on_signals(const Op& op, const Tensor& x, std::int64_t size, const char* name) {
    if (x.dim() != 2 && x.dim() != 3)
        throw Error("Expected 2 to 3 dimensions, but got " + std::to_string(x.dim()) +
                    "-dimensional tensor for argument #1 'self' (while checking arguments for " + name + ")");
    Tensors result = call_many(op, {unsqueeze(x, -2), Dims{1, size}});
    for (Tensor& tensor : result)
        tensor = squeeze(tensor, -2);
    return result;
}

} // namespace

extern const Op adaptive_avg_pool2d_primitive_op({
    .signature = "_adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    .summary = "Means of windows that divide an image into as many parts as the result has pixels.",
    .forward = "y[n, c, i, j] = mean of self[n, c, floor(i H / h) ... ceil((i + 1) H / h) - 1, likewise j]",
    .gradients = {{"self", "dL/dself = sum of dL/dy / window size over the windows that hold the element"}},
    .dtypes = {floating_dtypes, "adaptive_avg_pool2d"},
    .compute = compute_adaptive_average,
    .saves = {{"self.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(adaptive_avg_pool2d_backward_op, {g[0], Dims(saved.shape("self"))}));
        },
    .node = "AdaptiveAvgPool2D",
    .samples = adaptive_samples,
});

extern const Op adaptive_avg_pool2d_backward_op({
    .signature = "_adaptive_avg_pool2d_backward(Tensor grad_output, int[] input_size) -> Tensor",
    .summary = "Gradient of adaptive average pooling's input.",
    .forward = "dx = sum of grad_output / window size over the windows that hold the element",
    .gradients = {{"grad_output", "dL/dgrad_output = adaptive average pooling of dL/ddx"}},
    .dtypes = {floating_dtypes},
    .compute = compute_adaptive_average_backward,
    .saves = {{"grad_output.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("grad_output");
            g.set(0, call(adaptive_avg_pool2d_primitive_op, {g[0], Dims{shape[shape.size() - 2], shape.back()}}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 2, 3}), Dims{1, 2, 5, 6}}}};
        },
});

extern const Op adaptive_avg_pool2d_op({
    .signature = "adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    .summary = "Means of windows that divide an image into output_size parts.",
    .forward = "y[n, c, i, j] = mean of self[n, c, floor(i H / h) ... ceil((i + 1) H / h) - 1, likewise j]",
    .dtypes = {floating_dtypes, "adaptive_avg_pool2d"},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Dims size = a.integers(1);
            if (x.dim() == 4 && size.size() <= 2 && size == Dims(size.size(), 1) && x.numel() > 0)
                return mean(x, Dims{-1, -2}, true);
            return call(adaptive_avg_pool2d_primitive_op, {x, size});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4, 4}), Dims{1}}}, {{uniform({2, 3, 4, 4}), Dims{2}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Dims{2}}, {}, "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [2, 3]"},
                {{uniform({2, 3, 4, 4}), Dims{2, 2, 2}}, {}, "adaptive_avg_pool2d: output_size must be 2"},
                {{uniform({2, 3, 4, 4}), Dims{-2}},
                 {},
                 "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received {-2, "
                 "-2}"}};
        },
});

extern const Op adaptive_max_pool2d_primitive_op({
    .signature = "_adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor, Tensor)",
    .summary = "The greatest elements of windows that divide an image, and their places in their planes as int32.",
    .forward = "y[n, c, i, j] = max of self[n, c, floor(i H / h) ... ceil((i + 1) H / h) - 1, likewise j]",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the windows that chose the element"}},
    .dtypes = {floating_dtypes, "adaptive_max_pool2d"},
    .compute_many = compute_adaptive_max,
    .saves = {{"self.shape"}, {"result1"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            static const Dims one{1, 1}, none{0, 0};
            g.set(0, call(max_pool2d_backward_op,
                          {g[0], saved.result(1), Dims(saved.shape("self")), one, one, none, one}));
        },
    .node = "AdaptiveMaxPool2D",
    .non_differentiable = {1},
    .samples = adaptive_samples,
});

extern const Op adaptive_max_pool2d_op({
    .signature = "adaptive_max_pool2d(Tensor self, int[2] output_size, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest elements of windows that divide an image; with return_indices also their places.",
    .forward = "y[n, c, i, j] = max of self[n, c, floor(i H / h) ... ceil((i + 1) H / h) - 1, likewise j]",
    .dtypes = {floating_dtypes, "adaptive_max_pool2d"},
    .compute_many =
        [](const Arguments& a) {
            Tensors result = call_many(adaptive_max_pool2d_primitive_op, {a.tensor(0), a[1]});
            if (a.boolean(2))
                result[1] = to(result[1], Dtype::int64);
            else
                result.pop_back();
            return result;
        },
    .composite = true,
    .samples = adaptive_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Dims{2}}, {}, "adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: [2, 3]"}};
        },
});

extern const Op adaptive_avg_pool1d_op({
    .signature = "adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor",
    .summary = "Means of windows that divide a signal into output_size parts.",
    .forward = "y[n, c, i] = mean of self[n, c, floor(i L / l) ... ceil((i + 1) L / l) - 1]",
    .dtypes = {floating_dtypes, "adaptive_avg_pool2d"},
    .compute =
        [](const Arguments& a) {
            return on_signals(adaptive_avg_pool2d_primitive_op, a.tensor(0), a.integers(1)[0],
                              "adaptive_avg_pool1d")[0];
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 7}), Dims{3}}}, {{uniform({3, 6}), Dims{3}}}};
        },
});

extern const Op adaptive_max_pool1d_op({
    .signature = "adaptive_max_pool1d(Tensor self, int[1] output_size, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest elements of windows that divide a signal; with return_indices also their places.",
    .forward = "y[n, c, i] = max of self[n, c, floor(i L / l) ... ceil((i + 1) L / l) - 1]",
    .dtypes = {floating_dtypes, "adaptive_max_pool2d"},
    .compute_many =
        [](const Arguments& a) {
            Tensors result =
                on_signals(adaptive_max_pool2d_primitive_op, a.tensor(0), a.integers(1)[0], "adaptive_max_pool1d");
            if (a.boolean(2))
                result[1] = to(result[1], Dtype::int64);
            else
                result.pop_back();
            return result;
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 7}), Dims{3}}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor adaptive_avg_pool2d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_avg_pool2d_op, {self, output_size});
}
Tensor adaptive_max_pool2d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_max_pool2d_op, {self, output_size});
}
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& self, const Dims& output_size) {
    Tensors result = call_many(ops::adaptive_max_pool2d_op, {self, output_size, true});
    return {std::move(result[0]), std::move(result[1])};
}
Tensor adaptive_avg_pool1d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_avg_pool1d_op, {self, output_size});
}
Tensor adaptive_max_pool1d(const Tensor& self, const Dims& output_size) {
    return call(ops::adaptive_max_pool1d_op, {self, output_size});
}
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& self, const Dims& output_size) {
    Tensors result = call_many(ops::adaptive_max_pool1d_op, {self, output_size, true});
    return {std::move(result[0]), std::move(result[1])};
}

} // namespace hs
