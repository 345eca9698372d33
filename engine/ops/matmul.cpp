#include "engine/kernels/neural.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

std::string rows_by_columns(const Tensor& matrix) {
    return std::to_string(matrix.size(0)) + "x" + std::to_string(matrix.size(1));
}

void check_multiplied(const Tensor& mat1, const Tensor& mat2) {
    if (mat1.size(1) != mat2.size(0))
        throw Error("mat1 and mat2 shapes cannot be multiplied (" + rows_by_columns(mat1) + " and " +
                    rows_by_columns(mat2) + ")");
}

void check_batches(const Tensor& batch1, const Tensor& batch2) {
    if (batch1.dim() != 3) throw Error("batch1 must be a 3D tensor");
    if (batch2.dim() != 3) throw Error("batch2 must be a 3D tensor");
    if (batch1.size(0) != batch2.size(0) || batch1.size(2) != batch2.size(1))
        throw Error("Expected size for first two dimensions of batch2 tensor to be: [" +
                    std::to_string(batch1.size(0)) + ", " + std::to_string(batch1.size(2)) + "] but got: [" +
                    std::to_string(batch2.size(0)) + ", " + std::to_string(batch2.size(1)) + "].");
    if (batch1.dtype() != batch2.dtype())
        throw Error("expected scalar type " + std::string(scalar_type_name(batch1.dtype())) + " but found " +
                    std::string(scalar_type_name(batch2.dtype())));
}

/// beta * self + alpha * a b, where self expands to the product's shape.
Tensor add_product(const Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    Shape shape = a.shape();
    shape.back() = b.shape().back();
    const Tensor expanded = call(expand_op, {self, shape});
    const Tensor y = empty(shape, a.options());
    if (beta.to_double() != 0) kernels_of(y).copy(expanded, y);
    neural_kernels_of(y).matmul(a, b, alpha, beta, y);
    return y;
}

Tensor product(const Tensor& a, const Tensor& b) {
    Shape shape = a.shape();
    shape.back() = b.shape().back();
    const Tensor y = empty(shape, a.options());
    neural_kernels_of(y).matmul(a, b, 1, 0, y);
    return y;
}

/// a b, stored column by column where the matrix whose gradient it is is stored so: the gradient of a transposed
/// weight is then, turned back, row-major like the weight.
Tensor product_like(const Dims& strides, const Tensor& a, const Tensor& b) {
    const bool by_columns = strides[0] == 1 && strides[1] == a.size(0) && a.size(0) > 1;
    return by_columns ? t(mm(t(b), t(a))) : mm(a, b);
}

Tensor times_alpha(const Tensor& gradient, const Scalar& factor) {
    return factor.to_double() == 1 ? gradient : gradient * factor;
}

Tensor batch_transposed(const Tensor& batch) {
    return transpose(batch, 1, 2);
}

Tensor column(const Tensor& vector) {
    return make_view(vector, {vector.numel(), 1}, {vector.strides()[0], 1}, vector.storage_offset());
}

Tensor row(const Tensor& vector) {
    return make_view(vector, {1, vector.numel()}, {1, vector.strides()[0]}, vector.storage_offset());
}

std::vector<Sample> product_samples() {
    return {{{uniform({3, 4}), uniform({4, 2})}},
            {{transpose(uniform({4, 3}), 0, 1), transpose(uniform({2, 4}), 0, 1)}},
            {{uniform({3, 0}), uniform({0, 2})}},
            {{uniform({1, 3}), uniform({3, 1})}}};
}

std::vector<Sample> added_samples(const std::vector<Sample>& products, const std::vector<Tensor>& added) {
    std::vector<Sample> result;
    for (const Tensor& self : added)
        for (const Sample& sample : products)
            result.push_back({{self, sample.arguments[0], sample.arguments[1]}});
    result.back().keywords = {{"beta", Scalar(0.5)}, {"alpha", Scalar(-2.0)}};
    return result;
}

} // namespace

