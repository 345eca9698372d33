// This file is compiled once; it uses the kernels' arithmetic under a name of its own.
#define HOOKSCOPE_VECTOR_BUILD vector_host

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/vector/bin_scale.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hs {

namespace {

/// Summarises fixed pieces and joins them in order. `part(begin, count, request, result)` does one piece.
///
/// Each thread goes from its last piece to its first: what made the tensor went the other way, so that of a large one
/// it is the end that is still in the cache, and what reads it next begins with what is left there now.
template <class Part>
SummaryResult summarise_pieces(std::int64_t count, const SummaryRequest& request, Part part) {
    constexpr std::int64_t piece = summary_piece_blocks * summary_block;
    constexpr std::int64_t grain = 4; // pieces that take longer than waking a thread
    if (count <= piece) {
        SummaryResult result;
        part(0, count, request, &result);
        return result;
    }
    std::vector<SummaryResult> results(static_cast<std::size_t>((count + piece - 1) / piece));
    parallel_for(static_cast<std::int64_t>(results.size()), grain, [&](std::int64_t first, std::int64_t last) {
        SummaryRequest request_of_piece = request;
        for (std::int64_t index = last; index-- > first;) {
            request_of_piece.first_block = index * summary_piece_blocks;
            part(index * piece, std::min(piece, count - index * piece), request_of_piece,
                 &results[static_cast<std::size_t>(index)]);
        }
    });
    SummaryResult whole = results.front();
    for (std::size_t i = 1; i < results.size(); ++i)
        merge(whole, results[i]);
    return whole;
}

template <class Integer>
SummaryResult summarise_integers(const Integer* x, std::int64_t count, const SummaryRequest& request) {
    const auto part = [x](std::int64_t begin, std::int64_t n, const SummaryRequest& of_piece, SummaryResult* result) {
        if constexpr (sizeof(Integer) == 1) {
            const std::vector<float> values(x + begin, x + begin + n);
            vector_kernels().summary.summarise(values.data(), n, of_piece, result);
        } else {
            std::vector<double> values(static_cast<std::size_t>(n));
            std::transform(x + begin, x + begin + n, values.begin(),
                           [](Integer value) { return static_cast<double>(value); });
            vector_kernels().summary.summarise_double(values.data(), n, of_piece, result);
        }
    };
    return summarise_pieces(count, request, part);
}

} // namespace

SummaryResult summarise(const float* x, std::int64_t count, const SummaryRequest& request) {
    const auto part = [x](std::int64_t begin, std::int64_t n, const SummaryRequest& of_piece, SummaryResult* result) {
        vector_kernels().summary.summarise(x + begin, n, of_piece, result);
    };
    return summarise_pieces(count, request, part);
}

SummaryResult summarise(const double* x, std::int64_t count, const SummaryRequest& request) {
    const auto part = [x](std::int64_t begin, std::int64_t n, const SummaryRequest& of_piece, SummaryResult* result) {
        vector_kernels().summary.summarise_double(x + begin, n, of_piece, result);
    };
    return summarise_pieces(count, request, part);
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

void merge(SummaryResult& whole, const SummaryResult& part) {
    if (part.count == 0) return;
    if (whole.count == 0) {
        whole = part;
        return;
    }
    const auto a = static_cast<double>(whole.finite());
    const auto b = static_cast<double>(part.finite());
    if (b > 0) {
        const double distance = part.mean - whole.mean;
        whole.square_deviation += part.square_deviation + distance * distance * (a * b / (a + b));
        whole.mean += distance * (b / (a + b));
    }
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
