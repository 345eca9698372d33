#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Triangles and diagonals of matrices.
namespace hs::ops {

namespace {

Tensor compute_triangle(const Arguments& a, bool upper) {
    const Tensor& x = a.tensor(0);
    const char* name = upper ? "triu" : "tril";
    if (x.dim() < 2) throw Error(std::string(name) + ": input tensor must have at least 2 dimensions");
    const Tensor columns = arange(0, x.size(-1));
    const Tensor rows = unsqueeze(arange(0, x.size(-2)), 1) + Scalar(a.integer(1));
    const Tensor kept = upper ? ge(columns, rows) : le(columns, rows);
    const Tensor y = empty(x.shape(), x.options());
    if (y.numel() > 0) kernels_of(y).where(prepared(kept, Dtype::bool_, x.shape()), x, Scalar(0), y);
    return y;
}

std::vector<Sample> matrix_samples() {
    return {{{uniform({3, 4})}}, {{uniform({2, 3, 3}), Scalar(1)}}, {{uniform({4, 3}), Scalar(-1)}}};
}

} // namespace

extern const Op tril_op({
    .signature = "tril(Tensor self, int diagonal=0) -> Tensor",
    .summary = "The lower triangle of matrices, zero elsewhere.",
    .forward = "y[i][j] = self[i][j] where j <= i + diagonal, else 0",
    .gradients = {{"self", "dL/dself = tril(dL/dy, diagonal)"}},
    .compute = [](const Arguments& a) { return compute_triangle(a, false); },
    .saves = {{"diagonal"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, tril(g[0], saved.integer("diagonal"))); },
    .samples = matrix_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3})}, {}, "tril: input tensor must have at least 2 dimensions"}};
        },
});

extern const Op triu_op({
    .signature = "triu(Tensor self, int diagonal=0) -> Tensor",
    .summary = "The upper triangle of matrices, zero elsewhere.",
    .forward = "y[i][j] = self[i][j] where j >= i + diagonal, else 0",
    .gradients = {{"self", "dL/dself = triu(dL/dy, diagonal)"}},
    .compute = [](const Arguments& a) { return compute_triangle(a, true); },
    .saves = {{"diagonal"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, triu(g[0], saved.integer("diagonal"))); },
    .samples = matrix_samples,
});

extern const Op diag_embed_op({
    .signature = "diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
    .summary = "Matrices with the last dimension on their diagonal, zero elsewhere.",
    .forward = "y[i][i + offset] = x_i",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::int64_t offset = a.integer(1);
            const auto rank = static_cast<std::size_t>(x.dim() + 1);
            const std::size_t dim1 = wrap_dim(a.integer(2), rank), dim2 = wrap_dim(a.integer(3), rank);
            if (dim1 == dim2)
                throw Error("diagonal dimensions cannot be identical " + std::to_string(a.integer(2)) + ", " +
                            std::to_string(a.integer(3)));
            const std::int64_t size = x.size(-1) + std::abs(offset);
            Shape shape(std::span(x.shape().begin(), x.shape().end() - 1));
            shape.insert(std::min(dim1, dim2), size);
            shape.insert(std::max(dim1, dim2), size);
            return diagonal_backward(x, shape, offset, static_cast<std::int64_t>(dim1),
                                     static_cast<std::int64_t>(dim2));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3})}}, {{uniform({2, 3}), Scalar(1)}}};
        },
});

extern const Op diag_op({
    .signature = "diag(Tensor self, int diagonal=0) -> Tensor",
    .summary = "A vector as the diagonal of a matrix, or the diagonal of a matrix as a vector.",
    .forward = "y[i][i] = x_i, or y_i = self[i][i]",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dim() == 1) return call(diag_embed_op, {x, a[1]});
            if (x.dim() == 2) return clone(diagonal(x, a.integer(1)));
            throw Error("diag(): Supports 1D or 2D tensors. Got " + std::to_string(x.dim()) + "D");
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3})}}, {{uniform({3, 4}), Scalar(-1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({})}, {}, "diag(): Supports 1D or 2D tensors. Got 0D"}};
        },
});

extern const Op trace_op({
    .signature = "trace(Tensor self) -> Tensor",
    .summary = "Sum of the diagonal of a matrix.",
    .forward = "y = sum of self[i][i]",
    .dtypes = {numeric_dtypes, "trace"},
    .compute =
        [](const Arguments& a) {
            if (a.tensor(0).dim() != 2)
                throw Error("trace: expected a matrix, but got tensor with dim " + std::to_string(a.tensor(0).dim()));
            return sum(diagonal(a.tensor(0)));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2})}, {}, "trace: expected a matrix, but got tensor with dim 1"}};
        },
});

extern const Op outer_op({
    .signature = "outer(Tensor self, Tensor vec2) -> Tensor",
    .summary = "All products of the elements of two vectors.",
    .forward = "y[i][j] = self[i] * vec2[j]",
    .compute =
        [](const Arguments& a) {
            for (std::size_t i = 0; i < 2; ++i)
                if (a.tensor(i).dim() != 1)
                    throw Error(std::string("outer: Expected 1-D argument ") + (i == 0 ? "self" : "vec2") +
                                ", but got " + std::to_string(a.tensor(i).dim()) + "-D");
            return unsqueeze(a.tensor(0), 1) * a.tensor(1);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3}), uniform({4})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), uniform({2})}, {}, "outer: Expected 1-D argument self, but got 2-D"}};
        },
    .aliases = "ger",
});

} // namespace hs::ops

namespace hs {

Tensor tril(const Tensor& self, std::int64_t diagonal) {
    return call(ops::tril_op, {self, diagonal});
}
Tensor triu(const Tensor& self, std::int64_t diagonal) {
    return call(ops::triu_op, {self, diagonal});
}

} // namespace hs
