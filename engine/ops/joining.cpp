#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Operations that put tensors together and take them apart.
namespace hs::ops {

namespace {

/// A 1-D tensor of no elements counts as nothing, whatever the others' shapes are (an old habit of PyTorch).
bool is_nothing(const Shape& shape) {
    return shape.size() == 1 && shape[0] == 0;
}

Dtype common_dtype(std::span<const Tensor> tensors) {
    std::vector<ArgumentRef> operands(tensors.begin(), tensors.end());
    return result_type(operands);
}

Tensor compute_cat(const Arguments& a) {
    const std::span<const Tensor> tensors = a.tensors(0);
    if (tensors.empty()) throw ValueError("torch.cat(): expected a non-empty list of Tensors");
    const Tensor* first = &tensors.front();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].shape().empty())
            throw Error("zero-dimensional tensor (at position " + std::to_string(i) + ") cannot be concatenated");
        if (is_nothing(first->shape()) && !is_nothing(tensors[i].shape())) first = &tensors[i];
    }
    const std::size_t dim = wrap_dim(a.integer(1), first->shape().size());
    Shape shape = first->shape();
    shape[dim] = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Shape& each = tensors[i].shape();
        if (is_nothing(each)) continue;
        if (each.size() != shape.size())
            throw Error("Tensors must have same number of dimensions: got " + std::to_string(shape.size()) + " and " +
                        std::to_string(each.size()));
        for (std::size_t k = 0; k < shape.size(); ++k)
            if (k != dim && each[k] != shape[k])
                throw Error("Sizes of tensors must match except in dimension " + std::to_string(dim) +
                            ". Expected size " + std::to_string(shape[k]) + " but got size " + std::to_string(each[k]) +
                            " for tensor number " + std::to_string(i) + " in the list.");
        shape[dim] += each[dim];
    }
    const Tensor y = empty(shape, {.dtype = common_dtype(tensors), .device = first->device()});
    std::int64_t offset = 0;
    for (const Tensor& each : tensors) {
        if (is_nothing(each.shape())) continue;
        kernels_of(y).copy(each, make_view(y, each.shape(), y.strides(), offset));
        offset += each.shape()[dim] * y.strides()[dim];
    }
    return y;
}

void cat_gradient(const Saved& saved, Gradients& g) {
    const std::vector<Shape> shapes = saved.shapes("tensors");
    std::size_t rank = 1;
    for (const Shape& shape : shapes)
        if (!is_nothing(shape)) rank = shape.size();
    const auto dim = static_cast<std::int64_t>(wrap_dim(saved.integer("dim"), rank));
    std::int64_t start = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (is_nothing(shapes[i])) {
            if (g.needs(i)) g.set(i, zeros({0}, g[0].options()));
            continue;
        }
        const std::int64_t size = shapes[i][static_cast<std::size_t>(dim)];
        if (g.needs(i)) g.set(i, narrow(g[0], dim, start, size));
        start += size;
    }
}

Tensor compute_stack(const Arguments& a) {
    const std::span<const Tensor> tensors = a.tensors(0);
    if (tensors.empty()) throw Error("stack expects a non-empty TensorList");
    const Shape& first = tensors.front().shape();
    const std::size_t dim = wrap_dim(a.integer(1), first.size() + 1);
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].shape() != first)
            throw Error("stack expects each tensor to be equal size, but got " + to_string(first) + " at entry 0 and " +
                        to_string(tensors[i].shape()) + " at entry " + std::to_string(i));
    Shape shape = first;
    shape.insert(dim, static_cast<std::int64_t>(tensors.size()));
    const Tensor y = empty(shape, {.dtype = common_dtype(tensors), .device = tensors.front().device()});
    Strides strides = y.strides();
    strides.erase(dim);
    for (std::size_t i = 0; i < tensors.size(); ++i)
        kernels_of(y).copy(tensors[i], make_view(y, first, strides, static_cast<std::int64_t>(i) * y.strides()[dim]));
    return y;
}

/// Views of x along a dimension, of the given sizes.
Tensors pieces(const Tensor& x, std::size_t dim, const Dims& sizes) {
    Tensors result;
    std::int64_t offset = x.storage_offset();
    for (const std::int64_t size : sizes) {
        Shape shape = x.shape();
        shape[dim] = size;
        result.push_back(make_view(x, shape, x.strides(), offset));
        offset += size * x.strides()[dim];
    }
    return result;
}

/// The pieces' gradients put together, with zeros for those that nothing used.
Tensor joined(const Gradients& g, std::size_t count, const Shape& shape, std::size_t dim,
              const std::function<std::int64_t(std::size_t)>& size_of_piece) {
    Tensors parts;
    const Tensor* any = nullptr;
    for (std::size_t i = 0; i < count; ++i)
        if (g[i].defined()) any = &g[i];
    for (std::size_t i = 0; i < count; ++i) {
        if (g[i].defined()) {
            parts.push_back(g[i]);
            continue;
        }
        Shape missing = shape;
        missing[dim] = size_of_piece(i);
        parts.push_back(zeros(missing, any->options()));
    }
    return cat(parts, static_cast<std::int64_t>(dim));
}

