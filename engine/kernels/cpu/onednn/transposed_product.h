#pragma once

#include <cstdint>

namespace hs {

/// y [m, n] = x [m, k] times the transpose of w [n, k], added to what y holds if `add`; all row-major without gaps.
/// What a linear layer computes; where the transposed matrix is the second, gemm takes 4 to 10 % longer. False, and
/// nothing is done, where x has few rows, the product is small or oneDNN has only gemm for it; that depends on the
/// sizes alone, so that the same product has the same bits again. Throws Error if oneDNN refuses.
bool transposed_product(std::int64_t m, std::int64_t n, std::int64_t k, const float* x, const float* w, bool add,
                        float* y);

} // namespace hs
