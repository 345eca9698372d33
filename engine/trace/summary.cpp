#include "engine/trace/summary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace hs::trace {

namespace {

constexpr int half = bin_count / 2;

/// The bits of |x| as an integer: e + f of the header, times 2^23.
std::int32_t magnitude_bits(float x) {
    return std::bit_cast<std::int32_t>(std::fabs(x));
}

BinRange linear_range(const Summary& before) {
    const double span = before.max - before.min;
    const BinRange& old = before.range;
    const bool covers = old.low <= before.min && before.max <= old.high;
    if (old.scale == BinScale::linear && covers && span * 4 >= old.high - old.low) return old;
    if (before.min == 0 && before.max == 0) return {};
    // Values that are all alike need some width too.
    const double wanted = std::max({span, std::fabs(before.min) * 1e-3, std::fabs(before.max) * 1e-3, 1e-30});
    double width = std::exp2(std::ceil(std::log2(wanted / bin_count)));
    double low = std::floor(before.min / width) * width;
    if (before.max > low + width * bin_count) {
        width *= 2;
        low = std::floor(before.min / width) * width;
    }
    // The range is used in float32, where its width must stay finite.
    constexpr double limit = std::numeric_limits<float>::max() / 4;
    return {BinScale::linear, std::clamp(low, -limit, limit / 2),
            std::clamp(low + width * bin_count, -limit / 2, limit)};
}

BinRange log_range(const Summary& before) {
    const double largest = std::max(std::fabs(before.min), std::fabs(before.max));
    const auto power_of_16 = [](double x) { return std::exp2(4 * std::ceil(std::log2(x) / 4)); };
    BinRange range{BinScale::symmetric_log, std::exp2(-20), 1};
    if (!(largest > 0)) return range;
    range.high = std::clamp(power_of_16(largest), range.high, std::exp2(124));
    range.low = std::clamp(power_of_16(largest) / 4096, std::exp2(-124), range.low);
    return range;
}

/// Adds the bins of `from` to `to`, whose range may differ, each multiplied by `weight`.
void add_bins(std::array<double, bin_count>& to, const BinRange& range, const Summary& from, double weight) {
    for (int i = 0; i < bin_count; ++i) {
        const std::uint32_t count = from.bins[static_cast<std::size_t>(i)];
        if (count == 0) continue;
        int bin = i;
        if (!(range == from.range)) {
            const double centre = (bin_edge(from.range, i) + bin_edge(from.range, i + 1)) / 2;
            bin = bin_of(range, centre);
        }
        to[static_cast<std::size_t>(bin)] += count * weight;
    }
}

/// The usual case, in integers; false if a bin would not fit.
bool merge_like_bins(Summary& result, const Summary& a, const Summary& b) {
    if (!(a.range == b.range) || a.bin_every != b.bin_every) return false;
    result.range = b.range;
    result.bin_every = b.bin_every;
    bool overflow = false;
    for (std::size_t i = 0; i < a.bins.size(); ++i) {
        result.bins[i] = a.bins[i] + b.bins[i];
        overflow |= result.bins[i] < a.bins[i];
    }
    return !overflow;
}

void merge_bins(Summary& result, const Summary& a, const Summary& b) {
    if (merge_like_bins(result, a, b)) return;
    if (a.range == b.range || a.range.scale != b.range.scale)
        result.range = b.range;
    else
        result.range = {b.range.scale, std::min(a.range.low, b.range.low), std::max(a.range.high, b.range.high)};
    // A bin entry stands for bin_every elements; both are counted in the coarser measure.
    result.bin_every = std::max({a.bin_every, b.bin_every, 1u});
    std::array<double, bin_count> bins{};
    add_bins(bins, result.range, a, static_cast<double>(std::max(a.bin_every, 1u)) / result.bin_every);
    add_bins(bins, result.range, b, static_cast<double>(std::max(b.bin_every, 1u)) / result.bin_every);
    double scale = 1;
    const double largest = *std::max_element(bins.begin(), bins.end());
    while (largest * scale > std::numeric_limits<std::uint32_t>::max()) {
        scale /= 2;
        result.bin_every *= 2;
    }
    for (std::size_t i = 0; i < bins.size(); ++i)
        result.bins[i] = static_cast<std::uint32_t>(std::lround(bins[i] * scale));
}

std::int64_t finite_count(const Summary& s) {
    return s.count - s.nan - s.positive_inf - s.negative_inf;
}

/// Mean and deviation of both together (Chan, Golub and LeVeque 1979).
void merge_moments(Summary& result, const Summary& a, const Summary& b) {
    const auto count_a = static_cast<double>(finite_count(a));
    const auto count_b = static_cast<double>(finite_count(b));
    const double count = count_a + count_b;
    if (count == 0) return;
    result.min = count_a == 0 ? b.min : count_b == 0 ? a.min : std::min(a.min, b.min);
    result.max = count_a == 0 ? b.max : count_b == 0 ? a.max : std::max(a.max, b.max);
    const double delta = b.mean - a.mean;
    result.mean = count_a == 0 ? b.mean : a.mean + delta * (count_b / count);
    const double deviation = a.std * a.std * std::max(count_a - 1, 0.0) + b.std * b.std * std::max(count_b - 1, 0.0) +
                             (count_a > 0 && count_b > 0 ? delta * delta * (count_a / count) * count_b : 0);
    result.std = count > 1 ? std::sqrt(deviation / (count - 1)) : 0;
}

} // namespace

