#include "engine/ops/functional.h"
#include "engine/ops/norm.h"
#include "engine/ops/samples.h"

#include <cmath>

/// Distances and angles between vectors.
namespace hs::ops {

namespace {

/// x kept above `least`; the bound takes no part in the gradient.
Tensor bounded(const Tensor& x, double least) {
    return x + clamp_min(least - x.detach(), 0);
}

Tensor compute_cosine(const Arguments& a) {
    const Shape shape = broadcast_shapes(a.tensor(0).shape(), a.tensor(1).shape());
    const Dtype dtype = promote(a.tensor(0).dtype(), a.tensor(1).dtype());
    const Tensor x1 = expand(a.tensor(0).to(dtype), shape), x2 = expand(a.tensor(1).to(dtype), shape);
    const Dims dims{a.integer(2)};
    const double eps = a.floating(3);
    // Each is divided by its own norm, so that the result stays within -1 and 1.
    return sum(x1 / bounded(norm(x1, 2, dims, true), eps) * (x2 / bounded(norm(x2, 2, dims, true), eps)), dims);
}

/// All differences of rows: [..., p, r, m].
Tensor differences(const Tensor& x1, const Tensor& x2) {
    return unsqueeze(x1, -2) - unsqueeze(x2, -3);
}

/// Whether distances come from a product of matrices, |x1|^2 + |x2|^2 - 2 x1 x2: much faster where the rows are many,
/// but less exact where they are close.
bool by_product(const Tensor& x1, const Tensor& x2, double p, std::string_view mode) {
    return p == 2 && mode == "use_mm_for_euclid_dist_if_necessary" && (x1.size(-2) > 25 || x2.size(-2) > 25);
}

Tensor distances_by_product(const Tensor& x1, const Tensor& x2) {
    const Dims last{-1};
    const Tensor squares = sum(square(x1), last, true) + transpose(sum(square(x2), last, true), -2, -1);
    return sqrt(clamp_min(squares - matmul(x1, transpose(x2, -2, -1)) * 2, 0));
}

void product_gradient(const Saved& saved, Gradients& g) {
    const Tensor x1 = saved.tensor("x1"), x2 = saved.tensor("x2"), distance = saved.result();
    const Tensor share = masked_fill(g[0] / distance, eq(distance, 0), 0);
    const Tensor turned = transpose(share, -2, -1);
    if (g.needs(0)) g.set(0, x1 * sum(share, Dims{-1}, true) - matmul(share, x2));
    if (g.needs(1)) g.set(1, x2 * sum(turned, Dims{-1}, true) - matmul(turned, x1));
}

Tensor compute_cdist(const Arguments& a) {
    const Tensor &x1 = a.tensor(0), &x2 = a.tensor(1);
    const double p = a.floating(2);
    for (std::size_t i = 0; i < 2; ++i)
        if (a.tensor(i).dim() < 2)
            throw Error("cdist only supports at least 2D tensors, X" + std::to_string(i + 1) +
                        " got: " + std::to_string(a.tensor(i).dim()) + "D");
    if (x1.size(-1) != x2.size(-1))
        throw Error("X1 and X2 must have the same number of columns. X1: " + std::to_string(x1.size(-1)) +
                    " X2: " + std::to_string(x2.size(-1)));
    if (!(p >= 0)) throw Error("cdist only supports non-negative p values");
    constexpr std::string_view modes[] = {"use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist",
                                          "donot_use_mm_for_euclid_dist"};
    if (std::ranges::find(modes, a.text(3)) == std::end(modes))
        throw ValueError(std::string(a.text(3)) + " is not a valid value for compute_mode");
    if (by_product(x1, x2, p, a.text(3))) return distances_by_product(x1, x2);
    const Tensor between = differences(x1, x2);
    if (between.size(-1) > 0) return norm(between, p, Dims{-1});
    return zeros(Shape(std::span(between.shape().begin(), between.shape().end() - 1)), between.options());
}

void cdist_gradient(const Saved& saved, Gradients& g) {
    if (by_product(saved.tensor("x1"), saved.tensor("x2"), saved.floating("p"), saved.text("compute_mode")))
        return product_gradient(saved, g);
    const Tensor between = differences(saved.tensor("x1"), saved.tensor("x2"));
    const Tensor distance = unsqueeze(saved.result(), -1), grad = unsqueeze(g[0], -1);
    const double p = saved.floating("p");
    Tensor of_each;
    if (p == 0 || between.numel() == 0)
        of_each = zeros(between.shape(), between.options());
    else if (std::isinf(p)) // unlike that of norm, it is not divided among equal differences
        of_each = sign(between) * eq(abs(between), distance).to(between.dtype()) * grad;
    else
        of_each = norm_gradient(grad, between, distance, p, Dims{-1}, true);
    if (g.needs(0)) g.set(0, sum(of_each, Dims{-2}));
    if (g.needs(1)) g.set(1, neg(sum(of_each, Dims{-3})));
}

} // namespace

extern const Op cdist_op({
    .signature = "cdist(Tensor x1, Tensor x2, float p=2.0, str compute_mode='use_mm_for_euclid_dist_if_necessary') -> "
                 "Tensor",
    .summary = "Distances of order p of all rows of one matrix from all rows of another.",
    .forward = "y[i][j] = |x1[i] - x2[j]|_p",
    .gradients = {{"x1", "dL/dx1[i] = sum over j of dL/dy[i][j] * dy[i][j]/dx1[i]"},
                  {"x2", "dL/dx2[j] = -sum over i of dL/dy[i][j] * dy[i][j]/dx1[i]"}},
    .dtypes = {precise_dtypes, "cdist only supports floating-point dtypes, X1 got: {}", 1, "cdist"},
    .compute = compute_cdist,
    .saves = {{"x1"}, {"x2"}, {"p"}, {"compute_mode"}, {"result"}},
    .backward = cdist_gradient,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 2}), uniform({2, 2})}},
                                       {{uniform({2, 2, 3}), uniform({4, 3}), Scalar(1.0)}},
                                       {{uniform({2, 3}), uniform({4, 3}), Scalar(3.0)}},
                                       {{uniform({2, 1}), uniform({30, 1}, 3, 5)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), uniform({2, 2})}, {}, "X1 and X2 must have the same number of columns. X1: 3 X2: 2"},
                {{uniform({2}), uniform({2, 2})}, {}, "cdist only supports at least 2D tensors, X1 got: 1D"},
                {{uniform({2, 2}), uniform({2, 2}), Scalar(-1.0)}, {}, "cdist only supports non-negative p values"}};
        },
});

