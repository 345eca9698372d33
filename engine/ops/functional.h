#pragma once

#include "engine/ops/neural.h"
#include "engine/ops/op.h"

/// The operations as functions, under PyTorch's names. Each is declared in the catalogue (engine/ops/catalogue.cpp),
/// which holds its documentation, formulas and samples. All broadcast and promote as PyTorch does, throw Error with
/// PyTorch's texts, and record a graph where a gradient will be needed.
namespace hs {

// Arithmetic (ops/arithmetic.cpp).
Tensor add(const Tensor& self, const Tensor& other, const Scalar& alpha = 1);
Tensor add(const Tensor& self, const Scalar& other, const Scalar& alpha = 1);
Tensor sub(const Tensor& self, const Tensor& other, const Scalar& alpha = 1);
Tensor sub(const Tensor& self, const Scalar& other, const Scalar& alpha = 1);
Tensor rsub(const Tensor& self, const Scalar& other);
Tensor mul(const Tensor& self, const Tensor& other);
Tensor mul(const Tensor& self, const Scalar& other);
Tensor div(const Tensor& self, const Tensor& other);
Tensor div(const Tensor& self, const Scalar& other);
Tensor neg(const Tensor& self);
Tensor reciprocal(const Tensor& self);

inline Tensor operator+(const Tensor& a, const Tensor& b) {
    return add(a, b);
}
inline Tensor operator+(const Tensor& a, const Scalar& b) {
    return add(a, b);
}
inline Tensor operator+(const Scalar& a, const Tensor& b) {
    return add(b, a);
}
inline Tensor operator-(const Tensor& a, const Tensor& b) {
    return sub(a, b);
}
inline Tensor operator-(const Tensor& a, const Scalar& b) {
    return sub(a, b);
}
inline Tensor operator-(const Scalar& a, const Tensor& b) {
    return rsub(b, a);
}
inline Tensor operator*(const Tensor& a, const Tensor& b) {
    return mul(a, b);
}
inline Tensor operator*(const Tensor& a, const Scalar& b) {
    return mul(a, b);
}
inline Tensor operator*(const Scalar& a, const Tensor& b) {
    return mul(b, a);
}
inline Tensor operator/(const Tensor& a, const Tensor& b) {
    return div(a, b);
}
inline Tensor operator/(const Tensor& a, const Scalar& b) {
    return div(a, b);
}
inline Tensor operator/(const Scalar& a, const Tensor& b) {
    return mul(reciprocal(b), a);
}
inline Tensor operator-(const Tensor& a) {
    return neg(a);
}

// Reductions (ops/reduction.cpp). Without dimensions: over all.
Tensor sum(const Tensor& self);
Tensor sum(const Tensor& self, IntList dim, bool keepdim = false);
/// Sums `self` to `shape`, which broadcasting would have expanded to self's shape.
Tensor sum_to_size(const Tensor& self, const Shape& shape);

// Shape (ops/shape.cpp).
Tensor view(const Tensor& self, const Shape& shape);
Tensor reshape(const Tensor& self, const Shape& shape);
Tensor flatten(const Tensor& self, std::int64_t start_dim = 0, std::int64_t end_dim = -1);
Tensor expand(const Tensor& self, const Shape& shape);
Tensor transpose(const Tensor& self, std::int64_t dim0, std::int64_t dim1);
Tensor t(const Tensor& self);
Tensor unsqueeze(const Tensor& self, std::int64_t dim);
Tensor squeeze(const Tensor& self, std::int64_t dim);
Tensor clone(const Tensor& self);
Tensor contiguous(const Tensor& self);
Tensor to(const Tensor& self, Dtype dtype);

} // namespace hs
