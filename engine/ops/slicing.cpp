#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Parts of a tensor as views, and the operations that put such a part's gradient back into zeros.
namespace hs::ops {

namespace {

/// Start, length and step of a slice along a dimension of `size`, clamped as Python does.
struct Range {
    std::int64_t start, length;
};
Range range_of(std::int64_t size, std::optional<std::int64_t> from, std::optional<std::int64_t> to, std::int64_t step) {
    if (step <= 0) throw Error("slice step must be positive");
    const auto clamped = [size](std::int64_t place) {
        if (place < 0) place += size;
        return std::clamp<std::int64_t>(place, 0, size);
    };
    const std::int64_t start = clamped(from.value_or(0));
    const std::int64_t stop = std::max(clamped(to.value_or(size)), start);
    return {start, (stop - start) / step + ((stop - start) % step != 0)};
}

std::optional<std::int64_t> optional_integer(const ArgumentRef& argument) {
    return argument.is_none() ? std::nullopt : std::optional(argument.integer());
}

Tensor slice_view(const Tensor& x, std::int64_t given_dim, std::optional<std::int64_t> start,
                  std::optional<std::int64_t> end, std::int64_t step) {
    if (x.shape().empty()) throw Error("slice() cannot be applied to a 0-dim tensor.");
    const std::size_t dim = wrap_dim(given_dim, x.shape().size());
    const Range range = range_of(x.shape()[dim], start, end, step);
    Shape shape = x.shape();
    Strides strides = x.strides();
    const std::int64_t offset = x.storage_offset() + range.start * strides[dim];
    shape[dim] = range.length;
    strides[dim] *= step;
    return make_view(x, shape, strides, offset);
}

Tensor select_view(const Tensor& x, std::int64_t given_dim, std::int64_t index) {
    if (x.shape().empty()) throw IndexError("select() cannot be applied to a 0-dim tensor.");
    const std::size_t dim = wrap_dim(given_dim, x.shape().size());
    const std::int64_t size = x.shape()[dim];
    if (index < -size || index >= size)
        throw IndexError("index " + std::to_string(index) + " is out of bounds for dimension " + std::to_string(dim) +
                         " with size " + std::to_string(size));
    Shape shape = x.shape();
    Strides strides = x.strides();
    const std::int64_t offset = x.storage_offset() + (index < 0 ? index + size : index) * strides[dim];
    shape.erase(dim);
    strides.erase(dim);
    return make_view(x, shape, strides, offset);
}

Tensor diagonal_view(const Tensor& x, std::int64_t offset, std::int64_t given_dim1, std::int64_t given_dim2) {
    const std::size_t dim1 = wrap_dim(given_dim1, x.shape().size());
    const std::size_t dim2 = wrap_dim(given_dim2, x.shape().size());
    if (dim1 == dim2 || x.dim() < 2)
        throw Error("diagonal dimensions cannot be identical " + std::to_string(given_dim1) + ", " +
                    std::to_string(given_dim2));
    const std::int64_t rows = x.shape()[dim1], columns = x.shape()[dim2];
    const std::int64_t length =
        std::max<std::int64_t>(offset >= 0 ? std::min(rows, columns - offset) : std::min(rows + offset, columns), 0);
    Shape shape = x.shape();
    Strides strides = x.strides();
    std::int64_t start = x.storage_offset();
    if (length > 0) start += offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
    const std::int64_t step = strides[dim1] + strides[dim2];
    for (const std::size_t dim : {std::max(dim1, dim2), std::min(dim1, dim2)}) {
        shape.erase(dim);
        strides.erase(dim);
    }
    shape.push_back(length);
    strides.push_back(step);
    return make_view(x, shape, strides, start);
}

/// Zeros of `sizes` with the gradient copied into the part that `view` gives.
template <class View>
Tensor put_back(const Tensor& gradient, const Dims& sizes, View view) {
    const Tensor result = zeros(sizes, gradient.options());
    const Tensor part = view(result);
    if (part.numel() > 0) kernels_of(part).copy(prepared(gradient, gradient.dtype(), part.shape()), part);
    return result;
}

std::vector<Sample> diagonal_samples() {
    return {
        {{uniform({3, 4})}}, {{uniform({3, 4}), Scalar(1)}}, {{uniform({3, 2, 4}), Scalar(-1), Scalar(0), Scalar(2)}}};
}

} // namespace

extern const Op select_op({
    .signature = "select(Tensor self, int dim, int index) -> Tensor",
    .summary = "One place along a dimension, which goes away: x[index].",
    .forward = "y = self[index] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy at the index, else 0"}},
    .compute = [](const Arguments& a) { return select_view(a.tensor(0), a.integer(1), a.integer(2)); },
    .saves = {{"self.shape"}, {"dim"}, {"index"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0, select_backward(g[0], s.shape("self"), s.integer("dim"), s.integer("index")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0), Scalar(1)}},
                                       {{uniform({2, 3, 4}), Scalar(-1), Scalar(-2)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Scalar(0), Scalar(5)}, {}, "index 5 is out of bounds for dimension 0 with size 2"},
                {{uniform({}), Scalar(0), Scalar(0)}, {}, "select() cannot be applied to a 0-dim tensor."}};
        },
});