extern const Op dist_op({
    .signature = "dist(Tensor self, Tensor other, Scalar p=2) -> Tensor",
    .summary = "The norm of order p of a difference.",
    .forward = "y = (sum of |self - other|^p)^(1/p)",
    .gradients = {{"self", "dL/dself = dL/dy * sign(d) * (|d| / y)^(p-1) with d = self - other, 0 where y is 0"},
                  {"other", "dL/dother = -dL/dself"}},
    .dtypes = {floating_dtypes},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return norm(a.tensor(0) - a.tensor(1), a.scalar(2)); },
    .saves = {{"self"}, {"other"}, {"p"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor difference = saved.tensor("self") - saved.tensor("other");
            const double p = saved.scalar("p").to_double();
            const Tensor grad = norm_gradient(g[0], difference, saved.result(), p, {}, false);
            if (!grad.defined()) return;
            if (g.needs(0)) g.set(0, grad);
            if (g.needs(1)) g.set(1, neg(grad));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}}, {{uniform({3}), uniform({}), Scalar(3)}}};
        },
});

extern const Op cosine_similarity_op({
    .signature = "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor",
    .summary = "Cosine of the angle between two tensors along dim.",
    .forward = "y = sum of x1 * x2 / (max(|x1|, eps) * max(|x2|, eps)) along dim",
    .dtypes = {floating_dtypes, "expected common dtype to be floating point, yet common dtype is {}", 2},
    .compute = compute_cosine,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}, 0, 1)}}};
        },
});

extern const Op pairwise_distance_op({
    .signature = "pairwise_distance(Tensor x1, Tensor x2, float p=2.0, float eps=1e-06, bool keepdim=False) -> Tensor",
    .summary = "Norm of the difference along the last dimension.",
    .forward = "y = |x1 - x2 + eps|_p",
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            return norm(a.tensor(0) - a.tensor(1) + a.floating(3), a.floating(2), Dims{-1}, a.boolean(4));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}, 0, 1)}}};
        },
});

extern const Op normalize_op({
    .signature = "normalize(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor",
    .summary = "Divides by the norm along dim.",
    .forward = "y = input / max(|input|_p, eps)",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            return x / expand(clamp_min(norm(x, a.floating(1), Dims{a.integer(2)}, true), a.floating(3)), x.shape());
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({3, 4}), Scalar(3.0), Scalar(0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor normalize(const Tensor& input, double p, std::int64_t dim, double eps) {
    return call(ops::normalize_op, {input, p, dim, eps});
}
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, std::int64_t dim, double eps) {
    return call(ops::cosine_similarity_op, {x1, x2, dim, eps});
}
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
    return call(ops::pairwise_distance_op, {x1, x2, p, eps, keepdim});
}
Tensor cdist(const Tensor& x1, const Tensor& x2, double p) {
    return call(ops::cdist_op, {x1, x2, p});
}
Tensor dist(const Tensor& self, const Tensor& other, const Scalar& p) {
    return call(ops::dist_op, {self, other, p});
}

} // namespace hs
