#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

/// Products, running sums and running products.
namespace hs::ops {

namespace {

Dtype summed_dtype(const Tensor& x, std::optional<Dtype> wanted) {
    return wanted.value_or(is_floating_point(x.dtype()) ? x.dtype() : Dtype::int64);
}

Tensor compute_prod(const Tensor& given, const Dims& dims, bool keepdim, std::optional<Dtype> dtype) {
    const Tensor x = prepared(given, summed_dtype(given, dtype), given.shape());
    const ReducedShape reduced = reduced_shape(x.shape(), dims, keepdim);
    const Tensor y = empty(reduced.kept, x.options());
    kernels_of(x).reduce(Fold::prod, x, y);
    return fresh_as(y, reduced.shape);
}

Tensor compute_scan(Scan function, const Arguments& a) {
    const Tensor& given = a.tensor(0);
    const std::size_t dim = wrap_dim(a.integer(1), given.shape().size());
    const Tensor x = prepared(given, summed_dtype(given, a.optional_dtype(2)), given.shape());
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).scan(function, x, dim, y);
    return y;
}

/// y_0 = 1, y_k = x_0 x_1 ... x_(k-1) as slices along `dim`.
Tensors products_before(const Tensors& slices) {
    Tensors result{ones_like(slices.front())};
    for (std::size_t k = 1; k < slices.size(); ++k)
        result.push_back(result.back() * slices[k - 1]);
    return result;
}

/// The gradient of a running product of slices, of which `grads` are the cotangents (undefined: none): exact where
/// elements are zero, and differentiable again. With S_k = g_k + x_(k+1) S_(k+1): dL/dx_k = (x_0 ... x_(k-1)) S_k.
Tensor scan_gradient(const Tensor& x, std::int64_t dim, const Tensors& grads) {
    const Tensors slices = unbind(x, dim);
    const Tensors before = products_before(slices);
    Tensors result(slices.size());
    Tensor behind;
    for (std::size_t k = slices.size(); k-- > 0;) {
        if (behind.defined()) behind = behind * slices[k + 1];
        if (grads[k].defined()) behind = behind.defined() ? grads[k] + behind : grads[k];
        result[k] = before[k] * behind;
    }
    return stack(result, dim);
}

Tensor prod_gradient(const Tensor& grad, const Tensor& x, const Tensor& result, std::int64_t dim) {
    if (x.numel() == 0) return zeros_like(x);
    if (!any(eq(x, 0)).item<bool>()) return grad * result / x;
    const Tensor kept = x.shape().empty() ? reshape(x, {1}) : x;
    Tensors cotangents(static_cast<std::size_t>(kept.size(dim)));
    cotangents.back() = x.shape().empty() ? reshape(grad, {}) : squeeze(grad, dim);
    return reshape(scan_gradient(kept, dim, cotangents), x.shape());
}

std::vector<Sample> dim_samples() {
    return {{{uniform({3, 4}), Scalar(1)}}, {{uniform({2, 3, 2}), Scalar(0)}}, {{uniform({}), Scalar(0)}}};
}

Tensor with_zeros() {
    const Tensor x = uniform({2, 3});
    select(select(x, 0, 0), 0, 1).fill_(0);
    return x;
}

} // namespace

extern const Op prod_op({
    .signature = "prod(Tensor self, *, Dtype? dtype=None) -> Tensor",
    .summary = "Product of all elements.",
    .forward = "y = product of self",
    .gradients = {{"self", "dL/dself[i] = dL/dy * product of the other elements"}},
    .compute = [](const Arguments& a) { return compute_prod(a.tensor(0), {}, false, a.optional_dtype(1)); },
    .saves = {{"self"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const Tensor flat = reshape(x, {-1});
            g.set(0, reshape(prod_gradient(reshape(g[0], {1}), flat, saved.result(), 0), x.shape()));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({})}}, {{with_zeros()}}};
        },
});

extern const Op prod_dim_op({
    .signature = "prod.dim_int(Tensor self, int dim, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "Products along a dimension.",
    .forward = "y = product of self over dim",
    .gradients = {{"self", "dL/dself[i] = dL/dy * product of the other elements along dim"}},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return compute_prod(a.tensor(0), Dims{a.integer(1)}, a.boolean(2), a.optional_dtype(3));
        },
    .saves = {{"self"}, {"dim"}, {"keepdim"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const std::int64_t dim = saved.integer("dim");
            const bool add_dim = !saved.boolean("keepdim") && !x.shape().empty();
            g.set(0, prod_gradient(add_dim ? unsqueeze(g[0], dim) : g[0], x,
                                   add_dim ? unsqueeze(saved.result(), dim) : saved.result(), dim));
        },
    .node_number = 1,
    .samples =
        [] {
            std::vector<Sample> samples = dim_samples();
            samples.push_back({{with_zeros(), Scalar(1), Scalar(true)}});
            return samples;
        },
});

extern const Op cumsum_op({
    .signature = "cumsum(Tensor self, int dim, *, Dtype? dtype=None) -> Tensor",
    .summary = "Running sums along a dimension.",
    .forward = "y[k] = self[0] + ... + self[k]",
    .gradients = {{"self", "dL/dself[k] = sum of dL/dy[j] over j >= k"}},
    .compute = [](const Arguments& a) { return compute_scan(Scan::sum, a); },
    .saves = {{"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t dim = saved.integer("dim");
            if (g[0].shape().empty()) return g.set(0, g[0]);
            g.set(0, flip(cumsum(flip(g[0], Dims{dim}), dim), Dims{dim}));
        },
    .samples = dim_samples,
});

extern const Op cumprod_op({
    .signature = "cumprod(Tensor self, int dim, *, Dtype? dtype=None) -> Tensor",
    .summary = "Running products along a dimension.",
    .forward = "y[k] = self[0] * ... * self[k]",
    .gradients = {{"self", "dL/dself[k] = sum over j >= k of dL/dy[j] * y[j] / self[k]"}},
    .compute = [](const Arguments& a) { return compute_scan(Scan::prod, a); },
    .saves = {{"self"}, {"result"}, {"dim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const std::int64_t dim = saved.integer("dim");
            if (x.numel() == 0 || x.shape().empty()) return g.set(0, g[0]);
            if (any(eq(x, 0)).item<bool>()) return g.set(0, scan_gradient(x, dim, unbind(g[0], dim)));
            const Tensor weighted = flip(cumsum(flip(saved.result() * g[0], Dims{dim}), dim), Dims{dim});
            g.set(0, weighted / x);
        },
    .samples =
        [] {
            std::vector<Sample> samples = dim_samples();
            samples.push_back({{with_zeros(), Scalar(1)}});
            return samples;
        },
});

} // namespace hs::ops

namespace hs {

Tensor prod(const Tensor& self) {
    return call(ops::prod_op, {self});
}
Tensor prod(const Tensor& self, std::int64_t dim, bool keepdim) {
    return call(ops::prod_dim_op, {self, dim, keepdim});
}
Tensor cumsum(const Tensor& self, std::int64_t dim) {
    return call(ops::cumsum_op, {self, dim});
}
Tensor cumprod(const Tensor& self, std::int64_t dim) {
    return call(ops::cumprod_op, {self, dim});
}

} // namespace hs
