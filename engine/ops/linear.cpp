#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op unsafe_view_op, unsafe_squeeze_op;

namespace {

Tensor unsafe_view(const Tensor& x, const Shape& shape) {
    return call(unsafe_view_op, {x, shape});
}

bool records(const Tensor& x) {
    return grad_enabled() && x.requires_grad();
}

Shape without_last(const Shape& shape, std::size_t count) {
    return Shape(std::span(shape.data(), shape.size() - std::min(count, shape.size())));
}

/// A stack of matrices times a matrix or a vector, as one product: the batch joins the rows.
Tensor folded_product(const Tensor& stack, const Tensor& other) {
    Shape shape = without_last(stack.shape(), 1);
    const Tensor rows = reshape(stack, {element_count(shape), stack.size(-1)});
    if (other.dim() == 1) return unsafe_view(mv(rows, other), shape);
    shape.push_back(other.size(1));
    return unsafe_view(mm(rows, other), shape);
}

Tensor batched_product(const Tensor& a, const Tensor& b) {
    const bool vector = b.dim() == 1;
    const std::int64_t rows = a.dim() > 1 ? a.size(-2) : 1;
    const std::int64_t inner = a.size(-1);
    const std::int64_t inner_b = vector ? b.size(0) : b.size(-2);
    const std::int64_t cols = vector ? 1 : b.size(-1);
    Shape batch = broadcast_shapes(without_last(a.shape(), 2), without_last(b.shape(), 2));
    const std::int64_t count = element_count(batch);
    const auto with = [&](std::int64_t first, std::int64_t second) {
        Shape shape = batch;
        shape.push_back(first);
        shape.push_back(second);
        return shape;
    };
    const Tensor left = reshape(expand(a, with(rows, inner)), {count, rows, inner});
    const Tensor right = reshape(expand(vector ? unsqueeze(b, 1) : b, with(inner_b, cols)), {count, inner_b, cols});
    Shape shape = batch;
    if (a.dim() > 1) shape.push_back(rows);
    if (!vector) shape.push_back(cols);
    return unsafe_view(bmm(left, right), shape);
}

Tensor compute_matmul(const Tensor& a, const Tensor& b) {
    const std::int64_t rank_a = a.dim(), rank_b = b.dim();
    if (rank_a == 0 || rank_b == 0)
        throw Error("both arguments to matmul need to be at least 1D, but they are " + std::to_string(rank_a) +
                    "D and " + std::to_string(rank_b) + "D");
    if (rank_a == 1 && rank_b == 1) return dot(a, b);
    if (rank_a == 2 && rank_b == 1) return mv(a, b);
    if (rank_a == 1 && rank_b == 2) return call(unsafe_squeeze_op, {mm(unsqueeze(a, 0), b), 0});
    if (rank_a == 2 && rank_b == 2) return mm(a, b);
    if (rank_b <= 2) return folded_product(a, b);
    if (rank_a == 1) return folded_product(transpose(b, -2, -1), a);
    // A matrix that needs a gradient: one product spares the sum over a batch of its gradients.
    if (rank_a == 2 && records(a)) return contiguous(transpose(folded_product(transpose(b, -2, -1), t(a)), -2, -1));
    return batched_product(a, b);
}

Tensor compute_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    if (!bias.defined()) return matmul(x, t(weight));
    if (x.dim() == 2) return addmm(bias, x, t(weight));
    if (x.dim() == 0 || !x.is_contiguous() || weight.dim() != 2) return matmul(x, t(weight)) + bias;
    Shape shape = without_last(x.shape(), 1);
    const std::int64_t rows = element_count(shape);
    shape.push_back(weight.size(0));
    return view(addmm(bias, view(x, {rows, x.size(-1)}), t(weight)), shape);
}

} // namespace

