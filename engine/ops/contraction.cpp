#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Products of tensors, made of those of matrices.
namespace hs::ops {

namespace {

/// The dimensions of x that are not in `dims`, which is wrapped.
Dims other_dims(const Tensor& x, Dims& dims) {
    std::vector<bool> used(x.shape().size(), false);
    for (std::int64_t& dim : dims) {
        const std::size_t wrapped = wrap_dim(dim, used.size());
        dim = static_cast<std::int64_t>(wrapped);
        used[wrapped] = true;
    }
    Dims rest;
    for (std::size_t i = 0; i < used.size(); ++i)
        if (!used[i]) rest.push_back(static_cast<std::int64_t>(i));
    return rest;
}

/// The product of the sizes of some dimensions.
std::int64_t extent(const Tensor& x, const Dims& dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims)
        count *= x.size(dim);
    return count;
}

Dims joined(const Dims& first, const Dims& second) {
    Dims result = first;
    for (const std::int64_t value : second)
        result.push_back(value);
    return result;
}

Tensor contract(const Tensor& a, const Tensor& b, const Dims& given_a, const Dims& given_b) {
    if (given_a.size() != given_b.size()) throw Error("both dimension lists should have same length");
    if (a.dtype() != b.dtype()) throw Error("both inputs should have same dtype");
    // A dimension of size 1 stands for every place of the other's, which is then summed.
    Tensor narrow_a = a, narrow_b = b;
    for (std::size_t i = 0; i < given_a.size(); ++i) {
        if (b.size(given_b[i]) == 1 && a.size(given_a[i]) != 1) narrow_a = sum(narrow_a, Dims{given_a[i]}, true);
        if (a.size(given_a[i]) == 1 && b.size(given_b[i]) != 1) narrow_b = sum(narrow_b, Dims{given_b[i]}, true);
    }
    if (!narrow_a.is_same(a) || !narrow_b.is_same(b)) return contract(narrow_a, narrow_b, given_a, given_b);
    for (std::size_t i = 0; i < given_a.size(); ++i)
        if (a.size(given_a[i]) != b.size(given_b[i]))
            throw Error("contracted dimensions need to match, but first has size " +
                        std::to_string(a.size(given_a[i])) + " in dim " + std::to_string(given_a[i]) +
                        " and second has size " + std::to_string(b.size(given_b[i])) + " in dim " +
                        std::to_string(given_b[i]));
    Dims dims_a = given_a, dims_b = given_b;
    const Dims rest_a = other_dims(a, dims_a), rest_b = other_dims(b, dims_b);
    Shape shape;
    for (const std::int64_t dim : rest_a)
        shape.push_back(a.size(dim));
    for (const std::int64_t dim : rest_b)
        shape.push_back(b.size(dim));
    const std::int64_t inner = extent(a, dims_a);
    const Tensor rows = reshape(permute(a, joined(rest_a, dims_a)), {extent(a, rest_a), inner});
    const Tensor columns = reshape(permute(b, joined(dims_b, rest_b)), {inner, extent(b, rest_b)});
    return reshape(mm(rows, columns), shape);
}

Tensor times_factor(const Tensor& x, const Scalar& factor) {
    return factor.to_double() == 1 ? x : x * factor;
}

/// beta * self + alpha * product. With beta 0 self takes no part, not even where it is NaN.
Tensor added(const Arguments& a, const Tensor& product) {
    const auto factor = [&](std::size_t i) {
        return is_floating_point(product.dtype()) ? a.scalar(i) : Scalar(a.scalar(i).to_int());
    };
    const Tensor other = times_factor(product, factor(4));
    const Tensor self = expand(a.tensor(0), other.shape());
    return factor(3).to_double() == 0 ? other : times_factor(self, factor(3)) + other;
}

void check_same_dtypes(const Arguments& a, const char* text) {
    const auto name_of = [&](std::size_t i) { return std::string(scalar_type_name(a.tensor(i).dtype())); };
    if (a.tensor(0).dtype() != a.tensor(1).dtype() || a.tensor(0).dtype() != a.tensor(2).dtype())
        throw Error(text + name_of(0) + ", " + name_of(1) + ", and " + name_of(2));
}

Tensor compute_kron(const Arguments& a) {
    const Tensor &x = a.tensor(0), &y = a.tensor(1);
    const std::size_t rank = std::max(x.shape().size(), y.shape().size());
    const auto size_of = [rank](const Tensor& t, std::size_t i) {
        const std::size_t missing = rank - t.shape().size();
        return i < missing ? 1 : t.shape()[i - missing];
    };
    Shape left, right, whole;
    for (std::size_t i = 0; i < rank; ++i) {
        left.push_back(size_of(x, i));
        left.push_back(1);
        right.push_back(1);
        right.push_back(size_of(y, i));
        whole.push_back(size_of(x, i) * size_of(y, i));
    }
    return reshape(reshape(x, left) * reshape(y, right), whole);
}

Tensor compute_bilinear(const Arguments& a) {
    const Tensor &x = a.tensor(0), &y = a.tensor(1), &weight = a.tensor(2), bias = a.optional_tensor(3);
    if (x.dim() != y.dim())
        throw Error("bilinear(): input dimensions do not match: got " + std::to_string(x.dim()) + " and " +
                    std::to_string(y.dim()));
    if (x.dim() == 0 || weight.dim() != 3)
        throw Error("bilinear(): expected inputs of at least 1 and a weight of 3 dimensions, got " +
                    to_string(x.shape()) + " and " + to_string(weight.shape()));
    const Shape batch(std::span(x.shape().begin(), x.shape().end() - 1));
    if (batch != Shape(std::span(y.shape().begin(), y.shape().end() - 1)))
        throw Error("bilinear(): input batch dimensions do not match: got " + to_string(x.shape()) + " and " +
                    to_string(y.shape()));
    for (std::int64_t i = 0; i < 2; ++i)
        if (a.tensor(static_cast<std::size_t>(i)).size(-1) != weight.size(i + 1))
            throw Error("bilinear(): input" + std::to_string(i + 1) + " size does not match weight size: got " +
                        std::to_string(a.tensor(static_cast<std::size_t>(i)).size(-1)) + " but expected " +
                        std::to_string(weight.size(i + 1)));
    if (bias.defined() && bias.size(0) != weight.size(0))
        throw Error("bilinear(): bias size does not match weight size: got " + std::to_string(bias.size(0)) +
                    " but expected " + std::to_string(weight.size(0)));
    const Dtype dtype = x.dtype();
    if (y.dtype() != dtype || weight.dtype() != dtype || (bias.defined() && bias.dtype() != dtype)) {
        const auto text = [](const Tensor& t) { return std::string(cpp_type_name(t.dtype())); };
        throw Error("All tensors must have the same dtype, got input1: " + text(x) + ", input2: " + text(y) +
                    ", weight: " + text(weight) + (bias.defined() ? ", bias: " + text(bias) : ""));
    }
    const std::int64_t outputs = weight.size(0), count = element_count(batch);
    const Tensor of_x =
        reshape(tensordot(reshape(x, {count, x.size(-1)}), weight, Dims{1}, Dims{1}), {count, outputs, weight.size(2)});
    Shape shape = batch;
    shape.push_back(outputs);
    const Tensor result = reshape(matmul(of_x, unsqueeze(reshape(y, {count, y.size(-1)}), 2)), shape);
    return bias.defined() ? result + bias : result;
}

} // namespace

