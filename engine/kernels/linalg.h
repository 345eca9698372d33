#pragma once

#include "engine/tensor/tensor.h"

namespace hs {

/// The kernels of one device for linear algebra. Matrices are contiguous [batch, rows, columns] of float32 or float64;
/// outputs are allocated by the caller. Nothing is recorded.
struct LinalgKernels {
    /// sign [batch] (-1, 0 or 1) and logarithm [batch] of the absolute value of each determinant, and the determinant
    /// itself [batch].
    void (*determinant)(const Tensor& a, const Tensor& det, const Tensor& sign, const Tensor& logabsdet);
    /// The derivatives of each determinant by the elements: det(a) a^-T, also where a is singular.
    void (*cofactors)(const Tensor& a, const Tensor& result);
    /// x = a^-1 b. info [batch] (int64) is the 1-based number of the first zero pivot, or 0.
    void (*solve)(const Tensor& a, const Tensor& b, const Tensor& x, const Tensor& info);
    /// a = u diag(s) vh with s descending; u [batch, m, k or m], vh [batch, k or n, n].
    void (*svd)(const Tensor& a, const Tensor& u, const Tensor& s, const Tensor& vh);
    /// a = l l^T, of the lower triangle. info [batch] is the order of the first leading minor that is not positive, or
    /// 0.
    void (*cholesky)(const Tensor& a, const Tensor& l, const Tensor& info);
};

/// The kernels of the device of `tensor`. Throws NotImplementedError when this build has none for it.
const LinalgKernels& linalg_kernels_of(const Tensor& tensor);

} // namespace hs
