#include "engine/ops/embedding.h"

#include "engine/graph/grad_mode.h"
#include "engine/kernels/neural.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/tensor/printing.h"

#include <algorithm>

namespace hs::ops {

extern const Op embedding_dense_backward_op;

namespace {

/// The row whose gradient is left out, as an index from the begin; -1 for none.
std::int64_t padding_row(const ArgumentRef& given, std::int64_t rows) {
    if (given.is_none()) return -1;
    const std::int64_t row = given.integer();
    if (row >= rows || row < -rows) throw Error("Padding_idx must be within num_embeddings");
    return row < 0 ? row + rows : row;
}

/// Shortens, in place, the rows that are named and longer than max_norm.
void renormalise(const Tensor& weight, const Tensor& index, double max_norm, double norm_type) {
    std::vector<std::int64_t> rows = index.to_vector<std::int64_t>();
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    const NoGrad no_grad;
    for (const std::int64_t i : rows) {
        if (i < 0 || i >= weight.size(0)) throw IndexError("index out of range in self");
        Tensor row = select(weight.detach(), 0, i);
        const double length = norm(row, norm_type).item().to_double();
        if (length > max_norm) row.mul_(Scalar(max_norm / (length + 1e-7)));
    }
}

Tensor as_index(const Tensor& given) {
    if (given.dtype() != Dtype::int64 && given.dtype() != Dtype::int32)
        throw Error("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
                    "but got " +
                    legacy_type_name(given) + " instead (while checking arguments for embedding)");
    return contiguous(to(given, Dtype::int64));
}

} // namespace

Tensor reciprocal_counts(const Tensor& index, std::int64_t rows, const TensorOptions& options) {
    const Tensor flat = reshape(index, {-1});
    const Tensor counts = index_add(zeros({rows}, options), 0, flat, ones(flat.shape(), options));
    return reshape(reciprocal(index_select(counts, 0, flat)), index.shape());
}

void check_sparse(bool sparse) {
    if (sparse) throw NotImplementedError("sparse gradients are not supported: leave sparse=False");
}

void shorten_rows(const Tensor& weight, const Tensor& index, const ArgumentRef& max_norm, double norm_type) {
    if (!max_norm.is_none()) renormalise(weight, index, max_norm.floating(), norm_type);
}

extern const Op embedding_op({
    .signature = "embedding(Tensor weight, Tensor indices, int? padding_idx=None, float? max_norm=None, float "
                 "norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
    .summary = "Rows of weight [rows, width] by their indices; the row padding_idx gets no gradient. With max_norm the "
               "rows that are longer are shortened in place first; scale_grad_by_freq divides a row's gradient by how "
               "often it was taken.",
    .forward = "y[i, :] = weight[indices[i], :]",
    .gradients = {{"weight", "dL/dweight[r, :] = sum of dL/dy[i, :] over all i with indices[i] = r"}},
    .compute =
        [](const Arguments& a) {
            const Tensor index = as_index(a.tensor(1));
            if (a.tensor(0).dim() != 2) throw Error("'weight' must be 2-D");
            padding_row(a[2], a.tensor(0).size(0));
            check_sparse(a.boolean(6));
            shorten_rows(a.tensor(0), index, a[3], a.floating(4));
            const Tensor weight = contiguous(a.tensor(0));
            Shape shape = index.shape();
            shape.push_back(weight.size(1));
            const Tensor y = empty(shape, weight.options());
            neural_kernels_of(weight).embedding(weight, index, y);
            return y;
        },
    .saves = {{"indices"}, {"weight.shape"}, {"padding_idx"}, {"scale_grad_by_freq"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t rows = saved.shape("weight")[0];
            const Tensor index = saved.tensor("indices");
            const Tensor grad = saved.boolean("scale_grad_by_freq") && index.numel() > 0
                                    ? g[0] * unsqueeze(reciprocal_counts(index, rows, g[0].options()), -1)
                                    : g[0];
            g.set(0, call(embedding_dense_backward_op,
                          {grad, index, rows, padding_row(saved.argument("padding_idx"), rows)}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({4, 2}), indices({2, 3}, 4)}}, {{uniform({4, 2}), indices({}, 4)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({1, 2}), full({3}, 1, {.dtype = Dtype::int64})}, {}, "index out of range in self"},
                {{uniform({1, 2}), uniform({3})},
                 {},
                 "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but "
                 "got torch.DoubleTensor instead (while checking arguments for embedding)"},
                {{uniform({4, 2}), indices({3}, 1)},
                 {{"sparse", Scalar(true)}},
                 "sparse gradients are not supported: leave sparse=False"},
                {{uniform({4}), indices({3}, 1)}, {}, "'weight' must be 2-D"},
                {{uniform({4, 2}), indices({3}, 4), Scalar(7)}, {}, "Padding_idx must be within num_embeddings"}};
        },
});

extern const Op embedding_dense_backward_op({
    .signature = "embedding_dense_backward(Tensor grad_output, Tensor indices, int num_weights, int padding_idx) -> "
                 "Tensor",
    .summary = "Gradient of an embedding's weight.",
    .forward = "dweight[r, :] = sum of grad_output[i, :] over all i with indices[i] = r",
    .gradients = {{"grad_output", "dL/dgrad_output[i, :] = dL/ddweight[indices[i], :], 0 for padding_idx"}},
    .dtypes = {floating_dtypes, "embedding_backward"},
    .compute =
        [](const Arguments& a) {
            const Tensor grad = contiguous(a.tensor(0)), index = as_index(a.tensor(1));
            const Tensor dweight = empty({a.integer(2), grad.size(-1)}, grad.options());
            neural_kernels_of(grad).embedding_backward(grad, index, a.integer(3), dweight);
            return dweight;
        },
    .saves = {{"indices"}, {"padding_idx"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor index = saved.tensor("indices");
            const Tensor rows = embedding(index, g[0]);
            const std::int64_t padding = saved.integer("padding_idx");
            g.set(0, padding < 0 ? rows : masked_fill(rows, unsqueeze(eq(index, padding), -1), 0));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 2}), indices({5}, 4), Scalar(4), Scalar(1)}}};
        },
});

