#include "engine/kernels/cpu/onednn/gemm.h"

#include "engine/tensor/error.h"

#include <dnnl.h>
#include <string>

namespace hs {

void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
          const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc) {
    if (m == 0 || n == 0) return;
    if (k == 0 || alpha == 0) {
        for (std::int64_t row = 0; row < m; ++row) {
            for (std::int64_t col = 0; col < n; ++col) {
                float& value = c[row * ldc + col];
                value = beta == 0 ? 0 : beta * value;
            }
        }
        return;
    }
    const dnnl_status_t status =
        dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    if (status == dnnl_success) return;
    throw Error("gemm: oneDNN refused a product of [" + std::to_string(m) + ", " + std::to_string(k) + "] and [" +
                std::to_string(k) + ", " + std::to_string(n) + "] with row distances " + std::to_string(lda) + ", " +
                std::to_string(ldb) + ", " + std::to_string(ldc) + " (status " + std::to_string(status) + ")");
}

} // namespace hs
