#pragma once

#include "engine/kernels/cpu/vector/build.h"

/// Work on the columns of a row-major matrix at full vector width, however few columns there are: several short rows
/// that follow each other are treated as one long row, and the per-column values are repeated to its width.
namespace hs::HOOKSCOPE_VECTOR_BUILD {

inline constexpr Index strip_width = 512;
inline constexpr Index strip_depth = 128; ///< float additions before a sum goes on in double

/// How many rows of `cols` columns to treat as one.
inline Index rows_together(Index rows, Index cols, Index stride) {
    if (cols != stride || cols >= 32 || cols < 1) return 1;
    const Index together = 16 * (cols < 8 ? 8 / cols : 1);
    return rows < together ? 1 : together;
}

/// A per-column parameter, repeated for rows that are treated as one.
struct Repeated {
    alignas(64) float values[strip_width];
    Repeated(const float* source, Index cols, Index together) {
        for (Index r = 0, at = 0; r < together; ++r) {
            for (Index c = 0; c < cols; ++c)
                values[at++] = source[c];
        }
    }
};

/// first[c] += sum over rows of f(x, other, parameter[c]), and second[c] likewise of g, where x and other stand at
/// (row, c). One strip: at most strip_width columns.
template <class Term>
inline void accumulate_strip(const float* x, const float* other, const float* parameter, Index rows, Index width,
                             Index step, Term term, double* first, double* second) {
    alignas(64) float sums[strip_width];
    alignas(64) float products[strip_width];
    for (Index begin = 0; begin < rows; begin += strip_depth) {
        const Index end = least(begin + strip_depth, rows);
        for (Index c = 0; c < width; ++c)
            sums[c] = products[c] = 0.0F;
        for (Index r = begin; r < end; ++r) {
            const float* p = x + r * step;
            const float* q = other + r * step;
            HOOKSCOPE_SIMD
            for (Index c = 0; c < width; ++c)
                term(p[c], q[c], parameter[c], sums[c], products[c]);
        }
        HOOKSCOPE_SIMD
        for (Index c = 0; c < width; ++c)
            first[c] += static_cast<double>(sums[c]);
        HOOKSCOPE_SIMD
        for (Index c = 0; c < width; ++c)
            second[c] += static_cast<double>(products[c]);
    }
}

/// Overwrites first[cols] and second[cols] with the two column sums that `term(x, other, parameter, sum, product)`
/// adds up. `second` may be null.
template <class Term>
inline void accumulate_columns(const float* x, const float* other, const float* parameter, Index rows, Index cols,
                               Index stride, Term term, double* first, double* second) {
    alignas(64) double sums[strip_width];
    alignas(64) double products[strip_width];
    const Index together = rows_together(rows, cols, stride);
    if (together > 1) {
        const Repeated repeated(parameter, cols, together);
        const Index width = together * cols;
        const Index groups = rows / together;
        for (Index c = 0; c < width; ++c)
            sums[c] = products[c] = 0.0;
        accumulate_strip(x, other, repeated.values, groups, width, width, term, sums, products);
        const Index done = groups * width;
        accumulate_strip(x + done, other + done, parameter, rows - groups * together, cols, cols, term, sums, products);
        for (Index c = 0; c < cols; ++c) {
            for (Index at = c + cols; at < width; at += cols) {
                sums[c] += sums[at];
                products[c] += products[at];
            }
            first[c] = sums[c];
            if (second) second[c] = products[c];
        }
        return;
    }
    for (Index begin = 0; begin < cols; begin += strip_width) {
        const Index width = least(strip_width, cols - begin);
        for (Index c = 0; c < width; ++c)
            sums[c] = products[c] = 0.0;
        accumulate_strip(x + begin, other + begin, parameter + begin, rows, width, stride, term, sums, products);
        for (Index c = 0; c < width; ++c) {
            first[begin + c] = sums[c];
            if (second) second[begin + c] = products[c];
        }
    }
}

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