extern const Op mm_op({
    .signature = "mm(Tensor self, Tensor mat2) -> Tensor",
    .summary = "Product of two matrices.",
    .forward = "y = self mat2",
    .gradients = {{"self", "dL/dself = dL/dy mat2^T"}, {"mat2", "dL/dmat2 = self^T dL/dy"}},
    .dtypes = {numeric_dtypes, "addmm_impl_cpu_", 2},
    .compute =
        [](const Arguments& a) {
            const Tensor &left = a.tensor(0), &right = a.tensor(1);
            if (left.dim() != 2) throw Error("self must be a matrix");
            if (right.dim() != 2) throw Error("mat2 must be a matrix");
            check_multiplied(left, right);
            if (left.dtype() != right.dtype())
                throw Error(
                    "expected m1 and m2 to have the same dtype, but got: " + std::string(cpp_type_name(left.dtype())) +
                    " != " + std::string(cpp_type_name(right.dtype())));
            return product(left, right);
        },
    .saves = {{"self", "mat2"}, {"mat2", "self"}, {"self.strides"}, {"mat2.strides"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, product_like(saved.integers("self.strides"), g[0], t(saved.tensor("mat2"))));
            if (g.needs(1)) g.set(1, product_like(saved.integers("mat2.strides"), t(saved.tensor("self")), g[0]));
        },
    .samples = product_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2}), uniform({2, 3})}, {}, "self must be a matrix"},
                {{uniform({4, 5}), uniform({3, 2})}, {}, "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)"},
                {{uniform({4, 5}), to(uniform({5, 2}), Dtype::float32)},
                 {},
                 "expected m1 and m2 to have the same dtype, but got: double != float"}};
        },
});

extern const Op addmm_op({
    .signature = "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    .summary = "Product of two matrices added to a third, which is broadcast.",
    .forward = "y = beta * self + alpha * mat1 mat2",
    .gradients = {{"self", "dL/dself = beta * dL/dy"},
                  {"mat1", "dL/dmat1 = alpha * dL/dy mat2^T"},
                  {"mat2", "dL/dmat2 = alpha * mat1^T dL/dy"}},
    .dtypes = {numeric_dtypes, "addmm_impl_cpu_", 3},
    .compute =
        [](const Arguments& a) {
            const Tensor &self = a.tensor(0), &left = a.tensor(1), &right = a.tensor(2);
            const auto matrix_error = [](const char* name, const Tensor& x) {
                return Error(std::string(name) + " must be a matrix, got " + std::to_string(x.dim()) + "-D tensor");
            };
            if (left.dim() != 2) throw matrix_error("mat1", left);
            if (right.dim() != 2) throw matrix_error("mat2", right);
            if (left.dtype() != right.dtype())
                throw Error("mat1 and mat2 must have the same dtype, but got " +
                            std::string(scalar_type_name(left.dtype())) + " and " +
                            std::string(scalar_type_name(right.dtype())));
            check_multiplied(left, right);
            if (self.dtype() != right.dtype())
                throw Error("self and mat2 must have the same dtype, but got " +
                            std::string(scalar_type_name(self.dtype())) + " and " +
                            std::string(scalar_type_name(right.dtype())));
            return add_product(self, left, right, a.scalar(3), a.scalar(4));
        },
    .saves = {{"mat1", "mat2"}, {"mat2", "mat1"}, {"mat1.strides"}, {"mat2.strides"}, {"beta"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar alpha = saved.scalar("alpha");
            if (g.needs(0)) g.set(0, times_alpha(g[0], saved.scalar("beta")));
            if (g.needs(1))
                g.set(1,
                      times_alpha(product_like(saved.integers("mat1.strides"), g[0], t(saved.tensor("mat2"))), alpha));
            if (g.needs(2))
                g.set(2,
                      times_alpha(product_like(saved.integers("mat2.strides"), t(saved.tensor("mat1")), g[0]), alpha));
        },
    .samples =
        [] {
            std::vector<Sample> samples = added_samples(product_samples(), {uniform({}), uniform({1})});
            samples.push_back({{uniform({3, 2}), uniform({3, 4}), uniform({4, 2})}});
            return samples;
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), uniform({4, 5}), uniform({3, 2})},
                 {},
                 "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)"},
                {{uniform({3}), uniform({4, 5}), uniform({5, 2})},
                 {},
                 "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 1.  "
                 "Target sizes: [4, 2].  Tensor sizes: [3]"}};
        },
});

