#include "engine/ops/functional.h"
#include "engine/ops/pool_check.h"
#include "engine/ops/samples.h"
#include "engine/tensor/number_text.h"

/// The other way round of max pooling.
namespace hs::ops {

extern const Op max_unpool_primitive_op;

namespace {

/// Elements of an item's channel as one dimension.
Tensor in_planes(const Tensor& x, std::size_t rank) {
    return flatten(x, x.dim() - static_cast<std::int64_t>(rank), -1);
}

void check(const Tensor& x, const Tensor& indices, const Dims& sizes) {
    const std::size_t rank = sizes.size();
    const std::string name = "max_unpooling" + std::to_string(rank) + "d";
    if (indices.dtype() != Dtype::int64)
        throw Error("elements in indices should be type int64 but got: " +
                    std::string(scalar_type_name(indices.dtype())));
    if (x.shape().size() != rank + 1 && x.shape().size() != rank + 2)
        throw Error("Input to " + name + " should be a " + std::to_string(rank + 1) + "d or " +
                    std::to_string(rank + 2) + "d Tensor, but got a tensor with " + std::to_string(x.dim()) +
                    " dimensions.");
    if (indices.shape() != x.shape())
        throw Error("Expected shape of indices to be same as that of the input tensor (" + to_string(x.shape()) +
                    ") but got indices tensor with shape: " + to_string(indices.shape()));
    std::string volume;
    for (const std::int64_t size : sizes)
        volume += (volume.empty() ? "" : "x") + std::to_string(size);
    const std::int64_t count = element_count(Shape(sizes)); // throws for what is negative or does not fit
    for (const std::int64_t index : indices.to_vector<std::int64_t>())
        if (index < 0 || index >= count)
            throw Error("Found an invalid max index: " + std::to_string(index) + " (output volumes are of size " +
                        volume + ")");
}

Tensor compute_unpooling(const Arguments& a) {
    const Tensor &x = a.tensor(0), &indices = a.tensor(1);
    const Dims sizes = a.integers(2);
    check(x, indices, sizes);
    Shape shape(std::span(x.shape().begin(), x.shape().end() - sizes.size()));
    for (const std::int64_t size : sizes)
        shape.push_back(size);
    const Tensor result = zeros(shape, x.options());
    const Tensor planes = in_planes(result, sizes.size());
    return reshape(scatter(planes, -1, in_planes(indices, sizes.size()), in_planes(x, sizes.size())), shape);
}

/// The sizes of the result, checked as PyTorch's functional form does.
Dims output_sizes(const Shape& input, const Dims& kernel, const Dims& stride, const Dims& padding, const Dims& wanted) {
    const std::size_t rank = kernel.size();
    Dims sizes;
    for (std::size_t i = 0; i < rank; ++i)
        sizes.push_back((input[input.size() - rank + i] - 1) * stride[i] + kernel[i] - 2 * padding[i]);
    if (wanted.empty()) return sizes;
    Dims given = wanted;
    if (given.size() == rank + 2) given = Dims(std::span(wanted.begin() + 2, wanted.end()));
    if (given.size() != rank)
        throw ValueError("output_size should be a sequence containing " + std::to_string(rank) + " or " +
                         std::to_string(rank + 2) + " elements, but it has a length of '" +
                         std::to_string(wanted.size()) + "'");
    for (std::size_t i = 0; i < rank; ++i)
        if (given[i] <= sizes[i] - stride[i] || given[i] >= sizes[i] + stride[i])
            throw ValueError("invalid output_size \"" + tuple_text(given) + "\" (dim " + std::to_string(i) +
                             " must be between " + std::to_string(sizes[i] - stride[i]) + " and " +
                             std::to_string(sizes[i] + stride[i]) + ")");
    return given;
}

Tensor unpooled(const Arguments& a, std::size_t rank) {
    const Tensor& x = a.tensor(0);
    const std::string name = "max_unpool" + std::to_string(rank) + "d: ";
    const Dims kernel = pool_sizes(a.integers(2), rank, name + "kernel_size");
    const Dims padding = pool_sizes(a.integers(4), rank, name + "padding");
    const Dims stride = a.integers(3).empty() ? kernel : pool_sizes(a.integers(3), rank, name + "stride");
    if (rank == 3 && std::ranges::min(stride.to_vector()) < 1)
        throw Error("strides should be greater than zero, but got stride: " + to_string(Shape(stride)));
    if (x.shape().size() < rank)
        throw Error("Input to max_unpooling" + std::to_string(rank) + "d should be a " + std::to_string(rank + 1) +
                    "d or " + std::to_string(rank + 2) + "d Tensor, but got a tensor with " + std::to_string(x.dim()) +
                    " dimensions.");
    Dims sizes = output_sizes(x.shape(), kernel, stride, padding, a.integers(5));
    if (rank > 1) return call(max_unpool_primitive_op, {x, a[1], sizes});
    sizes.push_back(1); // as an image of one column
    return squeeze(call(max_unpool_primitive_op, {unsqueeze(x, -1), unsqueeze(a.tensor(1), -1), sizes}), -1);
}

/// Different places of planes of `count` elements for items and channels of [1, 2, sizes...].
Tensor places(const Shape& shape, std::int64_t step) {
    const std::int64_t each = element_count(shape) / 2;
    return reshape(cat({arange(0, each) * Scalar(step), arange(0, each) * Scalar(step) + 1}), shape);
}

std::vector<Sample> unpool_samples(const Shape& shape, std::int64_t step) {
    return {{{uniform(shape), places(shape, step), Dims{2}}},
            {{uniform(shape), places(shape, step), Dims{3}, Dims{2}}}};
}

std::vector<ErrorSample> unpool_errors() {
    const Tensor x = uniform({1, 2, 2, 2}), index = places({1, 2, 2, 2}, 3);
    return {{{x, x, Dims{2}}, {}, "elements in indices should be type int64 but got: Double"},
            {{x, index + 20, Dims{2}}, {}, "Found an invalid max index: 20 (output volumes are of size 4x4)"},
            {{x, narrow(index, 3, 0, 1), Dims{2}},
             {},
             "Expected shape of indices to be same as that of the input tensor ([1, 2, 2, 2]) but got indices tensor "
             "with shape: [1, 2, 2, 1]"},
            {{x, index, Dims{2}},
             {{"output_size", Dims{9, 9}}},
             "invalid output_size \"(9, 9)\" (dim 0 must be between 2 and 6)"},
            {{x, index, Dims{2}},
             {{"output_size", Dims{9}}},
             "output_size should be a sequence containing 2 or 4 elements, but it has a length of '1'"}};
}

} // namespace

extern const Op max_unpool_primitive_op({
    .signature = "_max_unpool(Tensor self, Tensor indices, int[] output_size) -> Tensor",
    .summary = "Elements put at their places in the planes or volumes of zeros that output_size says.",
    .forward = "y[n, c, indices[n, c, i]] = self[n, c, i], else 0",
    .gradients = {{"self", "dL/dself[n, c, i] = dL/dy[n, c, indices[n, c, i]]"}},
    .dtypes = {floating_dtypes, "max_unpool2d"},
    .compute = compute_unpooling,
    .saves = {{"indices"}, {"output_size"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor indices = saved.tensor("indices");
            const std::size_t rank = saved.integers("output_size").size();
            g.set(0, reshape(gather(in_planes(g[0], rank), -1, in_planes(indices, rank)), indices.shape()));
        },
    .node = "MaxUnpool2D",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 2, 2}), places({1, 2, 2, 2}, 3), Dims{4, 4}}},
                                       {{uniform({2, 1, 2, 1}), places({2, 1, 2, 1}, 3), Dims{2, 2, 2}}}};
        },
});

