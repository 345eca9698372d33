#pragma once

#include <array>
#include <cstdint>

namespace hs::trace {

/// How bin positions grow with the value.
enum class BinScale : std::uint8_t {
    linear,        ///< equal widths from `low` to `high`
    symmetric_log, ///< bins 0 to 31 negative, 32 to 63 positive; equal widths in log |x| from `low` to `high`
};

inline constexpr int bin_count = 64;

/// Where the bins lie; `low` and `high` are rounded to float32 where values are counted.
///
/// linear: `low` < `high` are values, and bin i begins at low + i (high - low) / 64.
///
/// symmetric_log: 0 < `low` < `high` are magnitudes. Let u(x) = e + f for |x| = 2^e (1 + f), 0 <= f < 1: log2 made of
/// straight pieces, which is how a float's exponent and mantissa bits read as one integer. Bin 32 + i begins at the
/// magnitude with u = u(low) + i (u(high) - u(low)) / 32, and bin 31 - i is its mirror image. What is nearer to zero
/// than `low` falls into bin 31 or 32 by its sign; 0 and -0 are in bin 32.
///
/// Values outside the range are counted in the bin at its end, NaN and Inf in none.
struct BinRange {
    BinScale scale = BinScale::linear;
    double low = -1;
    double high = 1;

    bool operator==(const BinRange&) const = default;
};

/// One pass over a tensor. Counts, extremes and moments are exact; `bin_every` says whether the bins are.
struct Summary {
    std::int64_t count = 0; ///< elements, NaN and Inf among them
    double min = 0;         ///< over finite elements; 0 when there is none
    double max = 0;
    double mean = 0; ///< over finite elements
    double std = 0;  ///< over finite elements, unbiased (divided by n - 1); 0 below two
    double norm = 0; ///< L2 norm over finite elements
    std::int64_t zeros = 0;
    std::int64_t nan = 0;
    std::int64_t positive_inf = 0;
    std::int64_t negative_inf = 0;
    BinRange range;
    std::uint32_t bin_every = 1; ///< 1: every element is in the bins; N: one run of 16 elements in N
    std::array<std::uint32_t, bin_count> bins{};

    bool finite() const { return nan + positive_inf + negative_inf == 0; }
    double zero_fraction() const { return count ? static_cast<double>(zeros) / static_cast<double>(count) : 0; }
};

/// Lower edge of bin `bin` (0 to 64: 64 gives the upper edge of the last one), exact to float32's rounding. Between
/// bins 31 and 32 of symmetric_log it is 0.
double bin_edge(const BinRange& range, int bin);

/// The bin in which `value` (finite) is counted: the arithmetic of the kernels that count, on the value rounded to
/// float32.
int bin_of(const BinRange& range, double value);

/// Where the bins of the next step should lie, given the step before and the range it was counted in. Ranges move in
/// powers of two and only when they must, so that neighbouring steps nearly always share one: a linear range covers
/// `min` to `max` and is given up when the values leave it or fill less than a quarter of it; a symmetric_log range
/// covers 2^-20 to 1 and grows by factors of 16 to hold the largest magnitude, and eight octaves below it.
BinRange next_range(BinScale scale, const Summary& before);

/// Merges summaries of different steps of one quantity: counts and bins add up, extremes widen, moments combine; the
/// norm becomes the root of the mean square norm, `a` standing for `steps_a` steps and `b` for `steps_b`. Bins of
/// different ranges are put where their centres fall in the range that holds both (of different scales: in that of
/// `b`). Should a bin no longer fit in 32 bits, all are halved and `bin_every` is doubled.
Summary merge(const Summary& a, const Summary& b, std::int64_t steps_a = 1, std::int64_t steps_b = 1);

} // namespace hs::trace