extern const Op bmm_op({
    .signature = "bmm(Tensor self, Tensor mat2) -> Tensor",
    .summary = "Products of two batches of matrices.",
    .forward = "y[b] = self[b] mat2[b]",
    .gradients = {{"self", "dL/dself[b] = dL/dy[b] mat2[b]^T"}, {"mat2", "dL/dmat2[b] = self[b]^T dL/dy[b]"}},
    .dtypes = {numeric_dtypes, "bmm", 2},
    .compute =
        [](const Arguments& a) {
            check_batches(a.tensor(0), a.tensor(1));
            return product(a.tensor(0), a.tensor(1));
        },
    .saves = {{"self", "mat2"}, {"mat2", "self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, bmm(g[0], batch_transposed(saved.tensor("mat2"))));
            if (g.needs(1)) g.set(1, bmm(batch_transposed(saved.tensor("self")), g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), uniform({2, 4, 2})}},
                                       {{batch_transposed(uniform({2, 4, 3})), uniform({2, 4, 1})}},
                                       {{uniform({0, 3, 4}), uniform({0, 4, 2})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), uniform({2, 3, 4})}, {}, "batch1 must be a 3D tensor"},
                {{uniform({2, 3, 4}), uniform({3, 4, 4})},
                 {},
                 "Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [3, 4]."}};
        },
});

extern const Op baddbmm_op({
    .signature = "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    .summary = "Products of two batches of matrices added to a third, which is broadcast.",
    .forward = "y[b] = beta * self[b] + alpha * batch1[b] batch2[b]",
    .gradients = {{"self", "dL/dself = beta * dL/dy"},
                  {"batch1", "dL/dbatch1[b] = alpha * dL/dy[b] batch2[b]^T"},
                  {"batch2", "dL/dbatch2[b] = alpha * batch1[b]^T dL/dy[b]"}},
    .dtypes = {numeric_dtypes, "baddbmm", 3},
    .compute =
        [](const Arguments& a) {
            const auto type = [&](std::size_t i) { return std::string(cpp_type_name(a.tensor(i).dtype())); };
            if (type(0) != type(1) || type(0) != type(2))
                throw Error("Input dtypes must be the same, got: input " + type(0) + ", batch1: " + type(1) +
                            ", batch2: " + type(2));
            check_batches(a.tensor(1), a.tensor(2));
            return add_product(a.tensor(0), a.tensor(1), a.tensor(2), a.scalar(3), a.scalar(4));
        },
    .saves = {{"batch1", "batch2"}, {"batch2", "batch1"}, {"beta"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar alpha = saved.scalar("alpha");
            if (g.needs(0)) g.set(0, times_alpha(g[0], saved.scalar("beta")));
            if (g.needs(1)) g.set(1, times_alpha(bmm(g[0], batch_transposed(saved.tensor("batch2"))), alpha));
            if (g.needs(2)) g.set(2, times_alpha(bmm(batch_transposed(saved.tensor("batch1")), g[0]), alpha));
        },
    .samples =
        [] {
            return added_samples({{{uniform({2, 3, 4}), uniform({2, 4, 2})}}}, {uniform({2, 3, 2}), uniform({2})});
        },
});

extern const Op mv_op({
    .signature = "mv(Tensor self, Tensor vec) -> Tensor",
    .summary = "Product of a matrix and a vector.",
    .forward = "y = self vec",
    .gradients = {{"self", "dL/dself = dL/dy vec^T"}, {"vec", "dL/dvec = self^T dL/dy"}},
    .dtypes = {numeric_dtypes, "addmv_impl_cpu", 2},
    .compute =
        [](const Arguments& a) {
            const Tensor &matrix = a.tensor(0), &vector = a.tensor(1);
            if (matrix.dim() != 2 || vector.dim() != 1)
                throw Error("vector + matrix @ vector expected, got 1, " + std::to_string(matrix.dim()) + ", " +
                            std::to_string(vector.dim()));
            if (matrix.size(1) != vector.size(0))
                throw Error("size mismatch, got " + std::to_string(matrix.size(0)) + ", " + rows_by_columns(matrix) +
                            "," + std::to_string(vector.size(0)));
            if (matrix.dtype() != vector.dtype())
                throw Error("addmv input tensors must have the same dtype, but got " +
                            std::string(scalar_type_name(vector.dtype())) + ", " +
                            std::string(scalar_type_name(matrix.dtype())) + ", and " +
                            std::string(scalar_type_name(vector.dtype())));
            const Tensor y = empty({matrix.size(0), 1}, matrix.options());
            neural_kernels_of(y).matmul(matrix, column(vector), 1, 0, y);
            return make_tensor(y.impl()->storage, {matrix.size(0)}, {1}, 0, y.dtype());
        },
    .saves = {{"self", "vec"}, {"vec", "self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, mm(unsqueeze(g[0], 1), unsqueeze(saved.tensor("vec"), 0)));
            if (g.needs(1)) g.set(1, mv(t(saved.tensor("self")), g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}},
                                       {{t(uniform({4, 3})), uniform({4})}},
                                       {{uniform({3, 0}), uniform({0})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), uniform({2})}, {}, "size mismatch, got 2, 2x3,2"},
                {{uniform({2, 3}), uniform({2, 3})}, {}, "vector + matrix @ vector expected, got 1, 2, 2"}};
        },
});

