#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Views whose elements may share memory: unfold and as_strided.
namespace hs::ops {

namespace {

/// The elements of the storage that a geometry reaches: [0, extent).
std::int64_t extent(const Shape& shape, const Strides& strides, std::int64_t offset) {
    std::int64_t last = offset;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 0) return 0;
        last += (shape[i] - 1) * strides[i];
    }
    return last + 1;
}

Tensor compute_as_strided(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Shape shape = a.integers(1);
    const Strides strides = a.integers(2);
    const std::int64_t offset = a.is_none(3) ? x.storage_offset() : a.integer(3);
    if (shape.size() != strides.size()) throw Error("mismatch in length of strides and shape");
    for (const std::int64_t stride : strides)
        if (stride < 0)
            throw Error("as_strided: Negative strides are not supported at the moment, got strides: " +
                        to_string(strides));
    if (offset < 0) throw Error("Tensor: invalid storage offset " + std::to_string(offset));
    const auto available = static_cast<std::int64_t>(x.storage().bytes() / size_of(x.dtype()));
    if (extent(shape, strides, offset) > available)
        throw Error("setStorage: sizes " + to_string(shape) + ", strides " + to_string(strides) + ", storage offset " +
                    std::to_string(offset) + ", and itemsize " + std::to_string(size_of(x.dtype())) +
                    " requiring a storage size of " +
                    std::to_string(extent(shape, strides, offset) * static_cast<std::int64_t>(size_of(x.dtype()))) +
                    " are out of bounds for storage of size " + std::to_string(x.storage().bytes()));
    return make_view(x, shape, strides, offset);
}

/// Which place of the storage each element has: int64, of `shape`.
Tensor places(const Shape& shape, const Strides& strides, std::int64_t offset) {
    Tensor result = full({}, offset, {.dtype = Dtype::int64});
    for (std::size_t i = 0; i < shape.size(); ++i)
        result = unsqueeze(result, -1) + arange(0, shape[i]) * Scalar(strides[i]);
    return result;
}

/// Whether two elements may lie at one place, judged by the strides from the smallest on.
bool may_overlap(const Shape& shape, const Strides& strides) {
    std::vector<std::pair<std::int64_t, std::int64_t>> steps;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] > 1) steps.emplace_back(strides[i], shape[i]);
    std::ranges::sort(steps);
    std::int64_t reached = 0;
    for (const auto& [stride, size] : steps) {
        if (stride <= reached) return true;
        reached += (size - 1) * stride;
    }
    return false;
}

/// The gradient goes by way of the memory from the first element of x or y on: added there at the places of y, then
/// taken from the places of x. What is at no place of x is lost. Elements of x that lie at one place share its
/// gradient.
void as_strided_gradient(const Saved& saved, Gradients& g) {
    const Shape shape = saved.shape("self");
    const Strides strides = saved.integers("self.strides");
    if (element_count(shape) == 0) return g.set(0, zeros(shape, g[0].options()));
    const Shape size = saved.integers("size");
    const Strides stride = saved.integers("stride");
    const std::int64_t x_begin = saved.integer("self.storage_offset");
    const std::int64_t y_begin = saved.is_none("storage_offset") ? x_begin : saved.integer("storage_offset");
    const std::int64_t begin = std::min(x_begin, y_begin);
    const std::int64_t memory =
        std::max(extent(shape, strides, x_begin - begin), extent(size, stride, y_begin - begin));
    const Tensor at_y = places(size, stride, y_begin - begin);
    const Tensor flat = index_put(zeros({memory}, g[0].options()), {at_y}, g[0], true);
    if (is_contiguous(shape, strides))
        return g.set(0, reshape(narrow(flat, 0, x_begin - begin, element_count(shape)), shape));
    const Tensor at_x = places(shape, strides, x_begin - begin);
    if (!may_overlap(shape, strides)) return g.set(0, index(flat, {at_x}));
    const Tensor sharers = index_put(zeros({memory}, g[0].options()), {at_x}, ones(shape, g[0].options()), true);
    g.set(0, index(flat, {at_x}) / index(sharers, {at_x}));
}

} // namespace

extern const Op as_strided_op({
    .signature = "as_strided(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    .summary = "A view of the memory with any shape and strides.",
    .forward = "y[i][j] = memory of self[storage_offset + i * stride[0] + j * stride[1]]",
    .gradients = {{"self",
                   "dL/dself = dL/dy added at the places of the memory, shared by the elements that lie at one"}},
    .compute = compute_as_strided,
    .saves = {{"self.shape"}, {"self.strides"}, {"self.storage_offset"}, {"size"}, {"stride"}, {"storage_offset"}},
    .backward = as_strided_gradient,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Dims{2, 2}, Dims{1, 2}}},
                                       {{uniform({6}), Dims{2, 3}, Dims{2, 1}, Scalar(1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), Dims{2}, Dims{1, 1}}, {}, "mismatch in length of strides and shape"}};
        },
});

extern const Op unfold_op({
    .signature = "unfold(Tensor self, int dimension, int size, int step) -> Tensor",
    .summary = "Windows along a dimension, as a view with the window as its last dimension.",
    .forward = "y[i][k] = self[i * step + k]",
    .gradients = {{"self", "dL/dself = dL/dy added over the windows"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
            const std::int64_t size = a.integer(2), step = a.integer(3);
            const std::int64_t available = x.shape().empty() ? 1 : x.shape()[dim];
            if (size < 0) throw Error("size is " + std::to_string(size) + " but must be >= 0");
            if (size > available)
                throw Error("maximum size for tensor at dimension " + std::to_string(dim) + " is " +
                            std::to_string(available) + " but size is " + std::to_string(size));
            if (step <= 0) throw Error("step is " + std::to_string(step) + " but must be > 0");
            Shape shape = x.shape();
            Strides strides = x.strides();
            const std::int64_t stride = shape.empty() ? 1 : strides[dim];
            if (!shape.empty()) {
                shape[dim] = (available - size) / step + 1;
                strides[dim] = stride * step;
            }
            shape.push_back(size);
            strides.push_back(stride);
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"self.shape"}, {"dimension"}, {"size"}, {"step"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            if (shape.empty()) return g.set(0, reshape(g[0], {}));
            const auto dim = static_cast<std::int64_t>(wrap_dim(saved.integer("dimension"), shape.size()));
            const std::int64_t windows = g[0].size(dim), size = saved.integer("size");
            const Tensor index = unsqueeze(arange(0, windows) * Scalar(saved.integer("step")), 1) + arange(0, size);
            const Tensor source = flatten(movedim(g[0], Dims{-1}, Dims{dim + 1}), dim, dim + 1);
            g.set(0, index_add(zeros(shape, g[0].options()), dim, reshape(index, {-1}), source));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 2}), Scalar(0), Scalar(3), Scalar(1)}},
                                       {{uniform({2, 6}), Scalar(1), Scalar(2), Scalar(3)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3}), Scalar(0), Scalar(4), Scalar(1)},
                                             {},
                                             "maximum size for tensor at dimension 0 is 3 but size is 4"}};
        },
});

} // namespace hs::ops