extern const Op select_backward_op({
    .signature = "select_backward(Tensor grad_output, int[] input_sizes, int dim, int index) -> Tensor",
    .summary = "Zeros with the gradient at one place along a dimension.",
    .forward = "y = 0; y[index] = grad_output (dim = 0)",
    .gradients = {{"grad_output", "dL/dgrad_output = select(dL/dy, dim, index)"}},
    .compute =
        [](const Arguments& a) {
            return put_back(a.tensor(0), a.integers(1),
                            [&](const Tensor& whole) { return select_view(whole, a.integer(2), a.integer(3)); });
        },
    .saves = {{"dim"}, {"index"}},
    .backward = [](const Saved& s, Gradients& g) { g.set(0, select(g[0], s.integer("dim"), s.integer("index"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({4}), Dims{3, 4}, Scalar(0), Scalar(1)}}};
        },
});

extern const Op slice_op({
    .signature = "slice(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    .summary = "Every step-th place along a dimension, from start up to end: x[start:end:step].",
    .forward = "y = self[start:end:step] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy in the slice, else 0"}},
    .compute =
        [](const Arguments& a) {
            return slice_view(a.tensor(0), a.integer(1), optional_integer(a[2]), optional_integer(a[3]), a.integer(4));
        },
    .saves = {{"self.shape"}, {"dim"}, {"start"}, {"end"}, {"step"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0, slice_backward(g[0], s.shape("self"), s.integer("dim"), optional_integer(s.argument("start")),
                                    optional_integer(s.argument("end")), s.integer("step")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 3}), Scalar(0), Scalar(1), Scalar(4), Scalar(2)}},
                                       {{uniform({2, 5}), Scalar(1), Scalar(-3)}},
                                       {{uniform({4}), Scalar(0), Scalar(3), Scalar(1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), Scalar(0), Scalar(0), Scalar(2), Scalar(-1)}, {}, "slice step must be positive"}};
        },
});

extern const Op slice_backward_op({
    .signature = "slice_backward(Tensor grad_output, int[] input_sizes, int dim, int? start, int? end, int step) -> "
                 "Tensor",
    .summary = "Zeros with the gradient in a slice.",
    .forward = "y = 0; y[start:end:step] = grad_output (dim = 0)",
    .gradients = {{"grad_output", "dL/dgrad_output = slice(dL/dy, dim, start, end, step)"}},
    .compute =
        [](const Arguments& a) {
            return put_back(a.tensor(0), a.integers(1), [&](const Tensor& whole) {
                return slice_view(whole, a.integer(2), optional_integer(a[3]), optional_integer(a[4]), a.integer(5));
            });
        },
    .saves = {{"dim"}, {"start"}, {"end"}, {"step"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0, slice(g[0], s.integer("dim"), optional_integer(s.argument("start")),
                           optional_integer(s.argument("end")), s.integer("step")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), Dims{5, 3}, Scalar(0), Scalar(1), Scalar(4), Scalar(2)}}};
        },
});

extern const Op narrow_op({
    .signature = "narrow(Tensor self, int dim, int start, int length) -> Tensor",
    .summary = "Some places in a row along a dimension.",
    .forward = "y = self[start:start+length] (dim = 0)",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.shape().empty()) throw Error("narrow() cannot be applied to a 0-dim tensor.");
            const std::int64_t size = x.size(a.integer(1));
            const std::int64_t length = a.integer(3);
            std::int64_t start = a.integer(2);
            if (length < 0) throw Error("narrow(): length must be non-negative.");
            if (start < -size || start > size)
                throw IndexError("Dimension out of range (expected to be in range of [" + std::to_string(-size) + ", " +
                                 std::to_string(size) + "], but got " + std::to_string(start) + ")");
            if (start < 0) start += size;
            if (start > size - length)
                throw Error("start (" + std::to_string(start) + ") + length (" + std::to_string(length) +
                            ") exceeds dimension size (" + std::to_string(size) + ").");
            return slice(x, a.integer(1), start, start + length, 1);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 3}), Scalar(0), Scalar(1), Scalar(2)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({5}), Scalar(0), Scalar(3), Scalar(4)},
                                             {},
                                             "start (3) + length (4) exceeds dimension size (5)."}};
        },
});

