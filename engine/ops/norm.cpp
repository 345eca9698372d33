#include "engine/ops/norm.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

/// Norms and reductions that are made of others.
namespace hs::ops {

extern const Op linalg_matrix_norm_text_op;

namespace {

Tensor powered(const Tensor& x, double power) {
    return pow(abs(x), Scalar(power));
}

Tensor compute_vector_norm(const Arguments& a) {
    const Tensor x = a.optional_dtype(4) ? a.tensor(0).to(*a.optional_dtype(4)) : a.tensor(0);
    if (!is_floating_point(x.dtype()))
        throw Error("linalg.vector_norm: Expected a floating point or complex tensor as input. Got " +
                    std::string(scalar_type_name(x.dtype())));
    const double order = a.scalar(1).to_double();
    const Dims dims = a.integers(2);
    const bool keepdim = a.boolean(3);
    if (order == 2) return sqrt(sum(square(x), dims, keepdim));
    if (order == 1) return sum(abs(x), dims, keepdim);
    if (order == 0) return sum(ne(x, 0), dims, keepdim).to(x.dtype());
    if (std::isinf(order)) return order > 0 ? amax(abs(x), dims, keepdim) : amin(abs(x), dims, keepdim);
    return pow(sum(powered(x, order), dims, keepdim), Scalar(1 / order));
}

std::vector<Sample> dims_samples() {
    return {{{uniform({3, 4}), Dims{1}}}, {{uniform({2, 3, 4}), Dims{0, 2}, Scalar(true)}}};
}

Tensor compute_logsumexp(const Arguments& a) {
    const Tensor& given = a.tensor(0);
    const Tensor x = is_floating_point(given.dtype()) ? given : given.to(Dtype::float32);
    const Dims dims = a.integers(1);
    const bool keepdim = a.boolean(2);
    if (x.numel() == 0) return log(sum(exp(x), dims, keepdim));
    const Tensor largest = amax(x, dims, true);
    const Tensor shift = masked_fill(largest, isinf(largest), 0);
    const Tensor total = log(sum(exp(x - shift), dims, true)) + shift;
    return fresh_as(total, reduced_shape(x.shape(), dims, keepdim).shape);
}

} // namespace

Tensor norm_gradient(const Tensor& incoming, const Tensor& x, const Tensor& result, double order, const Dims& dims,
                     bool keepdim) {
    const Tensor grad = expand_reduced(incoming, x.shape(), dims, keepdim);
    if (order == 0) return {}; // constant almost everywhere: as in PyTorch, no gradient
    if (order == 1) return sign(x) * grad;
    const Tensor norm = expand_reduced(result, x.shape(), dims, keepdim);
    const auto without_zeros = [&](const Tensor& quotient) { return masked_fill(quotient, eq(norm, 0), 0); };
    if (order == 2) return grad * without_zeros(x / norm);
    if (std::isinf(order)) {
        const Tensor mask = eq(abs(x), norm).to(x.dtype());
        return sign(x) * (mask * (grad / sum(mask, dims, true)));
    }
    if (order < 1) {
        const Tensor scaled = masked_fill(sign(x) * powered(x, order - 1), eq(x, 0), 0);
        return scaled * grad * pow(norm, Scalar(1 - order));
    }
    const Tensor scale = without_zeros(grad / pow(norm, Scalar(order - 1)));
    if (order < 2) return sign(x) * powered(x, order - 1) * scale;
    return x * powered(x, order - 2) * scale;
}

extern const Op linalg_vector_norm_op({
    .signature = "linalg_vector_norm(Tensor self, Scalar ord=2, int[]? dim=None, bool keepdim=False, *, Dtype? "
                 "dtype=None) -> Tensor",
    .summary = "The norm of order ord of the elements, over some dimensions or all.",
    .forward = "y = (sum of |self|^p)^(1/p)",
    .gradients = {{"self", "dL/dself = dL/dy * sign(self) * (|self| / y)^(p-1), 0 where y is 0"}},
    .dtypes = {floating_dtypes, "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {}"},
    .wide = Wide::halves,
    .compute = compute_vector_norm,
    .saves = {{"self"}, {"ord"}, {"dim"}, {"keepdim"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Tensor gradient = norm_gradient(g[0], saved.tensor("self"), saved.result(), saved.scalar("ord").to_double(),
                                            saved.integers("dim"), saved.boolean("keepdim"));
            if (gradient.defined()) g.set(0, std::move(gradient));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}},
                                       {{uniform({3, 4}), Scalar(1), Dims{0}}},
                                       {{uniform({3, 4}), Scalar(3), Dims{1}, Scalar(true)}},
                                       {{uniform({3}), Scalar(1.5)}},
                                       {{uniform({3}), Scalar(0.5)}},
                                       {{uniform({4}), Scalar(std::numeric_limits<double>::infinity())}}};
        },
    .aliases = "linalg.vector_norm",
});

