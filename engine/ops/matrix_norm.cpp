#include "engine/ops/batched_matrices.h"
#include "engine/ops/linalg.h"
#include "engine/ops/samples.h"
#include "engine/tensor/number_text.h"

#include <cmath>
#include <limits>

/// Norms of matrices, and torch.linalg.norm, which chooses between them and those of vectors.
namespace hs::ops {

extern const Op linalg_vector_norm_op, linalg_matrix_norm_op, linalg_matrix_norm_text_op;

namespace {

struct MatrixDims {
    std::int64_t first, second;
};

MatrixDims dims_of(const Tensor& a, const Dims& dims) {
    check_matrices(a, "linalg.matrix_norm");
    if (dims.size() != 2) throw Error("linalg.matrix_norm: dim must be a 2-tuple. Got " + to_string(dims));
    const auto wrapped = [&](std::int64_t dim) { return static_cast<std::int64_t>(wrap_dim(dim, a.shape().size())); };
    const MatrixDims pair{wrapped(dims[0]), wrapped(dims[1])};
    if (pair.first == pair.second)
        throw Error("linalg.matrix_norm: dims must be different. Got (" + std::to_string(dims[0]) + ", " +
                    std::to_string(dims[1]) + ")");
    return pair;
}

/// A result without the two dimensions, with them again as 1 where they are to be kept.
Tensor in_rank(Tensor norm, const MatrixDims& pair, bool keepdim) {
    if (!keepdim) return norm;
    norm = unsqueeze(norm, std::min(pair.first, pair.second));
    return unsqueeze(norm, std::max(pair.first, pair.second));
}

Tensor singular_values(const Tensor& a, const MatrixDims& pair) {
    return linalg::svdvals(movedim(a, Dims{pair.first, pair.second}, Dims{-2, -1}));
}

Tensor converted(const Arguments& a) {
    return a.optional_dtype(4) ? a.tensor(0).to(*a.optional_dtype(4)) : a.tensor(0);
}

Tensor compute_numbered(const Arguments& arguments) {
    const Tensor a = converted(arguments);
    const double order = arguments.scalar(1).to_double();
    const MatrixDims pair = dims_of(a, arguments.integers(2));
    const bool keepdim = arguments.boolean(3), greatest = order > 0;
    if (std::fabs(order) == 2) {
        const Tensor values = singular_values(a, pair);
        return in_rank(greatest ? amax(values, Dims{-1}, false) : amin(values, Dims{-1}, false), pair, keepdim);
    }
    if (std::fabs(order) != 1 && !std::isinf(order))
        throw Error("linalg.matrix_norm: Order " + stream_text(order) + " not supported.");
    // Sums down the columns, or along the rows.
    const bool columns = std::fabs(order) == 1;
    const std::int64_t summed = columns ? pair.first : pair.second, chosen = columns ? pair.second : pair.first;
    const Tensor sums = sum(abs(a), Dims{summed}, true);
    const Tensor norm = greatest ? amax(sums, Dims{chosen}, true) : amin(sums, Dims{chosen}, true);
    return keepdim ? norm : squeeze(squeeze(norm, std::max(summed, chosen)), std::min(summed, chosen));
}

Tensor compute_named(const Arguments& arguments) {
    const Tensor a = converted(arguments);
    const std::string_view order = arguments.text(1);
    const MatrixDims pair = dims_of(a, arguments.integers(2));
    const bool keepdim = arguments.boolean(3);
    if (order == "fro") return linalg::vector_norm(a, 2, Dims{pair.first, pair.second}, keepdim);
    if (order == "nuc") return in_rank(sum(singular_values(a, pair), Dims{-1}), pair, keepdim);
    throw Error("linalg.matrix_norm: Order " + std::string(order) + " not supported.");
}

/// The dimensions of linalg.norm where an order is given: those that were given, or all one or two.
Dims ordered_dims(const Tensor& a, const ArgumentRef& given) {
    if (!given.is_none()) {
        const Dims dims = given.integers();
        if (dims.size() != 1 && dims.size() != 2)
            throw Error("linalg.norm: If dim is specified, it must be of length 1 or 2. Got " + to_string(dims));
        return dims;
    }
    if (a.dim() != 1 && a.dim() != 2)
        throw Error("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got " +
                    std::to_string(a.dim()) + "D.");
    return a.dim() == 1 ? Dims{0} : Dims{0, 1};
}

Tensor compute_norm(const Arguments& arguments) {
    const Tensor& a = arguments.tensor(0);
    if (arguments.is_none(1)) return call(linalg_vector_norm_op, {a, 2, arguments[2], arguments[3], arguments[4]});
    const Dims dims = ordered_dims(a, arguments[2]);
    return call(dims.size() == 1 ? linalg_vector_norm_op : linalg_matrix_norm_op,
                {a, arguments[1], dims, arguments[3], arguments[4]});
}

Tensor compute_named_norm(const Arguments& arguments) {
    return call(
        linalg_matrix_norm_text_op,
        {arguments[0], arguments[1], ordered_dims(arguments.tensor(0), arguments[2]), arguments[3], arguments[4]});
}

} // namespace

extern const Op linalg_matrix_norm_op({
    .signature =
        "linalg_matrix_norm(Tensor A, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, Dtype? dtype=None) "
        "-> Tensor",
    .summary = "Norms of matrices: the greatest (ord > 0) or smallest sum of a column (1), of a row (infinity) or "
               "singular value (2).",
    .forward = "y = max or min over j of the sum over i of |A[i, j]|, over i of that over j, or of the singular "
               "values, by ord",
    .dtypes = {floating_dtypes},
    .compute = compute_numbered,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 2}), Scalar(1)}},
                                       {{uniform({3, 2}), Scalar(-2)}},
                                       {{uniform({2, 3, 2}), Scalar(2), Dims{0, 1}, Scalar(true)}},
                                       {{uniform({2, 3, 2}), Scalar(-std::numeric_limits<double>::infinity())}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Scalar(3)}, {}, "linalg.matrix_norm: Order 3 not supported."},
                {{uniform({2}), Scalar(1)},
                 {},
                 "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."},
                {{uniform({2, 2}), Scalar(1), Dims{0, 0}},
                 {},
                 "linalg.matrix_norm: dims must be different. Got (0, 0)"}};
        },
    .aliases = "linalg.matrix_norm",
});