extern const Op narrow_tensor_op({
    .signature = "narrow.Tensor(Tensor self, int dim, Tensor start, int length) -> Tensor",
    .summary = "Some places in a row along a dimension, from a 0-dim integer tensor on.",
    .forward = "y = self[start:start+length] (dim = 0)",
    .compute =
        [](const Arguments& a) {
            const Tensor& start = a.tensor(2);
            if (!start.shape().empty() || is_floating_point(start.dtype()))
                throw Error("start must be an 0-dim integral Tensor.");
            return narrow(a.tensor(0), a.integer(1), start.item<std::int64_t>(), a.integer(3));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 3}), Scalar(0), indices({}, 3), Scalar(2)}}};
        },
});

extern const Op diagonal_op({
    .signature = "diagonal(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor",
    .summary = "The diagonal of two dimensions, as the last one.",
    .forward = "y_i = self[i][i + offset]",
    .gradients = {{"self", "dL/dself = dL/dy on the diagonal, else 0"}},
    .compute = [](const Arguments& a) { return diagonal_view(a.tensor(0), a.integer(1), a.integer(2), a.integer(3)); },
    .saves = {{"self.shape"}, {"offset"}, {"dim1"}, {"dim2"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0,
                  diagonal_backward(g[0], s.shape("self"), s.integer("offset"), s.integer("dim1"), s.integer("dim2")));
        },
    .samples = diagonal_samples,
    .aliases = "linalg.diagonal",
});

extern const Op diagonal_backward_op({
    .signature = "diagonal_backward(Tensor grad_output, int[] input_sizes, int offset, int dim1, int dim2) -> Tensor",
    .summary = "Zeros with the gradient on a diagonal.",
    .forward = "y = 0; y[i][i + offset] = x_i",
    .gradients = {{"grad_output", "dL/dgrad_output = diagonal(dL/dy, offset, dim1, dim2)"}},
    .compute =
        [](const Arguments& a) {
            return put_back(a.tensor(0), a.integers(1), [&](const Tensor& whole) {
                return diagonal_view(whole, a.integer(2), a.integer(3), a.integer(4));
            });
        },
    .saves = {{"offset"}, {"dim1"}, {"dim2"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0, diagonal(g[0], s.integer("offset"), s.integer("dim1"), s.integer("dim2")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3}), Dims{3, 4}, Scalar(1), Scalar(0), Scalar(1)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor select(const Tensor& self, std::int64_t dim, std::int64_t index) {
    return call(ops::select_op, {self, dim, index});
}
Tensor select_backward(const Tensor& grad, const Shape& sizes, std::int64_t dim, std::int64_t index) {
    return call(ops::select_backward_op, {grad, sizes, dim, index});
}
Tensor slice(const Tensor& self, std::int64_t dim, std::optional<std::int64_t> start, std::optional<std::int64_t> end,
             std::int64_t step) {
    return call(ops::slice_op, {self, dim, start, end, step});
}
Tensor slice_backward(const Tensor& grad, const Shape& sizes, std::int64_t dim, std::optional<std::int64_t> start,
                      std::optional<std::int64_t> end, std::int64_t step) {
    return call(ops::slice_backward_op, {grad, sizes, dim, start, end, step});
}
Tensor narrow(const Tensor& self, std::int64_t dim, std::int64_t start, std::int64_t length) {
    return call(ops::narrow_op, {self, dim, start, length});
}
Tensor diagonal(const Tensor& self, std::int64_t offset, std::int64_t dim1, std::int64_t dim2) {
    return call(ops::diagonal_op, {self, offset, dim1, dim2});
}
Tensor diagonal_backward(const Tensor& grad, const Shape& sizes, std::int64_t offset, std::int64_t dim1,
                         std::int64_t dim2) {
    return call(ops::diagonal_backward_op, {grad, sizes, offset, dim1, dim2});
}

Tensor Tensor::operator[](std::int64_t index) const {
    return select(*this, 0, index);
}

} // namespace hs