extern const Op unsafe_view_op({
    .signature = "_unsafe_view(Tensor self, int[] size) -> Tensor",
    .summary = "The same elements in another shape, of a tensor that nobody else will use.",
    .forward = "y has the elements of self in row-major order",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor x = contiguous(a.tensor(0));
            const Shape shape = a.integers(1);
            if (element_count(shape) != x.numel())
                throw Error("shape '" + to_string(shape) + "' is invalid for input of size " +
                            std::to_string(x.numel()));
            return make_tensor(x.impl()->storage, shape, contiguous_strides(shape), x.storage_offset(), x.dtype());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .node = "UnsafeView",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 6}), Dims{3, 4}}}};
        },
});

extern const Op unsafe_squeeze_op({
    .signature = "_unsafe_squeeze(Tensor self, int dim) -> Tensor",
    .summary = "Removes a dimension of size 1 of a tensor that nobody else will use.",
    .forward = "y = self without dimension dim",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            Shape shape = x.shape();
            Strides strides = x.strides();
            const std::size_t dim = wrap_dim(a.integer(1), shape.size());
            if (shape.empty() || shape[dim] != 1) throw Error("_unsafe_squeeze: there is no such dimension of size 1");
            shape.erase(dim);
            strides.erase(dim);
            return make_tensor(x.impl()->storage, shape, strides, x.storage_offset(), x.dtype());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .node = "Squeeze",
    .node_number = 4,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 3}), Scalar(0)}}};
        },
});

extern const Op matmul_op({
    .signature = "matmul(Tensor self, Tensor other) -> Tensor",
    .summary = "Product of vectors, matrices or stacks of matrices, by their ranks.",
    .forward = "y[..., i, j] = sum over k of self[..., i, k] * other[..., k, j]",
    .dtypes = {numeric_dtypes},
    .compute = [](const Arguments& a) { return compute_matmul(a.tensor(0), a.tensor(1)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({4}), uniform({4}, 0, 1)}},
                                       {{uniform({3, 4}), uniform({4})}},
                                       {{uniform({4}), uniform({4, 2})}},
                                       {{uniform({3, 4}), uniform({4, 2})}},
                                       {{uniform({2, 3, 4}), uniform({4, 2})}},
                                       {{uniform({2, 3, 4}), uniform({4})}},
                                       {{uniform({4}), uniform({2, 4, 3})}},
                                       {{uniform({3, 4}), uniform({2, 4, 3})}},
                                       {{uniform({5, 1, 3, 4}), uniform({2, 4, 3})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({}), uniform({2})},
                 {},
                 "both arguments to matmul need to be at least 1D, but they are 0D and 1D"},
                {{uniform({2, 3, 4}), uniform({3, 2})}, {}, "mat1 and mat2 shapes cannot be multiplied (6x4 and 3x2)"},
                {{uniform({2, 3, 4}), uniform({3, 4, 5})},
                 {},
                 "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0"}};
        },
});

extern const Op linear_op({
    .signature = "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
    .summary = "Affine map of the last dimension; weight is [out features, in features].",
    .forward = "y = input weight^T + bias",
    .dtypes = {numeric_dtypes},
    .compute = [](const Arguments& a) { return compute_linear(a.tensor(0), a.tensor(1), a.optional_tensor(2)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 4}), uniform({3, 4}), uniform({3})}},
                                       {{uniform({2, 4}), uniform({3, 4})}},
                                       {{uniform({4}), uniform({3, 4}), uniform({3})}},
                                       {{uniform({4}), uniform({3, 4})}},
                                       {{uniform({2, 2, 4}), uniform({3, 4}), uniform({3})}},
                                       {{uniform({2, 2, 4}), uniform({3, 4})}},
                                       {{transpose(uniform({2, 4, 3}), 1, 2), uniform({3, 4}), uniform({3})}},
                                       {{uniform({4}), uniform({4}, 0, 1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({4, 5}), uniform({2, 3}), uniform({2})},
                                             {},
                                             "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)"},
                                            {{uniform({4, 5}), uniform({2, 3, 5})},
                                             {},
                                             "t() expects a tensor with <= 2 dimensions, but self is 3D"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor matmul(const Tensor& self, const Tensor& other) {
    return call(ops::matmul_op, {self, other});
}
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
    return call(ops::linear_op, {input, weight, bias});
}

} // namespace hs
