#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/images.h"
#include "engine/ops/pool_check.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op max_pool2d_primitive_op, max_pool2d_backward_op, avg_pool2d_backward_op;

namespace {

Tensors compute_max_pool(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const PoolGeometry geometry =
        max_pool_geometry(x, {a.integers(1), a.integers(2), a.integers(3), a.integers(4), a.boolean(5)});
    const Tensor images = as_batch(x);
    const Shape shape = pooled_shape(images.shape(), geometry, a.boolean(5));
    const Tensor y = empty(shape, x.options()), index = empty(shape, {.dtype = Dtype::int32, .device = x.device()});
    neural_kernels_of(x).max_pool(images, geometry, y, index);
    return {in_rank_of(x, y), in_rank_of(x, index)};
}

PoolGeometry saved_geometry(const Arguments& a, std::size_t first) {
    return {.kernel = pair_of(a.integers(first)),
            .stride = pair_of(a.integers(first + 1)),
            .padding = pair_of(a.integers(first + 2))};
}

/// The stride that was given, or the kernel's size.
Dims stride_of(const Saved& saved) {
    const Dims stride = saved.integers("stride");
    return stride.empty() ? saved.integers("kernel_size") : stride;
}

/// The elements of x [..., h, w] at `index` (of max pooling): the gradient of max pooling's gradient.
Tensor picked(const Tensor& x, const Tensor& index) {
    Shape flat = x.shape();
    flat.erase(flat.size() - 1);
    Shape places = flat;
    flat.back() = x.size(-1) * x.size(-2);
    places.back() = index.size(-1) * index.size(-2);
    const Tensor chosen = reshape(to(index, Dtype::int64), places);
    return reshape(gather(reshape(x, flat), -1, chosen), index.shape());
}

std::vector<Sample> max_samples() {
    return {{{uniform({2, 3, 4, 6}), Dims{2}}},
            {{uniform({2, 5, 5}), Dims{3, 2}, Dims{2, 1}, Dims{1, 0}, Dims{1, 2}, Scalar(true)}}};
}

} // namespace

extern const Op max_pool2d_primitive_op({
    .signature = "_max_pool2d(Tensor self, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, int[2] "
                 "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
    .summary = "The greatest element of each window of an image, and its place in its plane as int32.",
    .forward = "y[n, c, i, j] = max over k, l of self[n, c, i * stride + k, j * stride + l]",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the windows that chose the element"}},
    .dtypes = {numeric_dtypes, "max_pool2d"},
    .wide = Wide::halves_and_integers,
    .compute_many = compute_max_pool,
    .saves = {{"self.shape"}, {"kernel_size"}, {"stride"}, {"padding"}, {"dilation"}, {"result1"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(max_pool2d_backward_op,
                          {g[0], saved.result(1), Dims(saved.shape("self")), saved.integers("kernel_size"),
                           stride_of(saved), saved.integers("padding"), saved.integers("dilation")}));
        },
    .node = "MaxPool2DWithIndices",
    .non_differentiable = {1},
    .samples = max_samples,
});

extern const Op max_pool2d_backward_op({
    .signature = "max_pool2d_backward(Tensor grad_output, Tensor index, int[] input_size, int[2] kernel_size, int[2] "
                 "stride, int[2] padding, int[2] dilation) -> Tensor",
    .summary = "Gradient of max pooling's input.",
    .forward = "dx = sum of grad_output over the windows that chose the element",
    .gradients = {{"grad_output", "dL/dgrad_output = dL/ddx at the chosen elements"}},
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor& grad = a.tensor(0);
            const Tensor images = as_batch(grad);
            const Shape size = a.integers(2);
            const Tensor dx = empty(size.size() == 4 ? size : Shape{1, size[0], size[1], size[2]}, grad.options());
            PoolGeometry geometry = saved_geometry(a, 3);
            geometry.dilation = pair_of(a.integers(6));
            neural_kernels_of(grad).max_pool_backward(images, as_batch(a.tensor(1)), geometry, dx);
            return in_rank_of(grad, dx);
        },
    .saves = {{"index"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, picked(g[0], saved.tensor("index"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 2, 2}), to(indices({1, 1, 2, 2}, 16), Dtype::int32),
                                         Dims{1, 1, 4, 4}, Dims{2, 2}, Dims{2, 1}, Dims{0, 0}, Dims{1, 1}}}};
        },
});

