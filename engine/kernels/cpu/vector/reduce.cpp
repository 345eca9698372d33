#include "engine/kernels/cpu/vector/reduce.h"

#include "engine/kernels/cpu/vector/builds.h"
#include "engine/kernels/cpu/vector/columns.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

constexpr Index lanes = 64;
constexpr Index block = lanes * 128;

/// Sum of term(i): 64 float sums side by side within a block, double from block to block.
template <class Term>
inline double blocked_sum(Index count, Term term) {
    double total = 0;
    for (Index begin = 0; begin < count; begin += block) {
        const Index end = least(begin + block, count);
        alignas(64) float sums[lanes] = {};
        Index i = begin;
        for (; i + lanes <= end; i += lanes) {
            HOOKSCOPE_SIMD
            for (Index lane = 0; lane < lanes; ++lane)
                sums[lane] += term(i + lane);
        }
        for (Index lane = 0; i < end; ++i, ++lane)
            sums[lane] += term(i);
        for (const float sum : sums)
            total += static_cast<double>(sum);
    }
    return total;
}

double sum(const float* x, Index count) {
    return blocked_sum(count, [x](Index i) { return x[i]; });
}

double sum_squares(const float* x, Index count) {
    return blocked_sum(count, [x](Index i) { return x[i] * x[i]; });
}

double dot(const float* a, const float* b, Index count) {
    return blocked_sum(count, [a, b](Index i) { return a[i] * b[i]; });
}

void column_sums(const float* x, Index rows, Index cols, Index stride, float* y) {
    constexpr Index piece = strip_width;
    double sums[piece];
    const Index together = rows_together(rows, cols, stride);
    const Index width = together > 1 ? cols : piece; // short rows are added up several at a time
    for (Index begin = 0; begin < cols; begin += width) {
        const Index part = least(width, cols - begin);
        accumulate_columns(
            x + begin, x + begin, x + begin, rows, part, stride,
            [](float value, float, float, float& first, float&) { first += value; }, sums, nullptr);
        for (Index c = 0; c < part; ++c)
            y[begin + c] = static_cast<float>(sums[c]);
    }
}

void row_sums(const float* x, Index rows, Index cols, float* y) {
    for (Index r = 0; r < rows; ++r)
        y[r] = static_cast<float>(sum(x + r * cols, cols));
}

/// The extreme of the numbers, then its place: a search that stops early. A NaN, which no comparison finds, is met by
/// the search.
template <class Better>
inline void extreme(const float* x, Index count, float* value, Index* index, Better better) {
    float best = x[0];
    bool ordered = true;
    alignas(64) float bests[lanes];
    alignas(64) std::int32_t odd[lanes] = {};
    for (float& lane : bests)
        lane = best;
    Index i = 0;
    for (; i + lanes <= count; i += lanes) {
        HOOKSCOPE_SIMD
        for (Index lane = 0; lane < lanes; ++lane) {
            const float candidate = x[i + lane];
            bests[lane] = better(candidate, bests[lane]) ? candidate : bests[lane];
            odd[lane] |= candidate != candidate ? 1 : 0;
        }
    }
    for (; i < count; ++i) {
        best = better(x[i], best) ? x[i] : best;
        ordered = ordered && x[i] == x[i];
    }
    for (Index lane = 0; lane < lanes; ++lane) {
        best = better(bests[lane], best) ? bests[lane] : best;
        ordered = ordered && odd[lane] == 0;
    }
    Index at = 0;
    if (ordered) {
        while (x[at] != best)
            ++at;
    } else {
        while (x[at] == x[at])
            ++at;
    }
    *value = x[at];
    *index = at;
}

void maximum(const float* x, Index count, float* value, Index* index) {
    extreme(x, count, value, index, [](float a, float b) { return a > b; });
}

void minimum(const float* x, Index count, float* value, Index* index) {
    extreme(x, count, value, index, [](float a, float b) { return a < b; });
}

void transpose(const float* x, Index rows, Index cols, float* y) {
    constexpr Index tile = 16;
    for (Index r0 = 0; r0 < rows; r0 += tile) {
        const Index height = least(tile, rows - r0);
        for (Index c0 = 0; c0 < cols; c0 += tile) {
            const Index width = least(tile, cols - c0);
            const float* from = x + r0 * cols + c0;
            float* to = y + c0 * rows + r0;
            if (height == tile && width == tile) {
                alignas(64) float block_of[tile][tile];
                for (Index r = 0; r < tile; ++r) {
                    for (Index c = 0; c < tile; ++c)
                        block_of[c][r] = from[r * cols + c];
                }
                for (Index c = 0; c < tile; ++c) {
                    for (Index r = 0; r < tile; ++r)
                        to[c * rows + r] = block_of[c][r];
                }
            } else {
                for (Index c = 0; c < width; ++c) {
                    for (Index r = 0; r < height; ++r)
                        to[c * rows + r] = from[r * cols + c];
                }
            }
        }
    }
}

} // namespace

constinit const ReduceKernels reduce_kernels{
    .sum = sum,
    .sum_squares = sum_squares,
    .dot = dot,
    .column_sums = column_sums,
    .row_sums = row_sums,
    .maximum = maximum,
    .minimum = minimum,
    .transpose = transpose,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