double bin_edge(const BinRange& range, int bin) {
    if (range.scale == BinScale::linear) {
        const double low = static_cast<float>(range.low);
        return low + (static_cast<double>(static_cast<float>(range.high)) - low) * bin / bin_count;
    }
    if (bin == half) return 0;
    const std::int32_t low = magnitude_bits(static_cast<float>(range.low));
    const std::int32_t high = magnitude_bits(static_cast<float>(range.high));
    const double position = static_cast<double>(std::abs(bin - half)) / half;
    const auto bits = static_cast<std::int32_t>(std::lround(low + (static_cast<double>(high) - low) * position));
    const double magnitude = std::bit_cast<float>(bits);
    return bin > half ? magnitude : -magnitude;
}

int bin_of(const BinRange& range, double value) {
    const auto x = static_cast<float>(value);
    const auto low = static_cast<float>(range.low);
    const auto high = static_cast<float>(range.high);
    if (range.scale == BinScale::linear) {
        const float scale = static_cast<float>(bin_count) / (high - low);
        return static_cast<int>(std::clamp((x - low) * scale, 0.0f, static_cast<float>(bin_count - 1)));
    }
    const std::int32_t first = magnitude_bits(low);
    const float scale = static_cast<float>(half) / static_cast<float>(magnitude_bits(high) - first);
    const float position = static_cast<float>(magnitude_bits(x) - first) * scale;
    const int bin = static_cast<int>(std::clamp(position, 0.0f, static_cast<float>(half - 1)));
    return x < 0 ? half - 1 - bin : half + bin;
}

BinRange next_range(BinScale scale, const Summary& before) {
    return scale == BinScale::linear ? linear_range(before) : log_range(before);
}

Summary merge(const Summary& a, const Summary& b, std::int64_t steps_a, std::int64_t steps_b) {
    Summary result;
    result.count = a.count + b.count;
    result.zeros = a.zeros + b.zeros;
    result.nan = a.nan + b.nan;
    result.positive_inf = a.positive_inf + b.positive_inf;
    result.negative_inf = a.negative_inf + b.negative_inf;
    merge_moments(result, a, b);
    const auto weight_a = static_cast<double>(steps_a);
    const auto weight_b = static_cast<double>(steps_b);
    result.norm = std::sqrt((a.norm * a.norm * weight_a + b.norm * b.norm * weight_b) / (weight_a + weight_b));
    merge_bins(result, a, b);
    return result;
}

} // namespace hs::trace
