#include "engine/ops/linalg.h"

#include "engine/graph/grad_mode.h"
#include "engine/kernels/linalg.h"
#include "engine/ops/batched_matrices.h"
#include "engine/ops/samples.h"

/// Determinants and linear equations.
namespace hs::ops {

extern const Op linalg_det_op, linalg_slogdet_op, linalg_inv_op, linalg_solve_op;

namespace {

Tensor transposed(const Tensor& a) {
    return transpose(a, -2, -1);
}

Tensor as_matrices(const Tensor& numbers) {
    return unsqueeze(unsqueeze(numbers, -1), -1);
}

/// Determinant, sign and logarithm of the absolute value.
std::array<Tensor, 3> determinants(const Tensor& a, const char* op) {
    check_square(a, op);
    const Tensor batch = as_batch_of_matrices(a);
    std::array<Tensor, 3> results;
    for (Tensor& result : results)
        result = empty({batch.size(0)}, a.options());
    linalg_kernels_of(a).determinant(batch, results[0], results[1], results[2]);
    for (Tensor& result : results)
        result = make_tensor(result.impl()->storage, batch_shape(a), contiguous_strides(batch_shape(a)), 0, a.dtype());
    return results;
}

Tensor identities_like(const Tensor& a) {
    return expand(eye(a.size(-1), a.options()), a.shape());
}

/// The cofactors by products alone (Faddeev and LeVerrier): exact for singular matrices, too, and with derivatives of
/// every order; but rounding grows with the size, so only what inv cannot do is done this way.
Tensor cofactors_by_products(const Tensor& a) {
    const std::int64_t n = a.size(-1);
    const Tensor identity = identities_like(a);
    Tensor adjugate = identity;
    for (std::int64_t k = 1; k < n; ++k) {
        const Tensor product = matmul(a, adjugate);
        const Tensor trace = sum(diagonal(product, 0, -2, -1), Dims{-1});
        adjugate = product - identity * as_matrices(trace / static_cast<double>(k));
    }
    return transposed(n % 2 == 0 ? neg(adjugate) : adjugate);
}

/// The derivatives of the determinant by the elements of a.
Tensor cofactors(const Tensor& a, const Tensor& det) {
    if (grad_enabled()) {
        const bool singular = any(eq(det.detach(), 0)).item<bool>();
        return singular ? cofactors_by_products(a) : as_matrices(det) * transposed(linalg::inv(a));
    }
    const Tensor batch = as_batch_of_matrices(a);
    const Tensor result = empty(batch.shape(), a.options());
    linalg_kernels_of(a).cofactors(batch, result);
    return view(result, a.shape());
}

/// Whether b is a batch of vectors rather than of matrices.
bool is_vectors(const Tensor& a, const Tensor& b) {
    if (b.dim() == 1) return true;
    return b.dim() == a.dim() - 1 && b.shape() == Shape(std::span(a.shape().begin(), a.shape().end() - 1));
}

struct Solution {
    Tensor x, info;
};

/// x of a x = b for matrices b, with batch dimensions broadcast.
Solution solution(const Tensor& a, const Tensor& b) {
    const Shape batch = broadcast_shapes(batch_shape(a), batch_shape(b));
    const Tensor left = as_batch_of_matrices(expand(a, with_sizes(batch, {a.size(-2), a.size(-1)})));
    const Tensor right = as_batch_of_matrices(expand(b, with_sizes(batch, {b.size(-2), b.size(-1)})));
    const Tensor x = empty(right.shape(), a.options());
    const Tensor info = empty({left.size(0)}, {.dtype = Dtype::int64});
    linalg_kernels_of(a).solve(left, right, x, info);
    const Shape shape = with_sizes(batch, {b.size(-2), b.size(-1)});
    return {make_tensor(x.impl()->storage, shape, contiguous_strides(shape), 0, x.dtype()), info};
}

/// Throws where a pivot was zero; `text` gets its number.
template <class Text>
void check_info(const Tensor& info, bool batched, const char* op, Text text) {
    const std::vector<std::int64_t> numbers = info.to_vector<std::int64_t>();
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (numbers[i] != 0)
            throw Error(std::string(op) + (batched ? ": (Batch element " + std::to_string(i) + "): " : ": ") +
                        text(std::to_string(numbers[i])));
}

Tensor compute_inv(const Arguments& arguments) {
    const Tensor& a = arguments.tensor(0);
    check_square(a, "linalg.inv");
    const Solution found = solution(a, identities_like(a));
    check_info(found.info, a.dim() > 2, "linalg.inv", [](const std::string& number) {
        return "The diagonal element " + number +
               " is zero, the inversion could not be completed because the input matrix is singular.";
    });
    return found.x;
}

Tensor compute_solve(const Arguments& arguments) {
    const Tensor &a = arguments.tensor(0), &b = arguments.tensor(1);
    check_square(a, "linalg.solve");
    if (a.dtype() != b.dtype())
        throw Error("linalg.solve: Expected A and B to have the same dtype, but found A of type " +
                    std::string(scalar_type_name(a.dtype())) + " and B of type " +
                    std::string(scalar_type_name(b.dtype())) + " instead");
    const bool vectors = is_vectors(a, b);
    const Tensor right = vectors ? unsqueeze(b, -1) : b;
    if (right.size(-2) != a.size(-1))
        throw Error("linalg.solve: Incompatible shapes of A and B for the equation AX = B (" +
                    std::to_string(a.size(-2)) + "x" + std::to_string(a.size(-1)) + " and " +
                    std::to_string(right.size(-2)) + "x" + std::to_string(right.size(-1)) + ")");
    const Solution found = solution(a, right);
    check_info(found.info, a.dim() > 2, "torch.linalg.solve", [](const std::string&) {
        return std::string("The solver failed because the input matrix is singular.");
    });
    return vectors ? squeeze(found.x, -1) : found.x;
}

/// Well away from singular.
Tensor regular(const Shape& shape) {
    const Tensor a = uniform(shape);
    return a + eye(a.size(-1), a.options()) * 4;
}

std::vector<Sample> square_samples() {
    return {{{uniform({3, 3})}}, {{uniform({2, 2, 2})}}, {{uniform({1, 1})}}};
}

std::vector<ErrorSample> square_errors(const std::string& op) {
    return {{{uniform({2, 3})}, {}, op + ": A must be batches of square matrices, but they are 2 by 3 matrices"},
            {{uniform({2})}, {}, op + ": The input tensor A must have at least 2 dimensions."}};
}

} // namespace

extern const Op linalg_det_op({
    .signature = "linalg_det(Tensor A) -> Tensor",
    .summary = "Determinants of square matrices.",
    .forward = "y = det(A)",
    .gradients = {{"A", "dL/dA = dL/dy * det(A) * A^-T, continued to where A has no inverse"}},
    .dtypes = {precise_dtypes, "linalg.det: Expected a floating point or complex tensor as input. Got {}", 1, "lu_cpu"},
    .compute = [](const Arguments& a) { return determinants(a.tensor(0), "linalg.det")[0]; },
    .saves = {{"A"}, {"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor a = saved.tensor("A");
            // As in PyTorch, an empty matrix gets no gradient.
            if (a.numel() > 0) g.set(0, as_matrices(g[0]) * cofactors(a, saved.result()));
        },
    .samples =
        [] {
            std::vector<Sample> samples = square_samples();
            samples.push_back({{ones({3, 3}, {.dtype = Dtype::float64})}});
            samples.push_back({{zeros({2, 2}, {.dtype = Dtype::float64})}});
            samples.push_back({{uniform({0, 2, 2})}});
            return samples;
        },
    .errors = [] { return square_errors("linalg.det"); },
    .aliases = "linalg.det,det",
});

extern const Op linalg_slogdet_op({
    .signature = "linalg_slogdet(Tensor A) -> (Tensor, Tensor)",
    .summary = "Signs of determinants, and the logarithms of their absolute values.",
    .forward = "s = sign(det(A)), y = ln|det(A)|",
    .gradients = {{"A", "dL/dA = dL/dy * A^-T"}},
    .dtypes = {precise_dtypes, "linalg.slogdet: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.slogdet: Low precision dtypes not supported. Got {}"},
    .compute_many =
        [](const Arguments& a) {
            std::array<Tensor, 3> found = determinants(a.tensor(0), "linalg.slogdet");
            return Tensors{std::move(found[1]), std::move(found[2])};
        },
    .saves = {{"A"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g[1].defined()) g.set(0, as_matrices(g[1]) * transposed(linalg::inv(saved.tensor("A"))));
        },
    .samples = square_samples,
    .errors = [] { return square_errors("linalg.slogdet"); },
    .aliases = "linalg.slogdet,slogdet",
});

extern const Op linalg_inv_op({
    .signature = "linalg_inv(Tensor A) -> Tensor",
    .summary = "Inverses of square matrices.",
    .forward = "y = A^-1",
    .gradients = {{"A", "dL/dA = -y^T dL/dy y^T"}},
    .dtypes = {precise_dtypes, "linalg.inv: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.inv: Low precision dtypes not supported. Got {}"},
    .compute = compute_inv,
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor inverse = transposed(saved.result());
            g.set(0, neg(matmul(inverse, matmul(g[0], inverse))));
        },
    .node = "LinalgInvEx",
    .samples =
        [] {
            return std::vector<Sample>{{{regular({3, 3})}}, {{regular({2, 2, 2})}}, {{uniform({0, 0})}}};
        },
    .errors =
        [] {
            std::vector<ErrorSample> errors = square_errors("linalg.inv");
            const std::string text =
                "The diagonal element 1 is zero, the inversion could not be completed because the input matrix is "
                "singular.";
            const TensorOptions options{.dtype = Dtype::float64};
            errors.push_back({{zeros({2, 2}, options)}, {}, "linalg.inv: " + text});
            errors.push_back({{zeros({3, 2, 2}, options)}, {}, "linalg.inv: (Batch element 0): " + text});
            return errors;
        },
    .aliases = "linalg.inv,inverse",
});

extern const Op linalg_solve_primitive_op({
    .signature = "_linalg_solve(Tensor A, Tensor B) -> Tensor",
    .summary = "Solutions of linear equations; B is matrices, or vectors of A's shape without the last dimension.",
    .forward = "A y = B",
    .gradients = {{"A", "dL/dA = -dL/dB y^T"}, {"B", "dL/dB = A^-T dL/dy"}},
    .dtypes = {precise_dtypes},
    .compute = compute_solve,
    .saves = {{"A"}, {"B.shape"}, {"result", "A"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor a = saved.tensor("A");
            const Shape shape = saved.shape("B");
            const bool vectors = is_vectors(a, zeros(shape));
            const Tensor grad = vectors ? unsqueeze(g[0], -1) : g[0];
            const Tensor of_b = linalg::solve(transposed(a), grad);
            if (g.needs(0)) {
                const Tensor x = saved.result();
                g.set(0, neg(matmul(of_b, transposed(vectors ? unsqueeze(x, -1) : x))));
            }
            if (g.needs(1)) g.set(1, vectors ? squeeze(of_b, -1) : of_b);
        },
    .node = "LinalgSolveEx",
    .samples =
        [] {
            return std::vector<Sample>{{{regular({3, 3}), uniform({3, 2})}},
                                       {{regular({2, 2, 2}), uniform({2, 2})}},
                                       {{regular({2, 2}), uniform({2, 2, 1})}},
                                       {{regular({2, 2}), uniform({2})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{zeros({2, 2}, {.dtype = Dtype::float64}), uniform({2})},
                 {},
                 "torch.linalg.solve: The solver failed because the input matrix is singular."}};
        },
});

extern const Op linalg_solve_op({
    .signature = "linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor",
    .summary = "Solutions of the linear equations A y = B, or of y A = B.",
    .forward = "A y = B, or with left false y A = B",
    .dtypes = {precise_dtypes, "linalg.solve: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.solve: Low precision dtypes not supported. Got {}"},
    .compute =
        [](const Arguments& a) {
            if (a.boolean(2)) return call(linalg_solve_primitive_op, {a[0], a[1]});
            check_square(a.tensor(0), "linalg.solve");
            return transposed(call(linalg_solve_primitive_op, {transposed(a.tensor(0)), transposed(a.tensor(1))}));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{regular({2, 2}), uniform({2, 3})}},
                                       {{regular({2, 2}), uniform({3, 2})}, {{"left", Scalar(false)}}}};
        },
    .aliases = "linalg.solve",
});

extern const Op linalg_cholesky_op({
    .signature = "linalg_cholesky(Tensor A) -> Tensor",
    .summary = "Lower triangular factors of symmetric positive-definite matrices, of which the lower triangle is read.",
    .forward = "y y^T = A",
    .gradients = {{"A", "dL/dA = (S + S^T) / 2 with S = y^-T P y^-1, P the lower triangle of y^T dL/dy with half its "
                        "diagonal"}},
    .dtypes = {precise_dtypes, "linalg.cholesky: Expected a floating point or complex tensor as input. Got {}", 1,
               "linalg.cholesky: Low precision dtypes not supported. Got {}"},
    .compute =
        [](const Arguments& arguments) {
            const Tensor& a = arguments.tensor(0);
            check_square(a, "linalg.cholesky");
            const Tensor batch = as_batch_of_matrices(a);
            const Tensor l = empty(batch.shape(), a.options());
            const Tensor info = empty({batch.size(0)}, {.dtype = Dtype::int64});
            linalg_kernels_of(a).cholesky(batch, l, info);
            check_info(info, a.dim() > 2, "linalg.cholesky", [](const std::string& number) {
                return "The factorization could not be completed because the input is not positive-definite (the "
                       "leading minor of order " +
                       number + " is not positive-definite).";
            });
            return make_tensor(l.impl()->storage, a.shape(), contiguous_strides(a.shape()), 0, a.dtype());
        },
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor l = saved.result(), inverse = linalg::inv(l);
            const Tensor products = matmul(transposed(l), g[0]);
            const Tensor lower = (tril(products) + tril(products, -1)) * 0.5;
            const Tensor s = matmul(transposed(inverse), matmul(lower, inverse));
            g.set(0, (s + transposed(s)) * 0.5);
        },
    .node = "LinalgCholeskyEx",
    .samples =
        [] {
            const Tensor a = uniform({3, 3});
            const TensorOptions options{.dtype = Dtype::float64};
            return std::vector<Sample>{{{mm(a, t(a)) + eye(3, options)}}, {{eye(2, options)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{neg(eye(2, {.dtype = Dtype::float64}))},
                 {},
                 "linalg.cholesky: The factorization could not be completed because the input is not "
                 "positive-definite (the leading minor of order 1 is not positive-definite)."}};
        },
    .check_gradient = false,
    .note = "only the lower triangle is read, so that differences of single elements are not the gradient",
    .aliases = "linalg.cholesky,cholesky",
});

} // namespace hs::ops

namespace hs::linalg {

Tensor det(const Tensor& a) {
    return call(ops::linalg_det_op, {a});
}
std::pair<Tensor, Tensor> slogdet(const Tensor& a) {
    Tensors result = call_many(ops::linalg_slogdet_op, {a});
    return {std::move(result[0]), std::move(result[1])};
}
Tensor inv(const Tensor& a) {
    return call(ops::linalg_inv_op, {a});
}
Tensor solve(const Tensor& a, const Tensor& b, bool left) {
    return call(ops::linalg_solve_op, {a, b, left});
}
Tensor cholesky(const Tensor& a) {
    return call(ops::linalg_cholesky_op, {a});
}

} // namespace hs::linalg