extern const Op dot_op({
    .signature = "dot(Tensor self, Tensor tensor) -> Tensor",
    .summary = "Scalar product of two vectors.",
    .forward = "y = sum of self * tensor",
    .gradients = {{"self", "dL/dself = dL/dy * tensor"}, {"tensor", "dL/dtensor = dL/dy * self"}},
    .dtypes = {numeric_dtypes, "dot", 2},
    .compute =
        [](const Arguments& a) {
            const Tensor &left = a.tensor(0), &right = a.tensor(1);
            if (left.dim() != 1 || right.dim() != 1)
                throw Error("1D tensors expected, but got " + std::to_string(left.dim()) + "D and " +
                            std::to_string(right.dim()) + "D tensors");
            if (left.dtype() != right.dtype())
                throw Error("dot : expected both vectors to have same dtype, but found " +
                            std::string(scalar_type_name(left.dtype())) + " and " +
                            std::string(scalar_type_name(right.dtype())));
            if (left.numel() != right.numel())
                throw Error("inconsistent tensor size, expected tensor " + to_string(left.shape()) + " and src " +
                            to_string(right.shape()) + " to have the same number of elements, but got " +
                            std::to_string(left.numel()) + " and " + std::to_string(right.numel()) +
                            " elements respectively");
            const Tensor y = empty({1, 1}, left.options());
            neural_kernels_of(y).matmul(row(left), column(right), 1, 0, y);
            return make_tensor(y.impl()->storage, {}, {}, 0, y.dtype());
        },
    .saves = {{"self", "tensor"}, {"tensor", "self"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0] * saved.tensor("tensor"));
            if (g.needs(1)) g.set(1, g[0] * saved.tensor("self"));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({4}), uniform({4}, 0, 1)}}, {{uniform({0}), uniform({0})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), uniform({3})}, {}, "1D tensors expected, but got 2D and 1D tensors"},
                {{uniform({2}), uniform({3})},
                 {},
                 "inconsistent tensor size, expected tensor [2] and src [3] to have the same number of elements, but "
                 "got 2 and 3 elements respectively"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor mm(const Tensor& self, const Tensor& mat2) {
    return call(ops::mm_op, {self, mat2});
}
Tensor addmm(const Tensor& self, const Tensor& mat1, const Tensor& mat2, const Scalar& beta, const Scalar& alpha) {
    return call(ops::addmm_op, {self, mat1, mat2, beta, alpha});
}
Tensor bmm(const Tensor& self, const Tensor& mat2) {
    return call(ops::bmm_op, {self, mat2});
}
Tensor baddbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta,
               const Scalar& alpha) {
    return call(ops::baddbmm_op, {self, batch1, batch2, beta, alpha});
}
Tensor mv(const Tensor& self, const Tensor& vec) {
    return call(ops::mv_op, {self, vec});
}
Tensor dot(const Tensor& self, const Tensor& tensor) {
    return call(ops::dot_op, {self, tensor});
}

} // namespace hs