extern const Op max_pool2d_op({
    .signature = "max_pool2d(Tensor self, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, int[2] "
                 "dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest element of each window of an image; with return_indices also its place in its plane.",
    .forward = "y[n, c, i, j] = max over k, l of self[n, c, i * stride + k, j * stride + l]",
    .dtypes = {numeric_dtypes, "max_pool2d"},
    .compute_many =
        [](const Arguments& a) {
            Tensors result = call_many(max_pool2d_primitive_op, {a.tensor(0), a[1], a[2], a[3], a[4], a[5]});
            if (a.boolean(6))
                result[1] = to(result[1], Dtype::int64);
            else
                result.pop_back();
            return result;
        },
    .composite = true,
    .samples = max_samples,
    .errors =
        [] {
            const Tensor x = uniform({2, 3, 4, 4});
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Dims{2}}, {}, "non-empty 3D or 4D (batch mode) tensor expected for input"},
                {{uniform({2, 3, 1, 1}), Dims{2}},
                 {},
                 "Given input size: (3x1x1). Calculated output size: (3x0x0). Output size is too small"},
                {{x, Dims{2}, Dims{2}, Dims{2}},
                 {},
                 "pad should be at most half of kernel size, but got pad=2 and kernel_size=2"},
                {{x, Dims{2}, Dims{0}}, {}, "stride should not be zero"},
                {{x, Dims{2, 2, 2}},
                 {},
                 "max_pool2d: kernel_size must either be a single int, or a tuple of two ints"}};
        },
});

extern const Op avg_pool2d_op({
    .signature = "avg_pool2d(Tensor self, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, bool "
                 "ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor",
    .summary = "The mean of each window of an image.",
    .forward = "y[n, c, i, j] = mean over k, l of self[n, c, i * stride + k, j * stride + l]",
    .gradients = {{"self", "dL/dself = sum of dL/dy / window size over the windows that hold the element"}},
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64), "avg_pool2d"},
    .wide = Wide::halves_and_integers,
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            PoolGeometry geometry =
                average_pool_geometry(x, {a.integers(1), a.integers(2), a.integers(3), {1}, a.boolean(4)});
            geometry.count_include_pad = a.boolean(5);
            geometry.divisor = a.is_none(6) ? 0 : a.integer(6);
            if (!a.is_none(6) && geometry.divisor == 0) throw Error("divisor must be not zero");
            const Tensor images = as_batch(x);
            const Tensor y = empty(pooled_shape(images.shape(), geometry, a.boolean(4)), x.options());
            neural_kernels_of(x).average_pool(images, geometry, y);
            return in_rank_of(x, y);
        },
    .saves = {{"self.shape"},
              {"kernel_size"},
              {"stride"},
              {"padding"},
              {"ceil_mode"},
              {"count_include_pad"},
              {"divisor_override"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t divisor = saved.is_none("divisor_override") ? 0 : saved.integer("divisor_override");
            g.set(0,
                  call(avg_pool2d_backward_op, {g[0], Dims(saved.shape("self")), saved.integers("kernel_size"),
                                                stride_of(saved), saved.integers("padding"), saved.boolean("ceil_mode"),
                                                saved.boolean("count_include_pad"), divisor}));
        },
    .node = "AvgPool2D",
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 3, 4, 6}), Dims{2}}},
                {{uniform({2, 5, 5}), Dims{3, 2}, Dims{2, 1}, Dims{1, 0}, Scalar(true), Scalar(false)}},
                {{uniform({1, 2, 5, 5}), Dims{3, 2}, Dims{2}, Dims{1}, Scalar(false), Scalar(true), Scalar(5)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3, 4, 4}), Dims{2}}, {{"divisor_override", Scalar(0)}}, "divisor must be not zero"}};
        },
});

extern const Op avg_pool2d_backward_op({
    .signature = "avg_pool2d_backward(Tensor grad_output, int[] input_size, int[2] kernel_size, int[2] stride, int[2] "
                 "padding, bool ceil_mode, bool count_include_pad, int divisor) -> Tensor",
    .summary = "Gradient of average pooling's input.",
    .forward = "dx = sum of grad_output / window size over the windows that hold the element",
    .gradients = {{"grad_output", "dL/dgrad_output = average pooling of dL/ddx"}},
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor& grad = a.tensor(0);
            const Shape size = a.integers(1);
            const Tensor dx = empty(size.size() == 4 ? size : Shape{1, size[0], size[1], size[2]}, grad.options());
            PoolGeometry geometry = saved_geometry(a, 2);
            geometry.count_include_pad = a.boolean(6);
            geometry.divisor = a.integer(7);
            neural_kernels_of(grad).average_pool_backward(as_batch(grad), geometry, dx);
            return in_rank_of(grad, dx);
        },
    .saves = {{"kernel_size"}, {"stride"}, {"padding"}, {"ceil_mode"}, {"count_include_pad"}, {"divisor"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t divisor = saved.integer("divisor");
            g.set(0, call(avg_pool2d_op,
                          {g[0], saved.integers("kernel_size"), saved.integers("stride"), saved.integers("padding"),
                           saved.boolean("ceil_mode"), saved.boolean("count_include_pad"),
                           divisor ? ArgumentRef(divisor) : ArgumentRef()}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 2, 2}), Dims{1, 1, 4, 4}, Dims{2, 2}, Dims{2, 2}, Dims{0, 0},
                                         Scalar(false), Scalar(true), Scalar(0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor max_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::max_pool2d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode});
}
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    Tensors result =
        call_many(ops::max_pool2d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode, true});
    return {std::move(result[0]), std::move(result[1])};
}
Tensor avg_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::avg_pool2d_op,
                {self, kernel_size, o.stride, o.padding, o.ceil_mode, o.count_include_pad, o.divisor_override});
}

} // namespace hs
