#include "engine/kernels/linalg.h"
#include "engine/ops/batched_matrices.h"
#include "engine/ops/linalg.h"
#include "engine/ops/samples.h"

/// Singular values and vectors.
namespace hs::ops {

extern const Op linalg_svd_primitive_op, diag_embed_op;

namespace {

Tensor adjoint(const Tensor& a) {
    return transpose(a, -2, -1);
}

Tensors compute_svd(const Arguments& arguments) {
    const Tensor& a = arguments.tensor(0);
    check_matrices(a, "linalg.svd");
    const std::int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
    const bool full = arguments.boolean(1);
    const Tensor batch = as_batch_of_matrices(a);
    const Shape outer = batch_shape(a);
    const auto made = [&](std::initializer_list<std::int64_t> sizes) {
        return empty(with_sizes(outer, sizes), a.options());
    };
    const Tensor u = made({m, full ? m : k}), s = made({k}), vh = made({full ? n : k, n});
    linalg_kernels_of(a).svd(batch, as_batch_of_matrices(u), view(s, {batch.size(0), k}), as_batch_of_matrices(vh));
    return {u, s, vh};
}

Tensor skew(const Tensor& a) {
    return a - adjoint(a);
}

/// The part of a gradient that turns the singular vectors against each other, in their own coordinates.
Tensor inner_gradient(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& gu, const Tensor& gvh) {
    const Tensor columns = unsqueeze(s, -2), rows = unsqueeze(s, -1);
    const Tensor same = eye(s.size(-1), {.dtype = Dtype::bool_});
    const Tensor gaps = masked_fill((columns - rows) * (columns + rows), same, 1);
    Tensor result;
    if (gu.defined()) result = skew(matmul(adjoint(u), gu)) / gaps * columns;
    if (!gvh.defined()) return result;
    const Tensor of_v = rows * (skew(matmul(vh, adjoint(gvh))) / gaps);
    return result.defined() ? result + of_v : of_v;
}

void svd_gradient(const Saved& saved, Gradients& g) {
    const Tensor a = saved.tensor("A"), s = saved.result(1);
    const std::int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
    // Vectors beyond the singular values span what A maps to zero, in no order of their own.
    const auto kept = [&](const Tensor& t, std::int64_t dim) { return t.defined() ? narrow(t, dim, 0, k) : t; };
    const Tensor u = kept(saved.result(0), -1), vh = kept(saved.result(2), -2);
    const Tensor gu = kept(g[0], -1), gvh = kept(g[2], -2);
    if (!gu.defined() && !gvh.defined()) {
        if (g[1].defined()) g.set(0, matmul(u * unsqueeze(g[1], -2), vh));
        return;
    }
    Tensor inner = inner_gradient(u, s, vh, gu, gvh);
    if (g[1].defined()) inner = inner + call(diag_embed_op, {g[1]});
    Tensor result = matmul(matmul(u, inner), vh);
    if (m > k && gu.defined())
        result = result + matmul((gu - matmul(u, matmul(adjoint(u), gu))) / unsqueeze(s, -2), vh);
    if (n > k && gvh.defined())
        result = result + matmul(u, (gvh - matmul(matmul(gvh, adjoint(vh)), vh)) / unsqueeze(s, -1));
    g.set(0, result);
}

std::vector<Sample> svd_samples() {
    return {{{uniform({3, 2})}}, {{uniform({2, 3})}}, {{uniform({2, 2, 2})}}};
}

} // namespace

extern const Op linalg_svd_primitive_op({
    .signature = "_linalg_svd(Tensor A, bool full_matrices=False) -> (Tensor, Tensor, Tensor)",
    .summary = "Singular vectors and values of matrices, the greatest first.",
    .forward = "A = u diag(s) vh",
    .gradients = {{"A", "dL/dA = u (diag(dL/ds) + terms of dL/du and dL/dvh over s_j^2 - s_i^2) vh"}},
    .dtypes = {precise_dtypes},
    .compute_many = compute_svd,
    .saves = {{"A"}, {"result0"}, {"result1"}, {"result2"}},
    .backward = svd_gradient,
    .node = "LinalgSvd",
    .samples = svd_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2})}, {}, "linalg.svd: The input tensor A must have at least 2 dimensions."}};
        },
    .tolerance = 1e-5,
});

extern const Op linalg_svd_op({
    .signature = "linalg_svd(Tensor A, bool full_matrices=True) -> (Tensor, Tensor, Tensor)",
    .summary = "Singular vectors and values of matrices, the greatest first; full_matrices completes the vectors to a "
               "basis.",
    .forward = "A = u diag(s) vh",
    .dtypes = {precise_dtypes, "linalg.svd: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.svd: Low precision dtypes not supported. Got {}"},
    .compute_many =
        [](const Arguments& a) {
            return call_many(linalg_svd_primitive_op, {a.tensor(0), a[1]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 3})}}};
        },
    .tolerance = 1e-5,
    .aliases = "linalg.svd",
});

extern const Op linalg_svdvals_op({
    .signature = "linalg_svdvals(Tensor A) -> Tensor",
    .summary = "Singular values of matrices, the greatest first.",
    .forward = "A = u diag(y) vh",
    .dtypes = {precise_dtypes, "linalg.svd: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.svd: Low precision dtypes not supported. Got {}"},
    .compute = [](const Arguments& a) { return call_many(linalg_svd_primitive_op, {a.tensor(0)})[1]; },
    .composite = true,
    .samples = svd_samples,
    .aliases = "linalg.svdvals",
});

} // namespace hs::ops

namespace hs::linalg {

Svd svd(const Tensor& a, bool full_matrices) {
    Tensors result = call_many(ops::linalg_svd_op, {a, full_matrices});
    return {std::move(result[0]), std::move(result[1]), std::move(result[2])};
}
Tensor svdvals(const Tensor& a) {
    return call(ops::linalg_svdvals_op, {a});
}

} // namespace hs::linalg
