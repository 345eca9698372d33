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

/// Where the bins lie. linear: `low` < `high` are values. symmetric_log: 0 < `low` < `high` are magnitudes; values
/// nearer to zero than `low` (zeros too) fall into bin 31 or 32 by their sign. Values outside go to the edge bins.
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
    std::uint32_t bin_every = 1; ///< 1: every element is in the bins; N: one block of elements in N
    std::array<std::uint32_t, bin_count> bins{};

    bool finite() const { return nan + positive_inf + negative_inf == 0; }
    double zero_fraction() const { return count ? static_cast<double>(zeros) / static_cast<double>(count) : 0; }
};

/// Lower edge of bin `bin` (0 to 64: 64 gives the upper edge of the last one).
double bin_edge(const BinRange& range, int bin);

/// The bin in which `value` (finite) is counted.
int bin_of(const BinRange& range, double value);

/// Merges summaries of different steps of one quantity: counts and bins add up, extremes widen, moments combine; the
/// norm becomes the root of the mean square norm. Bins of another range are put where their centres fall.
Summary merge(const Summary& a, const Summary& b);

} // namespace hs::trace
