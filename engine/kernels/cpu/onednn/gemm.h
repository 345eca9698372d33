#pragma once

#include <cstdint>

namespace hs {

/// C = alpha * op(A) op(B) + beta * C, all row-major: op(A) is [m, k] and op(B) [k, n], where op transposes what is
/// stored if `transpose_*` is set (A is then stored as [k, m]). `ld*` is the distance between stored rows. With beta 0
/// C is only written. m, n or k may be 0. Throws Error if oneDNN refuses.
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
          const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, double alpha,
          const double* a, std::int64_t lda, const double* b, std::int64_t ldb, double beta, double* c,
          std::int64_t ldc);

} // namespace hs