extern const Op tensordot_op({
    .signature = "tensordot(Tensor self, Tensor other, int dims=2) -> Tensor",
    .summary = "Sum of products over the last dimensions of one and the first of the other tensor.",
    .forward = "y[i...][k...] = sum of self[i...][j...] * other[j...][k...] over j",
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            const std::int64_t count = a.integer(2);
            if (count < 0) throw Error("tensordot expects dims >= 0, but got dims=" + std::to_string(count));
            Dims first, second;
            for (std::int64_t i = 0; i < count; ++i) {
                first.push_back(i - count);
                second.push_back(i);
            }
            return contract(a.tensor(0), a.tensor(1), first, second);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 2}), uniform({3, 2, 4})}}};
        },
});

extern const Op tensordot_lists_op({
    .signature = "tensordot.lists(Tensor self, Tensor other, Index[] dims) -> Tensor",
    .summary = "Sum of products over pairs of dimensions: a list for each tensor.",
    .forward = "y = sum of self * other over the paired dimensions",
    .dtypes = {numeric_dtypes},
    .compute =
        [](const Arguments& a) {
            if (a[2].kind() != ArgumentRef::Kind::indices || a[2].indices().size() != 2)
                throw Error("tensordot: dims must be a number or two lists");
            Dims lists[2];
            for (std::size_t i = 0; i < 2; ++i) {
                const auto* list = std::get_if<Tensor>(&a[2].indices()[i]);
                if (!list) throw Error("tensordot: dims must be a number or two lists");
                lists[i] = Dims(list->to_vector<std::int64_t>());
            }
            return contract(a.tensor(0), a.tensor(1), lists[0], lists[1]);
        },
    .composite = true,
    .samples =
        [] {
            const Tensor one = tensor({1}, {.dtype = Dtype::int64}), none = tensor({0}, {.dtype = Dtype::int64});
            return std::vector<Sample>{{{uniform({2, 3}), uniform({3, 4}), Indices{one, none}}}};
        },
});

