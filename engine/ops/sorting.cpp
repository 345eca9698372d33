#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

/// Operations that order elements along a dimension.
namespace hs::ops {

namespace {

Tensors sorted(const Tensor& x, std::int64_t given_dim, bool descending) {
    const std::size_t dim = wrap_dim(given_dim, x.shape().size());
    const Tensor values = empty(x.shape(), x.options());
    const Tensor indices = empty(x.shape(), {.dtype = Dtype::int64, .device = x.device()});
    if (x.numel() > 0) kernels_of(x).sort(x, dim, descending, values, indices);
    return {values, indices};
}

/// Part of the sorted elements, copied so that it has memory of its own.
Tensors part(const Tensors& both, std::int64_t dim, std::int64_t start, std::int64_t length, bool keepdim) {
    Tensors result;
    for (const Tensor& each : both) {
        Tensor taken = each.shape().empty() ? each : narrow(each, dim, start, length);
        if (!keepdim && !each.shape().empty()) taken = squeeze(taken, dim);
        const Tensor own = empty(taken.shape(), taken.options());
        kernels_of(own).copy(taken, own);
        result.push_back(own);
    }
    return result;
}

/// Values and indices with the dimension kept: the gradient goes back to the indices.
void whole_gradient(const Saved& saved, Gradients& g) {
    g.set(0, value_selecting_gradient(g[0], saved.shape("self"), saved.integer("dim"), saved.result(1), true));
}
void reduced_gradient(const Saved& saved, Gradients& g) {
    g.set(0, value_selecting_gradient(g[0], saved.shape("self"), saved.integer("dim"), saved.result(1),
                                      saved.boolean("keepdim")));
}

/// Where the median is among sorted elements: the lower of two in the middle; the first NaN when there is one.
Tensors median_along(const Tensor& x, std::int64_t dim, bool keepdim) {
    const std::int64_t size = x.shape().empty() ? 1 : x.size(dim);
    if (size == 0)
        throw IndexError("median(): Expected reduction dim " + std::to_string(dim) + " to have non-zero size.");
    const Tensors both = sorted(x, dim, false);
    const Tensors middle = part(both, dim, (size - 1) / 2, 1, keepdim);
    const Tensors last = part(both, dim, size - 1, 1, keepdim);
    const Tensor is_nan = isnan(last[0]);
    if (!any(is_nan).item<bool>()) return middle;
    const Tensor place = max(isnan(both[0]).to(Dtype::uint8), dim, true).indices;
    Tensor nan_index = gather(both[1], dim, place);
    if (!keepdim && !x.shape().empty()) nan_index = squeeze(nan_index, dim);
    return {where(is_nan, last[0], middle[0]), where(is_nan, nan_index, middle[1])};
}

std::vector<Sample> sorted_samples() {
    return {{{uniform({3, 4}), Scalar(0)}}, {{uniform({2, 5}), Scalar(-1), Scalar(true)}}};
}

} // namespace

extern const Op sort_op({
    .signature = "sort(Tensor self, int dim=-1, bool descending=False, *, bool stable=True) -> (Tensor values, Tensor "
                 "indices)",
    .summary = "Elements in order along a dimension, and where they came from; always stable.",
    .forward = "y = self in ascending or descending order",
    .gradients = {{"self", "dL/dself = dL/dy at the places it came from"}},
    .compute_many = [](const Arguments& a) { return sorted(a.tensor(0), a.integer(1), a.boolean(2)); },
    .saves = {{"self.shape"}, {"dim"}, {"result1"}},
    .backward = whole_gradient,
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({3, 4}), Scalar(0), Scalar(true)}}};
        },
});

extern const Op topk_op({
    .signature = "topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor "
                 "indices)",
    .summary = "The k largest (smallest) elements along a dimension, in order.",
    .forward = "y = first k of sort(self)",
    .gradients = {{"self", "dL/dself = dL/dy at the places it came from"}},
    .dtypes = {numeric_dtypes, "topk does not support bool dtypes on CPU"},
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::int64_t size = x.shape().empty() ? 1 : x.size(a.integer(2));
            if (a.integer(1) < 0 || a.integer(1) > size) throw Error("selected index k out of range");
            return part(sorted(x, a.integer(2), a.boolean(3)), a.integer(2), 0, a.integer(1), true);
        },
    .saves = {{"self.shape"}, {"dim"}, {"result1"}},
    .backward = whole_gradient,
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(2)}},
                                       {{uniform({4, 3}), Scalar(3), Scalar(0), Scalar(false)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3}), Scalar(4)}, {}, "selected index k out of range"}};
        },
});

extern const Op kthvalue_op({
    .signature = "kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
    .summary = "The k-th smallest element along a dimension, counted from 1.",
    .forward = "y = sort(self)[k - 1]",
    .gradients = {{"self", "dL/dself = dL/dy at the index, else 0"}},
    .dtypes = {numeric_dtypes, "kthvalue_cpu"},
    .compute_many =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::int64_t size = x.shape().empty() ? 1 : x.size(a.integer(2));
            if (a.integer(1) < 1 || a.integer(1) > size)
                throw Error("kthvalue(): selected number k out of range for dimension " + std::to_string(a.integer(2)));
            return part(sorted(x, a.integer(2), false), a.integer(2), a.integer(1) - 1, 1, a.boolean(3));
        },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}, {"result1"}},
    .backward = reduced_gradient,
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(2)}},
                                       {{uniform({4, 3}), Scalar(1), Scalar(0), Scalar(true)}}};
        },
});

extern const Op median_op({
    .signature = "median(Tensor self) -> Tensor",
    .summary = "The middle element of all, the lower of two; NaN where there is one.",
    .forward = "y = sort(self)[(n - 1) / 2]",
    .gradients = {{"self", "dL/dself = dL/dy, shared evenly by the elements that equal y"}},
    .dtypes = {numeric_dtypes, "median_cpu"},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.numel() == 0) return full({}, std::nan(""), x.options());
            return median_along(reshape(x, {-1}), 0, false)[0];
        },
    .saves = {{"self"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor y = saved.result();
            const Tensor x = saved.tensor("self");
            const Tensor mask = logical_or(eq(x, y), logical_and(isnan(x), isnan(y)));
            g.set(0, mask.to(g[0].dtype()) * (g[0] / sum(mask).to(g[0].dtype())));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 3})}}, {{uniform({4})}}};
        },
});

extern const Op median_dim_op({
    .signature = "median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
    .summary = "The middle elements along a dimension, the lower of two, and where they are.",
    .forward = "y = sort(self)[(n - 1) / 2]",
    .gradients = {{"self", "dL/dself = dL/dy at the index, else 0"}},
    .dtypes = {numeric_dtypes, "median_cpu"},
    .compute_many = [](const Arguments& a) { return median_along(a.tensor(0), a.integer(1), a.boolean(2)); },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}, {"result1"}},
    .backward = reduced_gradient,
    .node_number = 1,
    .non_differentiable = {1},
    .samples = sorted_samples,
});

} // namespace hs::ops

namespace hs {

Extremes sort(const Tensor& self, std::int64_t dim, bool descending) {
    Tensors both = call_many(ops::sort_op, {self, dim, descending});
    return {std::move(both[0]), std::move(both[1])};
}
Extremes topk(const Tensor& self, std::int64_t k, std::int64_t dim, bool largest) {
    Tensors both = call_many(ops::topk_op, {self, k, dim, largest});
    return {std::move(both[0]), std::move(both[1])};
}

} // namespace hs
