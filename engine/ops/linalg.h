#pragma once

#include "engine/ops/functional.h"

/// torch.linalg: matrices are the last two dimensions, all before them are a batch. All throw Error with PyTorch's
/// texts.
namespace hs::linalg {

// Determinants and equations (ops/linalg.cpp).
Tensor det(const Tensor& a);
/// Sign and logarithm of the absolute value of the determinant.
std::pair<Tensor, Tensor> slogdet(const Tensor& a);
Tensor inv(const Tensor& a);
/// x with a x = b, or x a = b if not `left`; b may be a vector (or a batch of them, of a's shape without the last
/// dimension).
Tensor solve(const Tensor& a, const Tensor& b, bool left = true);
/// The lower triangular l with l l^T = a.
Tensor cholesky(const Tensor& a);

// Singular values (ops/svd.cpp): a = u diag(s) vh, s descending.
struct Svd {
    Tensor u, s, vh;
};
Svd svd(const Tensor& a, bool full_matrices = true);
Tensor svdvals(const Tensor& a);

// Norms (ops/matrix_norm.cpp, ops/norm.cpp). No order: of vectors 2, of matrices Frobenius.
Tensor vector_norm(const Tensor& x, const Scalar& ord = 2, IntList dim = {}, bool keepdim = false);
/// ord: 1, -1, 2, -2, infinity or -infinity.
Tensor matrix_norm(const Tensor& a, const Scalar& ord, IntList dim = Dims{-2, -1}, bool keepdim = false);
/// ord: "fro" or "nuc".
Tensor matrix_norm(const Tensor& a, std::string_view ord = "fro", IntList dim = Dims{-2, -1}, bool keepdim = false);
Tensor norm(const Tensor& a, const std::optional<Scalar>& ord = std::nullopt, IntList dim = {}, bool keepdim = false);
Tensor norm(const Tensor& a, std::string_view ord, IntList dim = {}, bool keepdim = false);
// A literal would as soon become a bool, and that a number.
inline Tensor matrix_norm(const Tensor& a, const char* ord, IntList dim = Dims{-2, -1}, bool keepdim = false) {
    return matrix_norm(a, std::string_view(ord), dim, keepdim);
}
inline Tensor norm(const Tensor& a, const char* ord, IntList dim = {}, bool keepdim = false) {
    return norm(a, std::string_view(ord), dim, keepdim);
}

} // namespace hs::linalg
