#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hs {

enum class BinScale : std::uint8_t { linear, symmetric_log };

/// 64 bins over a range.
///
/// linear: bin i covers [low + i w, low + (i + 1) w) with w = (high - low) / 64; low < high.
///
/// symmetric_log: 0 < low < high are magnitudes. Bins 32..63 cover the positive magnitudes from low to high and bins
/// 31..0 the negative ones as their mirror image. They are of equal width on the scale e + f for a magnitude
/// 2^e (1 + f), 0 <= f < 1: log2 made of straight pieces (at most 0.0861 below it), which the bits of a float are
/// already. 0 and -0 are in bin 32.
///
/// A finite value outside the range belongs to the nearest bin of its sign. NaN and infinities have no bin.
struct BinRange {
    BinScale scale = BinScale::linear;
    float low = 0;
    float high = 1;
};

inline constexpr int bin_count = 64;

/// The bin of a finite value (one of a double is first rounded to float), by the same arithmetic as the kernels.
int bin_of(float value, const BinRange& range);

/// The lower edge of bin `index`, and for index 64 the upper edge of the last. On the symmetric log scale the edge
/// between bins 31 and 32 is 0, and the magnitudes up to `low` are in the bins beside it.
double bin_edge(const BinRange& range, int index);

struct SummaryRequest {
    BinRange range;
    /// 1: bins of every element. N up to `largest_bin_every`: of one run of elements in N, as first_binned_run says.
    /// 0: no bins.
    int bin_every = 1;
    /// The number of the first block, where what is summarised is a part of something longer.
    std::int64_t first_block = 0;
};

inline constexpr std::int64_t summary_block = 4096;
inline constexpr std::int64_t summary_run = 16;
inline constexpr int largest_bin_every = 128;

/// Where bins are sampled, the run of 16 elements of block `block` that is the first to be counted; every N-th after it
/// is too. It moves on from block to block, so that rows of a length that divides the block's give all their columns.
constexpr std::int64_t first_binned_run(std::int64_t block, int bin_every) {
    return block % bin_every;
}

/// What one pass over a tensor gives. All counts but those of the bins are exact for every request.
struct SummaryResult {
    std::int64_t count = 0;
    std::int64_t zeros = 0;
    std::int64_t nans = 0;
    std::int64_t positive_infinities = 0;
    std::int64_t negative_infinities = 0;
    std::int64_t binned = 0; ///< sum of the bins; the number of finite values where bin_every is 1

    // Of the finite values. With none of them: min is +Inf, max is -Inf, the others 0.
    double min = 0;
    double max = 0;
    double mean = 0;
    double square_deviation = 0; ///< sum of (x - mean)^2

    std::array<std::uint32_t, bin_count> bins{};

    std::int64_t finite() const;
    double standard_deviation() const; ///< PyTorch's `std`: divided by n - 1; NaN for less than 2 finite values
    double norm() const;               ///< root of the sum of the squares
};

/// Summary of contiguous memory, on several threads where it is long; the same result for any number of threads.
SummaryResult summarise(const float* x, std::int64_t count, const SummaryRequest& request);
SummaryResult summarise(const double* x, std::int64_t count, const SummaryRequest& request);
SummaryResult summarise(const std::int64_t* x, std::int64_t count, const SummaryRequest& request);
SummaryResult summarise(const std::int32_t* x, std::int64_t count, const SummaryRequest& request);
SummaryResult summarise(const std::uint8_t* x, std::int64_t count, const SummaryRequest& request);
SummaryResult summarise(const bool* x, std::int64_t count, const SummaryRequest& request);

/// Of one block: the number of its finite values, their mean and the sum of (x - mean)^2.
struct SummaryMoments {
    double count = 0;
    double mean = 0;
    double square_deviation = 0;
};

/// Joins the moments of blocks in their order.
SummaryMoments join_moments(std::span<const SummaryMoments> blocks);

/// Adds what `part` saw to `whole`. A SummaryResult of count 0 takes part without effect.
void merge(SummaryResult& whole, const SummaryResult& part);

/// One thread's part of summarise(), which begins with a whole block: overwrites *result, all but its mean and
/// square_deviation, and `moments`, one a block. No block's moments depend on another block.
struct SummaryKernels {
    void (*summarise)(const float* x, std::int64_t count, const SummaryRequest& request, SummaryResult* result,
                      SummaryMoments* moments);
    void (*summarise_double)(const double* x, std::int64_t count, const SummaryRequest& request, SummaryResult* result,
                             SummaryMoments* moments);
};

} // namespace hs