extern const Op kron_op({
    .signature = "kron(Tensor self, Tensor other) -> Tensor",
    .summary = "Kronecker product: every element of the first times the whole second.",
    .forward = "y[i * n + k][j * m + l] = self[i][j] * other[k][l]",
    .compute = compute_kron,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 2}), uniform({3, 2})}}};
        },
});

extern const Op addr_op({
    .signature = "addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    .summary = "A matrix plus the outer product of two vectors.",
    .forward = "y = beta * self + alpha * vec1 vec2^T",
    .gradients = {{"self", "dL/dself = beta * dL/dy"},
                  {"vec1", "dL/dvec1 = alpha * dL/dy vec2"},
                  {"vec2", "dL/dvec2 = alpha * dL/dy^T vec1"}},
    .compute =
        [](const Arguments& a) {
            if (a.tensor(1).dim() != 1 || a.tensor(2).dim() != 1)
                throw Error("addr: Expected 1-D argument " + std::string(a.tensor(1).dim() != 1 ? "vec1" : "vec2") +
                            ", but got " + std::to_string(a.tensor(a.tensor(1).dim() != 1 ? 1 : 2).dim()) + "-D");
            const std::array<ArgumentRef, 3> tensors{a[0], a[1], a[2]};
            if (!is_floating_point(result_type(tensors)))
                for (const std::size_t i : {std::size_t{3}, std::size_t{4}})
                    if (a.scalar(i).is_floating())
                        throw Error("For integral input tensors, argument " + std::string(i == 3 ? "beta" : "alpha") +
                                    " must not be a floating point number.");
            return added(a, unsqueeze(a.tensor(1), 1) * a.tensor(2));
        },
    .saves = {{"vec1", "vec2"}, {"vec2", "vec1"}, {"beta"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar alpha = saved.scalar("alpha");
            if (g.needs(0)) g.set(0, times_factor(g[0], saved.scalar("beta")));
            if (g.needs(1)) g.set(1, times_factor(mv(g[0], saved.tensor("vec2")), alpha));
            if (g.needs(2)) g.set(2, times_factor(mv(t(g[0]), saved.tensor("vec1")), alpha));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2}), uniform({3}), uniform({2})}, {{"beta", Scalar(2)}}},
                                       {{uniform({3, 2}), uniform({3}), uniform({2})}, {{"alpha", Scalar(0.5)}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({3, 2}), uniform({3, 1}), uniform({2})},
                                             {},
                                             "addr: Expected 1-D argument vec1, but got 2-D"}};
        },
});