extern const Op one_hot_op({
    .signature = "one_hot(Tensor self, int num_classes=-1) -> Tensor",
    .summary = "Ones at the class indices, zeros elsewhere; -1 counts the classes.",
    .forward = "y[..., c] = 1 where c = self[...], else 0",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dtype() != Dtype::int64) throw Error("one_hot is only applicable to index tensor.");
            std::int64_t classes = a.integer(1);
            if (x.numel() == 0 && classes <= 0) throw Error("Can not infer total number of classes from empty tensor.");
            const std::vector<std::int64_t> chosen = x.to_vector<std::int64_t>();
            std::int64_t greatest = -1;
            for (const std::int64_t index : chosen) {
                if (index < 0) throw Error("Class values must be non-negative.");
                greatest = std::max(greatest, index);
            }
            if (classes == -1) classes = greatest + 1;
            if (greatest >= classes) throw Error("Class values must be smaller than num_classes.");
            Shape shape = x.shape();
            shape.push_back(classes);
            const Tensor y = zeros(shape, {.dtype = Dtype::int64});
            auto* row = y.mutable_data<std::int64_t>();
            for (const std::int64_t index : chosen) {
                row[index] = 1;
                row += classes;
            }
            return y;
        },
    .samples =
        [] {
            return std::vector<Sample>{{{indices({2, 3}, 4)}}, {{indices({3}, 4), Scalar(6)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3})}, {}, "one_hot is only applicable to index tensor."},
                                            {{full({3}, 1, {.dtype = Dtype::int64}), Scalar(1)},
                                             {},
                                             "Class values must be smaller than num_classes."}};
        },
    .check_gradient = false,
    .note = "integers carry no gradient",
});

} // namespace hs::ops

namespace hs {

Tensor embedding(const Tensor& input, const Tensor& weight, std::optional<std::int64_t> padding_idx,
                 const EmbeddingOptions& o) {
    return call(ops::embedding_op,
                {weight, input, padding_idx, o.max_norm, o.norm_type, o.scale_grad_by_freq, o.sparse});
}
Tensor one_hot(const Tensor& self, std::int64_t num_classes) {
    return call(ops::one_hot_op, {self, num_classes});
}

} // namespace hs
