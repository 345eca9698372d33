// One pool of threads: products of float64 stay on the caller's thread.
#define EIGEN_DONT_PARALLELIZE

#include "engine/kernels/cpu/onednn/gemm.h"

#include <Eigen/Core>

namespace hs {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;
using ConstMap = Eigen::Map<const Matrix, Eigen::Unaligned, Stride>;
using MutableMap = Eigen::Map<Matrix, Eigen::Unaligned, Stride>;

template <class Left, class Right>
void add_product(MutableMap& c, double alpha, const Left& a, const Right& b) {
    c.noalias() += alpha * a * b;
}

} // namespace

void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, double alpha,
          const double* a, std::int64_t lda, const double* b, std::int64_t ldb, double beta, double* c,
          std::int64_t ldc) {
    if (m == 0 || n == 0) return;
    MutableMap result(c, m, n, Stride(ldc));
    if (beta == 0) {
        result.setZero();
    } else if (beta != 1) {
        result *= beta;
    }
    if (k == 0 || alpha == 0) return;
    const ConstMap left(a, transpose_a ? k : m, transpose_a ? m : k, Stride(lda));
    const ConstMap right(b, transpose_b ? n : k, transpose_b ? k : n, Stride(ldb));
    if (transpose_a && transpose_b) {
        add_product(result, alpha, left.transpose(), right.transpose());
    } else if (transpose_a) {
        add_product(result, alpha, left.transpose(), right);
    } else if (transpose_b) {
        add_product(result, alpha, left, right.transpose());
    } else {
        add_product(result, alpha, left, right);
    }
}

} // namespace hs