Dims even_sizes(std::int64_t size, std::int64_t each) {
    if (each < 0) throw Error("split expects split_size be non-negative, but got split_size=" + std::to_string(each));
    if (each == 0 && size != 0)
        throw Error("split_size can only be 0 if dimension size is 0, but got dimension size of " +
                    std::to_string(size));
    Dims sizes;
    for (std::int64_t start = 0; start < size; start += each)
        sizes.push_back(std::min(each, size - start));
    if (sizes.empty()) sizes.push_back(0);
    return sizes;
}

void refuse_scalar(const Tensor& x, const char* name) {
    if (x.shape().empty()) throw Error(std::string(name) + " expects at least a 1-dimensional tensor");
}

std::vector<Sample> split_samples() {
    return {{{uniform({5, 3}), Scalar(2)}}, {{uniform({3, 4}), Scalar(2), Scalar(1)}}};
}
std::vector<Sample> sizes_samples() {
    return {{{uniform({5, 3}), Dims{2, 3}}}, {{uniform({3, 4}), Dims{1, 0, 3}, Scalar(-1)}}};
}
std::vector<ErrorSample> sizes_errors() {
    return {{{uniform({5}), Dims{2, 2}},
             {},
             "split_with_sizes expects split_sizes to sum exactly to 5 (input tensor's size at dimension 0), but got "
             "split_sizes=[2, 2]"}};
}

} // namespace

extern const Op cat_op({
    .signature = "cat(Tensor[] tensors, int dim=0) -> Tensor",
    .summary = "Tensors one behind the other along a dimension.",
    .forward = "y = [tensors[0], tensors[1], ...] along dim",
    .gradients = {{"tensors", "dL/dtensors[i] = the part of dL/dy that came from tensors[i]"}},
    .compute = compute_cat,
    .saves = {{"tensors.shape"}, {"dim"}},
    .backward = cat_gradient,
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({2, 3}), uniform({4, 3})}}},
                                       {{Tensors{uniform({2, 3}), uniform({2, 1})}, Scalar(-1)}},
                                       {{Tensors{uniform({0}), uniform({2, 1})}, Scalar(1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{Tensors{uniform({2, 3}), uniform({2, 4})}},
                                             {},
                                             "Sizes of tensors must match except in dimension 0. Expected size 3 but "
                                             "got size 4 for tensor number 1 in the list."}};
        },
    .aliases = "concat,concatenate",
});

extern const Op stack_op({
    .signature = "stack(Tensor[] tensors, int dim=0) -> Tensor",
    .summary = "Tensors of one shape side by side along a new dimension.",
    .forward = "y[i] = x_i (dim = 0)",
    .gradients = {{"tensors", "dL/dtensors[i] = dL/dy[i]"}},
    .compute = compute_stack,
    .saves = {{"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t dim = saved.integer("dim");
            for (std::size_t i = 0; i < g.size(); ++i)
                if (g.needs(i)) g.set(i, select(g[0], dim, static_cast<std::int64_t>(i)));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({2, 3}), uniform({2, 3})}}},
                                       {{Tensors{uniform({2, 3}), uniform({2, 3}), uniform({2, 3})}, Scalar(-1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{Tensors{uniform({2}), uniform({3})}},
                 {},
                 "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1"}};
        },
});

extern const Op split_op({
    .signature = "split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]",
    .summary = "Pieces of one size along a dimension, as views; the last may be smaller.",
    .forward = "y_i = self[i*n : (i+1)*n] (dim = 0)",
    .gradients = {{"self", "dL/dself = the dL/dy_i one behind the other"}},
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            refuse_scalar(x, "split");
            const std::size_t dim = wrap_dim(a.integer(2), x.shape().size());
            return pieces(x, dim, even_sizes(x.shape()[dim], a.integer(1)));
        },
    .saves = {{"self.shape"}, {"split_size"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            const std::size_t dim = wrap_dim(saved.integer("dim"), shape.size());
            const Dims sizes = even_sizes(shape[dim], saved.integer("split_size"));
            g.set(0, joined(g, sizes.size(), shape, dim, [&](std::size_t i) { return sizes[i]; }));
        },
    .samples = split_samples,
});

