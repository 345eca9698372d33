// This file is compiled once; it uses the kernels' arithmetic under a name of its own.
#define HOOKSCOPE_VECTOR_BUILD vector_host

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/vector/bin_scale.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <type_traits>
#include <vector>

namespace hs {

namespace {

/// All but the moments. In whatever order parts are added, the whole is the same.
void add_counts(SummaryResult& whole, const SummaryResult& part) {
    whole.min = std::min(whole.min, part.min);
    whole.max = std::max(whole.max, part.max);
    whole.count += part.count;
    whole.zeros += part.zeros;
    whole.nans += part.nans;
    whole.positive_infinities += part.positive_infinities;
    whole.negative_infinities += part.negative_infinities;
    whole.binned += part.binned;
    for (std::size_t i = 0; i < whole.bins.size(); ++i)
        whole.bins[i] += part.bins[i];
}

void set_moments(SummaryResult& result, std::span<const SummaryMoments> blocks) {
    // Of 0 and -0 either may have been met first.
    result.min += 0.0;
    result.max += 0.0;
    const SummaryMoments joined = join_moments(blocks);
    result.mean = joined.mean;
    result.square_deviation = joined.square_deviation;
}

/// Summarises ranges of blocks, one a thread, and joins the moments of all blocks in order.
/// `part(begin, end, request, result, moments)` does one range.
///
/// The ranges are nearly those in which the kernels made the tensor: each processor has its own in its cache, and what
/// another one reads of it, it does not get back for nothing. Each thread goes from its last block to its first: what
/// made the tensor went the other way, so that of a large one it is the end that is still in the cache, and what reads
/// it next begins with what is left there now.
template <class Part>
SummaryResult summarise_blocks(std::int64_t count, const SummaryRequest& request, Part part) {
    constexpr std::int64_t block = summary_block;
    constexpr std::int64_t grain = 32'768 / block; // that of the elementwise kernels
    if (count <= block) {
        SummaryResult result;
        SummaryMoments moments;
        part(0, count, request, &result, &moments);
        set_moments(result, {&moments, 1});
        return result;
    }
    std::vector<SummaryMoments> moments(static_cast<std::size_t>((count + block - 1) / block));
    SummaryResult whole;
    std::mutex joining;
    parallel_for(static_cast<std::int64_t>(moments.size()), grain, [&](std::int64_t first, std::int64_t last) {
        SummaryRequest own = request;
        own.first_block += first;
        SummaryResult result;
        part(first * block, std::min(last * block, count), own, &result, moments.data() + first);
        const std::lock_guard lock(joining);
        if (whole.count == 0)
            whole = result;
        else
            add_counts(whole, result);
    });
    set_moments(whole, moments);
    return whole;
}

/// Integers are converted a few blocks at a time: a copy of the whole would take several times its memory.
template <class Integer>
SummaryResult summarise_integers(const Integer* x, std::int64_t count, const SummaryRequest& request) {
    using Real = std::conditional_t<sizeof(Integer) == 1, float, double>;
    constexpr std::int64_t blocks = 8;
    const auto part = [x](std::int64_t begin, std::int64_t end, const SummaryRequest& range, SummaryResult* result,
                          SummaryMoments* moments) {
        std::vector<Real> values;
        SummaryRequest own = range;
        for (std::int64_t at = begin; at < end; at += blocks * summary_block) {
            const std::int64_t last = std::min(at + blocks * summary_block, end);
            values.resize(static_cast<std::size_t>(last - at));
            std::transform(x + at, x + last, values.begin(), [](Integer value) { return static_cast<Real>(value); });
            SummaryResult few;
            if constexpr (sizeof(Integer) == 1)
                vector_kernels().summary.summarise(values.data(), last - at, own, &few, moments);
            else
                vector_kernels().summary.summarise_double(values.data(), last - at, own, &few, moments);
            if (at == begin)
                *result = few;
            else
                add_counts(*result, few);
            own.first_block += blocks;
            moments += blocks;
        }
    };
    return summarise_blocks(count, request, part);
}

} // namespace

SummaryResult summarise(const float* x, std::int64_t count, const SummaryRequest& request) {
    const auto part = [x](std::int64_t begin, std::int64_t end, const SummaryRequest& own, SummaryResult* result,
                          SummaryMoments* moments) {
        vector_kernels().summary.summarise(x + begin, end - begin, own, result, moments);
    };
    return summarise_blocks(count, request, part);
}

SummaryResult summarise(const double* x, std::int64_t count, const SummaryRequest& request) {
    const auto part = [x](std::int64_t begin, std::int64_t end, const SummaryRequest& own, SummaryResult* result,
                          SummaryMoments* moments) {
        vector_kernels().summary.summarise_double(x + begin, end - begin, own, result, moments);
    };
    return summarise_blocks(count, request, part);
}

SummaryResult summarise(const std::int64_t* x, std::int64_t count, const SummaryRequest& request) {
    return summarise_integers(x, count, request);
}

SummaryResult summarise(const std::int32_t* x, std::int64_t count, const SummaryRequest& request) {
    return summarise_integers(x, count, request);
}

SummaryResult summarise(const std::uint8_t* x, std::int64_t count, const SummaryRequest& request) {
    return summarise_integers(x, count, request);
}

SummaryResult summarise(const bool* x, std::int64_t count, const SummaryRequest& request) {
    return summarise_integers(x, count, request);
}

SummaryMoments join_moments(std::span<const SummaryMoments> blocks) {
    SummaryMoments joined;
    for (const SummaryMoments& block : blocks)
        joined.count += block.count;
    if (joined.count == 0) return joined;
    // From the mean of a block on, so that the deviation of a constant is 0.
    const auto finite = [](const SummaryMoments& block) { return block.count > 0; };
    const double centre = std::ranges::find_if(blocks, finite)->mean;
    for (const SummaryMoments& block : blocks)
        if (finite(block)) joined.mean += (block.mean - centre) * (block.count / joined.count);
    joined.mean += centre;
    for (const SummaryMoments& block : blocks) {
        if (!finite(block)) continue;
        const double distance = block.mean - joined.mean;
        joined.square_deviation += block.square_deviation + distance * distance * block.count;
    }
    return joined;
}

void merge(SummaryResult& whole, const SummaryResult& part) {
    if (part.count == 0) return;
    if (whole.count == 0) {
        whole = part;
        return;
    }
    const SummaryMoments moments[]{{static_cast<double>(whole.finite()), whole.mean, whole.square_deviation},
                                   {static_cast<double>(part.finite()), part.mean, part.square_deviation}};
    set_moments(whole, moments);
    add_counts(whole, part);
}

std::int64_t SummaryResult::finite() const {
    return count - nans - positive_infinities - negative_infinities;
}

double SummaryResult::standard_deviation() const {
    if (finite() < 2) return std::numeric_limits<double>::quiet_NaN();
    return std::sqrt(square_deviation / static_cast<double>(finite() - 1));
}

double SummaryResult::norm() const {
    return std::sqrt(square_deviation + mean * mean * static_cast<double>(finite()));
}

int bin_of(float value, const BinRange& range) {
    if (range.scale == BinScale::linear) return vector_host::LinearBins(range)(value);
    return vector_host::SymmetricLogBins(range)(value);
}

double bin_edge(const BinRange& range, int index) {
    const auto low = static_cast<double>(range.low);
    const auto high = static_cast<double>(range.high);
    if (range.scale == BinScale::linear) return low + (high - low) * index / bin_count;
    if (index < 32) return -bin_edge(range, 64 - index);
    if (index == 32) return 0;
    // The bits of a positive float are 2^23 (e + f) with e biased by 127; at e = 0 the straight piece goes on to zero.
    const std::int32_t from = vector_host::bits_of(range.low);
    const std::int32_t to = vector_host::bits_of(range.high);
    const double position = (from + (static_cast<double>(to) - from) * (index - 32) / 32) / 8388608.0;
    const double exponent = std::floor(position);
    if (exponent < 1) return std::ldexp(position, -126);
    return std::ldexp(1 + position - exponent, static_cast<int>(exponent) - 127);
}

} // namespace hs