extern const Op norm_op({
    .signature = "norm(Tensor self, Scalar? p=2, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "The norm of order p of the elements, over some dimensions or all.",
    .forward = "y = (sum of |self|^p)^(1/p)",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            return call(linalg_vector_norm_op, {a[0], a.is_none(1) ? Scalar(2) : a.scalar(1), a[2], a[3], a[4]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({3, 4}), Scalar(1), Dims{0}}}};
        },
});

extern const Op norm_text_op({
    .signature = "norm.text(Tensor self, str p, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "The Frobenius norm ('fro') over some dimensions or all, or the nuclear one ('nuc') over two.",
    .forward = "y = (sum of |self|^2)^(1/2), or the sum of the singular values",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            if (a.text(1) == "fro") return call(linalg_vector_norm_op, {a[0], Scalar(2), a[2], a[3], a[4]});
            if (a.text(1) != "nuc")
                throw ValueError("'" + std::string(a.text(1)) + "' is no order of a norm: it has to be 'fro' or 'nuc'");
            const Dims dims = a.is_none(2) ? Dims{-2, -1} : a.integers(2);
            return call(linalg_matrix_norm_text_op, {a[0], a[1], dims, a[3], a[4]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), std::string("fro")}},
                                       {{uniform({3, 2}), std::string("nuc")}}};
        },
});