extern const Op split_with_sizes_op({
    .signature = "split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]",
    .summary = "Pieces of the given sizes along a dimension, as views.",
    .forward = "y_0 = self[0 : n_0], y_1 = self[n_0 : n_0 + n_1], ... (dim = 0)",
    .gradients = {{"self", "dL/dself = the dL/dy_i one behind the other"}},
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            refuse_scalar(x, "split");
            const std::size_t dim = wrap_dim(a.integer(2), x.shape().size());
            const Dims sizes = a.integers(1);
            std::int64_t total = 0;
            for (const std::int64_t size : sizes) {
                if (size < 0)
                    throw Error("split_with_sizes expects split_sizes have only non-negative entries, but got "
                                "split_sizes=" +
                                to_string(sizes));
                total += size;
            }
            if (total != x.shape()[dim])
                throw Error("split_with_sizes expects split_sizes to sum exactly to " + std::to_string(x.shape()[dim]) +
                            " (input tensor's size at dimension " + std::to_string(a.integer(2)) +
                            "), but got split_sizes=" + to_string(sizes));
            return pieces(x, dim, sizes);
        },
    .saves = {{"self.shape"}, {"split_sizes"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            const Dims sizes = saved.integers("split_sizes");
            g.set(0, joined(g, sizes.size(), shape, wrap_dim(saved.integer("dim"), shape.size()),
                            [&](std::size_t i) { return sizes[i]; }));
        },
    .samples = sizes_samples,
    .errors = sizes_errors,
});

extern const Op split_sizes_op({
    .signature = "split.sizes(Tensor self, int[] split_size, int dim=0) -> Tensor[]",
    .summary = "split_with_sizes under another name.",
    .forward = "y_0 = self[0 : n_0], y_1 = self[n_0 : n_0 + n_1], ... (dim = 0)",
    .compute_many =
        [](const Arguments& a) {
            return call_many(split_with_sizes_op, {a[0], a[1], a[2]});
        },
    .composite = true,
    .samples = sizes_samples,
    .errors = sizes_errors,
});

extern const Op chunk_op({
    .signature = "chunk(Tensor self, int chunks, int dim=0) -> Tensor[]",
    .summary = "At most so many pieces of one size along a dimension, as views.",
    .forward = "y = split(self, ceil(size / chunks))",
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            refuse_scalar(x, "chunk");
            const std::int64_t chunks = a.integer(1);
            if (chunks <= 0) throw Error("chunk expects `chunks` to be greater than 0, got: " + std::to_string(chunks));
            const std::int64_t size = x.size(a.integer(2));
            if (size == 0) return split(x, Dims(static_cast<std::size_t>(chunks), 0), a.integer(2));
            return split(x, (size + chunks - 1) / chunks, a.integer(2));
        },
    .composite = true,
    .samples = split_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), Scalar(0)}, {}, "chunk expects `chunks` to be greater than 0, got: 0"}};
        },
});

extern const Op unbind_op({
    .signature = "unbind.int(Tensor self, int dim=0) -> Tensor[]",
    .summary = "All places along a dimension, each as a view without it.",
    .forward = "y_i = self[i] (dim = 0)",
    .gradients = {{"self", "dL/dself = the dL/dy_i side by side"}},
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.shape().empty()) throw IndexError("Dimension specified as 0 but tensor has no dimensions");
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
            Shape shape = x.shape();
            Strides strides = x.strides();
            shape.erase(dim);
            strides.erase(dim);
            Tensors result;
            for (std::int64_t i = 0; i < x.shape()[dim]; ++i)
                result.push_back(make_view(x, shape, strides, x.storage_offset() + i * x.strides()[dim]));
            return result;
        },
    .saves = {{"self.shape"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Shape shape = saved.shape("self");
            const std::size_t dim = wrap_dim(saved.integer("dim"), shape.size());
            const auto count = static_cast<std::size_t>(shape[dim]);
            shape.erase(dim);
            Tensors parts;
            TensorOptions options;
            for (std::size_t i = 0; i < count; ++i)
                if (g[i].defined()) options = g[i].options();
            for (std::size_t i = 0; i < count; ++i)
                parts.push_back(g[i].defined() ? g[i] : zeros(shape, options));
            g.set(0, stack(parts, static_cast<std::int64_t>(dim)));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({2, 3}), Scalar(-1)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor cat(const Tensors& tensors, std::int64_t dim) {
    return call(ops::cat_op, {tensors, dim});
}
Tensor stack(const Tensors& tensors, std::int64_t dim) {
    return call(ops::stack_op, {tensors, dim});
}
Tensors split(const Tensor& self, std::int64_t split_size, std::int64_t dim) {
    return call_many(ops::split_op, {self, split_size, dim});
}
Tensors split(const Tensor& self, IntList split_sizes, std::int64_t dim) {
    return call_many(ops::split_with_sizes_op, {self, split_sizes, dim});
}
Tensors chunk(const Tensor& self, std::int64_t chunks, std::int64_t dim) {
    return call_many(ops::chunk_op, {self, chunks, dim});
}
Tensors unbind(const Tensor& self, std::int64_t dim) {
    return call_many(ops::unbind_op, {self, dim});
}

} // namespace hs