extern const Op addmv_op({
    .signature = "addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    .summary = "A vector plus the product of a matrix and a vector.",
    .forward = "y = beta * self + alpha * mat vec",
    .gradients = {{"self", "dL/dself = beta * dL/dy"},
                  {"mat", "dL/dmat = alpha * dL/dy vec^T"},
                  {"vec", "dL/dvec = alpha * mat^T dL/dy"}},
    .dtypes = {numeric_dtypes, "addmv_impl_cpu", 2},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            check_same_dtypes(a, "addmv input tensors must have the same dtype, but got ");
            return added(a, mv(a.tensor(1), a.tensor(2)));
        },
    .saves = {{"mat", "vec"}, {"vec", "mat"}, {"beta"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar alpha = saved.scalar("alpha");
            if (g.needs(0)) g.set(0, times_factor(g[0], saved.scalar("beta")));
            if (g.needs(1)) g.set(1, times_factor(unsqueeze(g[0], 1) * saved.tensor("vec"), alpha));
            if (g.needs(2)) g.set(2, times_factor(mv(t(saved.tensor("mat")), g[0]), alpha));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3}), uniform({3, 2}), uniform({2})}, {{"beta", Scalar(0.5)}}},
                                       {{uniform({1}), uniform({3, 2}), uniform({2})}, {{"alpha", Scalar(3)}}}};
        },
});

extern const Op addbmm_op({
    .signature = "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    .summary = "A matrix plus the sum of a batch of matrix products.",
    .forward = "y = beta * self + alpha * sum of batch1[b] batch2[b]",
    .gradients = {{"self", "dL/dself = beta * dL/dy"},
                  {"batch1", "dL/dbatch1[b] = alpha * dL/dy batch2[b]^T"},
                  {"batch2", "dL/dbatch2[b] = alpha * batch1[b]^T dL/dy"}},
    .dtypes = {numeric_dtypes, "addmm_impl_cpu_", 3},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return added(a, sum(bmm(a.tensor(1), a.tensor(2)), Dims{0}).to(a.tensor(1).dtype()));
        },
    .saves = {{"batch1"}, {"batch2"}, {"beta"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor batch1 = saved.tensor("batch1"), batch2 = saved.tensor("batch2");
            const Scalar alpha = saved.scalar("alpha");
            const Tensor each = expand(g[0], {batch1.size(0), g[0].size(0), g[0].size(1)});
            if (g.needs(0)) g.set(0, times_factor(g[0], saved.scalar("beta")));
            if (g.needs(1)) g.set(1, times_factor(bmm(each, transpose(batch2, 1, 2)), alpha));
            if (g.needs(2)) g.set(2, times_factor(bmm(transpose(batch1, 1, 2), each), alpha));
        },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 2}), uniform({3, 2, 2}), uniform({3, 2, 2})}, {{"alpha", Scalar(2)}}}};
        },
});

extern const Op bilinear_op({
    .signature = "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
    .summary = "A form of two inputs for each output; weight is [outputs, width1, width2].",
    .forward = "y[..., o] = sum over i, j of x1[..., i] * weight[o, i, j] * x2[..., j], plus bias[o]",
    .dtypes = {numeric_dtypes},
    .compute = compute_bilinear,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), uniform({2, 2}), uniform({2, 3, 2}), uniform({2})}},
                                       {{uniform({3}), uniform({2}), uniform({1, 3, 2})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), uniform({2, 2}), uniform({2, 2, 2})},
                 {},
                 "bilinear(): input1 size does not match weight size: got 3 but expected 2"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor tensordot(const Tensor& self, const Tensor& other, std::int64_t dims) {
    return call(ops::tensordot_op, {self, other, dims});
}
Tensor tensordot(const Tensor& self, const Tensor& other, const Dims& self_dims, const Dims& other_dims) {
    return ops::contract(self, other, self_dims, other_dims);
}
Tensor kron(const Tensor& self, const Tensor& other) {
    return call(ops::kron_op, {self, other});
}
Tensor addr(const Tensor& self, const Tensor& vec1, const Tensor& vec2, const Scalar& beta, const Scalar& alpha) {
    return call(ops::addr_op, {self, vec1, vec2, beta, alpha});
}
Tensor addmv(const Tensor& self, const Tensor& mat, const Tensor& vec, const Scalar& beta, const Scalar& alpha) {
    return call(ops::addmv_op, {self, mat, vec, beta, alpha});
}
Tensor addbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta, const Scalar& alpha) {
    return call(ops::addbmm_op, {self, batch1, batch2, beta, alpha});
}
Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias) {
    return call(ops::bilinear_op, {input1, input2, weight, bias});
}

} // namespace hs
