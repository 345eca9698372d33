#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

namespace hs::ops {

ReducedShape reduced_shape(const Shape& shape, const Dims& dims, bool keepdim) {
    ReducedShape result;
    result.kept = shape;
    std::vector<bool> reduced(shape.size(), dims.empty());
    for (const std::int64_t dim : dims) {
        const std::size_t i = wrap_dim(dim, shape.size());
        if (shape.empty()) continue;
        if (reduced[i]) throw Error("dim " + std::to_string(i) + " appears multiple times in the list of dims");
        reduced[i] = true;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (reduced[i]) {
            result.count *= shape[i];
            result.kept[i] = 1;
        }
        if (!reduced[i] || keepdim) result.shape.push_back(reduced[i] ? 1 : shape[i]);
    }
    return result;
}

Tensor fresh_as(const Tensor& fresh, const Shape& shape) {
    return make_tensor(fresh.impl()->storage, shape, contiguous_strides(shape), fresh.storage_offset(), fresh.dtype());
}

Tensor expand_reduced(const Tensor& gradient, const Shape& shape, const Dims& dims, bool keepdim) {
    const Tensor kept = keepdim ? gradient : reshape(gradient, reduced_shape(shape, dims, true).kept);
    return expand(kept, shape);
}

namespace {

Tensor compute_sum(const Tensor& given, const Dims& dims, bool keepdim, std::optional<Dtype> dtype) {
    const Dtype wanted = dtype.value_or(is_floating_point(given.dtype()) ? given.dtype() : Dtype::int64);
    const Tensor x = prepared(given, wanted, given.shape());
    const ReducedShape reduced = reduced_shape(x.shape(), dims, keepdim);
    const Tensor y = empty(reduced.kept, x.options());
    kernels_of(x).sum(x, y);
    return fresh_as(y, reduced.shape);
}

} // namespace

extern const Op sum_op({
    .signature = "sum(Tensor self, *, Dtype? dtype=None) -> Tensor",
    .summary = "Sum of all elements; integers are summed as int64.",
    .forward = "y = sum of self",
    .gradients = {{"self", "dL/dself = dL/dy for every element"}},
    .compute = [](const Arguments& a) { return compute_sum(a.tensor(0), {}, false, a.optional_dtype(1)); },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, expand(g[0], saved.shape("self"))); },
    .samples = unary_samples,
});

extern const Op sum_dim_op({
    .signature = "sum.dim_IntList(Tensor self, int[]? dim, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "Sum over some dimensions.",
    .forward = "y = sum of self over dim",
    .gradients = {{"self", "dL/dself = dL/dy, expanded along dim"}},
    .compute =
        [](const Arguments& a) { return compute_sum(a.tensor(0), a.integers(1), a.boolean(2), a.optional_dtype(3)); },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}},
    .backward =
        [](const Saved& s, Gradients& g) {
            g.set(0, expand_reduced(g[0], s.shape("self"), s.integers("dim"), s.boolean("keepdim")));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Dims{0}}},
                                       {{uniform({2, 3, 4}), Dims{0, -1}, Scalar(true)}},
                                       {{uniform({0, 3}), Dims{0}}},
                                       {{uniform({}), Dims{0}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3}), Dims{3}},
                                             {},
                                             "Dimension out of range (expected to be in range of [-1, 0], but got 3)"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor sum(const Tensor& self) {
    return call(ops::sum_op, {self});
}
Tensor sum(const Tensor& self, IntList dim, bool keepdim) {
    return call(ops::sum_dim_op, {self, dim, keepdim});
}

Tensor sum_to_size(const Tensor& self, const Shape& shape) {
    if (self.shape() == shape) return self;
    const std::size_t extra = self.shape().size() - shape.size();
    Dims leading, ones;
    for (std::size_t i = 0; i < self.shape().size(); ++i) {
        if (i < extra)
            leading.push_back(static_cast<std::int64_t>(i));
        else if (shape[i - extra] == 1 && self.shape()[i] != 1)
            ones.push_back(static_cast<std::int64_t>(i));
    }
    Tensor result = self;
    if (!ones.empty()) result = sum(result, ones, true);
    return leading.empty() ? result : sum(result, leading, false);
}

Tensor Tensor::sum() const {
    return hs::sum(*this);
}

} // namespace hs