extern const Op max_unpool1d_op({
    .signature = "max_unpool1d(Tensor input, Tensor indices, int[1] kernel_size, int[1]? stride=None, int[1] "
                 "padding=0, int[]? output_size=None) -> Tensor",
    .summary = "The elements of a max pooling back at their places in signals of zeros.",
    .forward = "y[n, c, indices[n, c, i]] = input[n, c, i], else 0",
    .gradients = {{"input", "as _max_unpool"}},
    .dtypes = {floating_dtypes, "max_unpool2d"},
    .compute = [](const Arguments& a) { return unpooled(a, 1); },
    .composite = true,
    .samples =
        [] {
            return unpool_samples({1, 2, 3}, 2);
        },
});

extern const Op max_unpool2d_op({
    .signature = "max_unpool2d(Tensor input, Tensor indices, int[2] kernel_size, int[2]? stride=None, int[2] "
                 "padding=0, int[]? output_size=None) -> Tensor",
    .summary = "The elements of a max pooling back at their places in images of zeros.",
    .forward = "y[n, c, indices[n, c, i, j]] = input[n, c, i, j], else 0",
    .gradients = {{"input", "as _max_unpool"}},
    .dtypes = {floating_dtypes, "max_unpool2d"},
    .compute = [](const Arguments& a) { return unpooled(a, 2); },
    .composite = true,
    .samples =
        [] {
            return unpool_samples({1, 2, 2, 2}, 2);
        },
    .errors = unpool_errors,
});

extern const Op max_unpool3d_op({
    .signature = "max_unpool3d(Tensor input, Tensor indices, int[3] kernel_size, int[3]? stride=None, int[3] "
                 "padding=0, int[]? output_size=None) -> Tensor",
    .summary = "The elements of a max pooling back at their places in volumes of zeros.",
    .forward = "y[n, c, indices[n, c, i, j, k]] = input[n, c, i, j, k], else 0",
    .gradients = {{"input", "as _max_unpool"}},
    .dtypes = {floating_dtypes, "max_unpool3d"},
    .compute = [](const Arguments& a) { return unpooled(a, 3); },
    .composite = true,
    .samples =
        [] {
            return unpool_samples({1, 2, 2, 1, 2}, 2);
        },
});

} // namespace hs::ops

namespace hs {

Tensor max_unpool1d(const Tensor& input, const Tensor& indices, const Dims& kernel_size, const UnpoolOptions& o) {
    return call(ops::max_unpool1d_op, {input, indices, kernel_size, o.stride, o.padding, o.output_size});
}
Tensor max_unpool2d(const Tensor& input, const Tensor& indices, const Dims& kernel_size, const UnpoolOptions& o) {
    return call(ops::max_unpool2d_op, {input, indices, kernel_size, o.stride, o.padding, o.output_size});
}
Tensor max_unpool3d(const Tensor& input, const Tensor& indices, const Dims& kernel_size, const UnpoolOptions& o) {
    return call(ops::max_unpool3d_op, {input, indices, kernel_size, o.stride, o.padding, o.output_size});
}

} // namespace hs