extern const Op logsumexp_op({
    .signature = "logsumexp(Tensor self, int[] dim, bool keepdim=False) -> Tensor",
    .summary = "Logarithm of the sum of exponentials over some dimensions, without overflow.",
    .forward = "y = ln(sum of exp(self))",
    .gradients = {{"self", "dL/dself = dL/dy * exp(self - y)"}},
    .wide = Wide::halves,
    .compute = compute_logsumexp,
    .saves = {{"self"}, {"result"}, {"dim"}, {"keepdim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const Dims dims = saved.integers("dim");
            const bool keepdim = saved.boolean("keepdim");
            const Tensor share = exp(x - expand_reduced(saved.result(), x.shape(), dims, keepdim));
            g.set(0, expand_reduced(g[0], x.shape(), dims, keepdim) * share);
        },
    .samples = dims_samples,
    .aliases = "special.logsumexp",
});

extern const Op nansum_op({
    .signature = "nansum(Tensor self, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "Sum over some dimensions, with NaN counted as 0.",
    .forward = "y = sum of self where self is a number",
    .gradients = {{"self", "dL/dself = dL/dy where self is a number, else 0"}},
    .compute =
        [](const Arguments& a) {
            const Tensor total = sum(masked_fill(a.tensor(0), isnan(a.tensor(0)), 0), a.integers(1), a.boolean(2));
            return a.is_none(3) ? total : total.to(*a.optional_dtype(3));
        },
    .saves = {{"self"}, {"dim"}, {"keepdim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor x = saved.tensor("self");
            const Tensor grad = expand_reduced(g[0], x.shape(), saved.integers("dim"), saved.boolean("keepdim"));
            g.set(0, grad * logical_not(isnan(x)).to(grad.dtype()));
        },
    .samples = dims_samples,
});

extern const Op nanmean_op({
    .signature = "nanmean(Tensor self, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "Mean over some dimensions of the elements that are numbers.",
    .forward = "y = nansum(self) / count of numbers",
    .dtypes = {floating_dtypes, "nanmean(): expected input to have floating point or complex dtype but got {}"},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Tensor count = sum(logical_not(isnan(x.detach())), a.integers(1), a.boolean(2));
            return call(nansum_op, {x, a[1], a[2], a[3]}) / count;
        },
    .composite = true,
    .samples = dims_samples,
});

extern const Op count_nonzero_op({
    .signature = "count_nonzero(Tensor self, int[]? dim=None) -> Tensor",
    .summary = "How many elements are not zero, over some dimensions or all.",
    .forward = "y = count of self != 0",
    .compute = [](const Arguments& a) { return sum(ne(a.tensor(0), 0), a.integers(1)); },
    .samples =
        [] {
            return std::vector<Sample>{{{indices({3, 4}, 3)}}, {{indices({3, 4}, 3), Dims{0}}}};
        },
});

namespace {

/// With `given`, no dimensions are none; else they are all.
Tensor compute_truth(const Tensor& x, const Dims& dims, bool keepdim, Fold function, bool given = false) {
    if (given && dims.empty())
        return prepared(ne(x, Scalar(0)), x.dtype() == Dtype::uint8 ? x.dtype() : Dtype::bool_, x.shape());
    const ReducedShape reduced = reduced_shape(x.shape(), dims, keepdim);
    const Tensor y = empty(reduced.kept, {.dtype = Dtype::bool_, .device = x.device()});
    kernels_of(x).reduce(function, x, y);
    const Tensor result = fresh_as(y, reduced.shape);
    return x.dtype() == Dtype::uint8 ? prepared(result, Dtype::uint8, reduced.shape) : result; // as in PyTorch
}

std::vector<Sample> truth_samples() {
    return {{{indices({3, 4}, 3)}}, {{uniform({2})}}, {{uniform({0})}}};
}
std::vector<Sample> truth_dim_samples() {
    return {{{indices({3, 4}, 3), Scalar(0)}}, {{uniform({2, 3}), Scalar(1), Scalar(true)}}};
}

} // namespace

extern const Op any_op({
    .signature = "any(Tensor self) -> Tensor",
    .summary = "Whether any element is not zero.",
    .forward = "y = self[0] != 0 or self[1] != 0 or ...",
    .compute = [](const Arguments& a) { return compute_truth(a.tensor(0), {}, false, Fold::any); },
    .samples = truth_samples,
});

extern const Op any_dim_op({
    .signature = "any.dim(Tensor self, int[]? dim, bool keepdim=False) -> Tensor",
    .summary = "Whether any element along a dimension is not zero.",
    .forward = "y = self[0] != 0 or self[1] != 0 or ...",
    .compute =
        [](const Arguments& a) {
            return compute_truth(a.tensor(0), a.integers(1), a.boolean(2), Fold::any, !a.is_none(1));
        },
    .samples = truth_dim_samples,
});

extern const Op all_op({
    .signature = "all(Tensor self) -> Tensor",
    .summary = "Whether all elements are not zero.",
    .forward = "y = self[0] != 0 and self[1] != 0 and ...",
    .compute = [](const Arguments& a) { return compute_truth(a.tensor(0), {}, false, Fold::all); },
    .samples = truth_samples,
});

extern const Op all_dim_op({
    .signature = "all.dim(Tensor self, int[]? dim, bool keepdim=False) -> Tensor",
    .summary = "Whether all elements along a dimension are not zero.",
    .forward = "y = self[0] != 0 and self[1] != 0 and ...",
    .compute =
        [](const Arguments& a) {
            return compute_truth(a.tensor(0), a.integers(1), a.boolean(2), Fold::all, !a.is_none(1));
        },
    .samples = truth_dim_samples,
});

} // namespace hs::ops

namespace hs {

Tensor norm(const Tensor& self, const Scalar& p, IntList dim, bool keepdim) {
    return call(ops::norm_op, {self, p, dim, keepdim});
}
Tensor logsumexp(const Tensor& self, IntList dim, bool keepdim) {
    return call(ops::logsumexp_op, {self, dim, keepdim});
}
Tensor any(const Tensor& self) {
    return call(ops::any_op, {self});
}
Tensor all(const Tensor& self) {
    return call(ops::all_op, {self});
}

} // namespace hs