extern const Op linalg_matrix_norm_text_op({
    .signature = "linalg_matrix_norm.str_ord(Tensor A, str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, Dtype? "
                 "dtype=None) -> Tensor",
    .summary = "Norms of matrices: Frobenius ('fro') or the sum of the singular values ('nuc').",
    .forward = "y = (sum of |A[i, j]|^2)^(1/2), or the sum of s_i",
    .dtypes = {floating_dtypes},
    .compute = compute_named,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 2})}},
                                       {{uniform({2, 3, 2}), std::string("nuc"), Dims{0, 2}, Scalar(true)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), std::string("foo")}, {}, "linalg.matrix_norm: Order foo not supported."}};
        },
    .aliases = "linalg.matrix_norm",
});

extern const Op linalg_norm_op({
    .signature =
        "linalg_norm(Tensor A, Scalar? ord=None, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> "
        "Tensor",
    .summary = "The norm of vectors (one dimension, or all without an order) or of matrices (two dimensions).",
    .forward = "y = (sum of |A|^p)^(1/p) of vectors; as linalg_matrix_norm of matrices",
    .dtypes = {floating_dtypes},
    .compute = compute_norm,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 2, 2})}},
                                       {{uniform({3}), Scalar(3)}},
                                       {{uniform({3, 2}), Scalar(-1)}},
                                       {{uniform({2, 2, 2}), Scalar(1), Dims{1}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2, 2}), Scalar(2)},
                 {},
                 "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got 3D."}};
        },
    .aliases = "linalg.norm",
});

extern const Op linalg_norm_text_op({
    .signature = "linalg_norm.ord_str(Tensor A, str ord, int[]? dim=None, bool keepdim=False, *, Dtype? dtype=None) -> "
                 "Tensor",
    .summary = "The Frobenius ('fro') or nuclear ('nuc') norm of matrices.",
    .forward = "y = (sum of |A[i, j]|^2)^(1/2), or the sum of the singular values",
    .dtypes = {precise_dtypes},
    .compute = compute_named_norm,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 2}), std::string("nuc")}}};
        },
    .aliases = "linalg.norm",
});

} // namespace hs::ops

namespace hs::linalg {

Tensor vector_norm(const Tensor& x, const Scalar& ord, IntList dim, bool keepdim) {
    return call(ops::linalg_vector_norm_op, {x, ord, dim, keepdim});
}
Tensor matrix_norm(const Tensor& a, const Scalar& ord, IntList dim, bool keepdim) {
    return call(ops::linalg_matrix_norm_op, {a, ord, dim, keepdim});
}
Tensor matrix_norm(const Tensor& a, std::string_view ord, IntList dim, bool keepdim) {
    return call(ops::linalg_matrix_norm_text_op, {a, ord, dim, keepdim});
}
Tensor norm(const Tensor& a, const std::optional<Scalar>& ord, IntList dim, bool keepdim) {
    const ArgumentRef dims = dim.empty() ? ArgumentRef() : ArgumentRef(dim);
    return call(ops::linalg_norm_op, {a, ord, dims, keepdim});
}
Tensor norm(const Tensor& a, std::string_view ord, IntList dim, bool keepdim) {
    const ArgumentRef dims = dim.empty() ? ArgumentRef() : ArgumentRef(dim);
    return call(ops::linalg_norm_text_op, {a, ord, dims, keepdim});
}

} // namespace hs::linalg
