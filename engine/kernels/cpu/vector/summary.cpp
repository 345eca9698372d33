#include "engine/kernels/cpu/vector/summary.h"

#include "engine/kernels/cpu/vector/bin_scale.h"
#include "engine/kernels/cpu/vector/builds.h"

#include <limits>
#if defined(__AVX512F__)
// GCC 12 takes the header's undefined vectors for mistakes (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

constexpr int block = summary_block;

template <class T>
inline bool is_finite(T x) {
    return x - x == T(0);
}

/// Of `n` finite values of which the sums of (x - centre) and (x - centre)^2 are known.
inline SummaryMoments moments_of(double n, double centre, double sum, double squares) {
    if (n == 0) return {};
    const double within = squares - sum * (sum / n);
    return {n, centre + sum / n, within > 0 ? within : 0};
}

/// Of one block. Sums in float, of x - centre and of its square; `zeros` counts 0 and -0.
struct BlockSums {
    float sum = 0, squares = 0;
    float low = std::numeric_limits<float>::max(), high = -std::numeric_limits<float>::max();
    std::int32_t zeros = 0;
};

#if defined(__AVX512F__)

/// One of the accumulators that take turns, since each waits for the latency of its additions.
struct Lanes {
    __m512 sum = _mm512_setzero_ps(), squares = _mm512_setzero_ps();
    __m512 low = _mm512_set1_ps(BlockSums().low), high = _mm512_set1_ps(BlockSums().high);

    /// Returns how many of the values that `mask` names are zeros: from compare masks, which are counted in other units
    /// of the processor than the additions. No compiler does that by itself.
    template <bool centred>
    std::int32_t add(__mmask16 mask, __m512 x, __m512 centre) {
        const __m512 deviation = centred ? _mm512_maskz_sub_ps(mask, x, centre) : x;
        sum = _mm512_add_ps(sum, deviation);
        squares = _mm512_fmadd_ps(deviation, deviation, squares);
        low = _mm512_mask_min_ps(low, mask, x, low); // of a NaN the second operand stays
        high = _mm512_mask_max_ps(high, mask, x, high);
        return __builtin_popcount(_mm512_mask_cmp_ps_mask(mask, x, _mm512_setzero_ps(), _CMP_EQ_OQ));
    }
    void join(const Lanes& other) {
        sum = _mm512_add_ps(sum, other.sum);
        squares = _mm512_add_ps(squares, other.squares);
        low = _mm512_min_ps(low, other.low);
        high = _mm512_max_ps(high, other.high);
    }
};

/// Meanwhile what lies at `next` is brought to the cache: the processor does not look beyond a page by itself.
template <bool centred>
inline BlockSums sum_block(const float* x, Index count, float of_centre, const float* next) {
    constexpr Index width = 16;
    constexpr __mmask16 all = 0xffff;
    const __m512 centre = _mm512_set1_ps(of_centre);
    Lanes lanes[4];
    std::int32_t zeros = 0;
    Index i = 0;
    for (; i + 4 * width <= count; i += 4 * width) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k)
            _mm_prefetch(reinterpret_cast<const char*>(next + i + k * width), _MM_HINT_T1);
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k)
            zeros += lanes[k].add<centred>(all, _mm512_loadu_ps(x + i + k * width), centre);
    }
    for (; i < count; i += width) {
        const auto mask = static_cast<__mmask16>(count - i < width ? (1U << (count - i)) - 1 : all);
        zeros += lanes[0].add<centred>(mask, _mm512_maskz_loadu_ps(mask, x + i), centre);
    }
    lanes[0].join(lanes[1]);
    lanes[2].join(lanes[3]);
    lanes[0].join(lanes[2]);
    return {_mm512_reduce_add_ps(lanes[0].sum), _mm512_reduce_add_ps(lanes[0].squares),
            _mm512_reduce_min_ps(lanes[0].low), _mm512_reduce_max_ps(lanes[0].high), zeros};
}

#else

inline std::int32_t count_zeros(const float* x, Index count) {
    std::int32_t zeros = 0;
#pragma omp simd reduction(+ : zeros)
    for (Index i = 0; i < count; ++i)
        zeros += x[i] == 0.0F ? 1 : 0;
    return zeros;
}

/// Two halves are added up side by side, since one waits for the latency of its additions. Without `centred` the centre
/// is 0, and the subtraction saved.
template <bool centred>
inline BlockSums sum_block(const float* x, Index count, float centre, const float* /*next*/) {
    const Index half = count / 2;
    const BlockSums none;
    float sum = 0, squares = 0, other_sum = 0, other_squares = 0;
    float low = none.low, high = none.high, other_low = none.low, other_high = none.high;
#pragma omp simd reduction(+ : sum, squares, other_sum, other_squares) reduction(min : low, other_low)                 \
    reduction(max : high, other_high)
    for (Index i = 0; i < half; ++i) {
        const float value = x[i];
        const float other = x[half + i];
        const float deviation = centred ? value - centre : value;
        const float other_deviation = centred ? other - centre : other;
        sum += deviation;
        other_sum += other_deviation;
        squares += deviation * deviation;
        other_squares += other_deviation * other_deviation;
        low = value < low ? value : low;
        other_low = other < other_low ? other : other_low;
        high = value > high ? value : high;
        other_high = other > other_high ? other : other_high;
    }
    if (count > 2 * half) {
        const float value = x[count - 1];
        const float deviation = centred ? value - centre : value;
        sum += deviation;
        squares += deviation * deviation;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    low = other_low < low ? other_low : low;
    high = other_high > high ? other_high : high;
    const std::int32_t zeros = low <= 0 && high >= 0 ? count_zeros(x, count) : 0;
    return {sum + other_sum, squares + other_squares, low, high, zeros};
}

#endif

/// One block whose values are ordinary: the whole in float. False if it holds a NaN or an infinity, or if its squares
/// leave the range of float. `next` is where the block lies that follows.
inline bool ordinary_block(const float* x, Index count, const float* next, SummaryMoments& moments,
                           SummaryResult& result) {
    const auto n = static_cast<float>(count);
    BlockSums block_sums = sum_block<false>(x, count, 0, next);
    if (!is_finite(block_sums.squares)) return false;
    // Where the mean is large beside the deviation, the squares have no digits left for it.
    const bool around_zero = block_sums.sum * block_sums.sum <= 0.75F * n * block_sums.squares;
    const float centre = around_zero ? 0 : block_sums.sum / n;
    if (!around_zero) block_sums = sum_block<true>(x, count, centre, x);
    const auto [sum, squares, low, high, zeros] = block_sums;
    const float reach = high - centre > centre - low ? high - centre : centre - low;
    if (!is_finite(squares) || (reach != 0.0F && reach < 1e-16F)) return false;
    moments = moments_of(static_cast<double>(count), static_cast<double>(centre), static_cast<double>(sum),
                         static_cast<double>(squares));
    result.zeros += zeros;
    if (static_cast<double>(low) < result.min) result.min = static_cast<double>(low);
    if (static_cast<double>(high) > result.max) result.max = static_cast<double>(high);
    return true;
}

/// A value near the mean of the block: that of the first finite values.
template <class T>
inline double first_centre(const T* x, Index count) {
    double sum = 0, n = 0;
    for (Index i = 0; i < least(count, 64); ++i) {
        if (!is_finite(x[i])) continue;
        sum += static_cast<double>(x[i]);
        n += 1;
    }
    return n > 0 ? sum / n : 0;
}

/// One block of any values, in double.
template <class T>
inline void careful_block(const T* x, Index count, SummaryMoments& moments, SummaryResult& result) {
    const double centre = first_centre(x, count);
    double sum = 0, squares = 0, low = result.min, high = result.max;
    std::int64_t zeros = 0, nans = 0, above = 0, below = 0;
#pragma omp simd reduction(+ : sum, squares, zeros, nans, above, below) reduction(min : low) reduction(max : high)
    for (Index i = 0; i < count; ++i) {
        const auto value = static_cast<double>(x[i]);
        const bool finite = is_finite(value);
        const double deviation = finite ? value - centre : 0.0;
        sum += deviation;
        squares += deviation * deviation;
        const double least_of = finite ? value : low;
        const double greatest_of = finite ? value : high;
        low = least_of < low ? least_of : low;
        high = greatest_of > high ? greatest_of : high;
        zeros += value == 0.0 ? 1 : 0;
        nans += value != value ? 1 : 0;
        above += value > std::numeric_limits<double>::max() ? 1 : 0;
        below += value < -std::numeric_limits<double>::max() ? 1 : 0;
    }
    moments = moments_of(static_cast<double>(count - nans - above - below), centre, sum, squares);
    result.min = low;
    result.max = high;
    result.zeros += zeros;
    result.nans += nans;
    result.positive_infinities += above;
    result.negative_infinities += below;
}

/// Counters of the bins. Neighbouring elements, which often share a bin, count in different tables: an increment need
/// not wait for the one before it.
struct Counters {
    static constexpr int tables = 8;
    static constexpr int slots = bin_count + 1; ///< the last one for what has no bin
    std::uint32_t counts[tables][slots + 15] = {};

    void add(const std::uint8_t* bins, Index count) {
        Index i = 0;
        for (; i + tables <= count; i += tables) {
            std::uint64_t eight;
            __builtin_memcpy(&eight, bins + i, sizeof eight);
            for (int table = 0; table < tables; ++table)
                ++counts[table][(eight >> (8 * table)) & 0xff];
        }
        for (int table = 0; i < count; ++i, ++table)
            ++counts[table][bins[i]];
    }

    void finish(SummaryResult& result) const {
        std::uint32_t* bins = result.bins.data();
        for (const auto& table : counts) {
            HOOKSCOPE_SIMD
            for (int bin = 0; bin < bin_count; ++bin)
                bins[bin] += table[bin];
        }
        for (int bin = 0; bin < bin_count; ++bin)
            result.binned += bins[bin];
    }
};

/// Bins of `count` elements; `checked` where there may be values without a bin.
template <bool checked, class T, class Bins>
inline void bin_all(const T* x, Index count, const Bins& bin, Counters& counters) {
    alignas(64) std::uint8_t bins[block];
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i) {
        const std::int32_t place = bin(static_cast<float>(x[i]));
        bins[i] = static_cast<std::uint8_t>(!checked || is_finite(x[i]) ? place : bin_count);
    }
    counters.add(bins, count);
}

/// What is counted of blocks whose bins are sampled. A few runs of each block are brought together until there are
/// many: to count few at a time takes several times as long.
template <class T, class Bins>
class Sampler {
  public:
    Sampler(int every, const Bins& bin, Counters& counters) : every_(every), bin_(bin), counters_(counters) {}

    /// Of block `number`: everything, or every `every`-th run. `ordinary`: it has no values without a bin.
    void add(const T* x, Index count, Index number, bool ordinary) {
        if (every_ <= 0) return;
        if (every_ == 1)
            return ordinary ? bin_all<false>(x, count, bin_, counters_) : bin_all<true>(x, count, bin_, counters_);
        if (filled_ > block - most) finish();
        ordinary_ = ordinary_ && ordinary;
        for (Index i = first_binned_run(number, every_) * summary_run; i < count; i += every_ * summary_run) {
            const Index n = least(summary_run, count - i);
            if (n == summary_run) {
                __builtin_memcpy(values_ + filled_, x + i, summary_run * sizeof(T));
            } else {
                for (Index k = 0; k < n; ++k)
                    values_[filled_ + k] = x[i + k];
            }
            filled_ += n;
        }
    }
    void finish() {
        if (filled_ == 0) return;
        if (ordinary_) {
            bin_all<false>(values_, filled_, bin_, counters_);
        } else {
            bin_all<true>(values_, filled_, bin_, counters_);
        }
        filled_ = 0;
        ordinary_ = true;
    }

  private:
    static constexpr Index most = block / 2; ///< that a block adds

    const int every_;
    const Bins& bin_;
    Counters& counters_;
    Index filled_ = 0;
    bool ordinary_ = true;
    alignas(64) T values_[block];
};

/// From the last block to the first, see summarise_blocks in summarise.cpp.
template <class T, class Bins>
inline void summarise_part(const T* x, Index count, const SummaryRequest& request, const Bins& bin,
                           SummaryResult& result, SummaryMoments* moments) {
    Counters counters;
    Sampler<T, Bins> sampler(request.bin_every, bin, counters);
    for (Index index = (count + block - 1) / block; index-- > 0;) {
        const Index begin = index * block;
        const Index n = least(block, count - begin);
        bool ordinary = false;
        if constexpr (sizeof(T) == sizeof(float)) {
            const T* next = x + (index > 0 ? begin - block : begin);
            ordinary = ordinary_block(x + begin, n, next, moments[index], result);
        }
        if (!ordinary) careful_block(x + begin, n, moments[index], result);
        sampler.add(x + begin, n, request.first_block + index, ordinary);
    }
    sampler.finish();
    counters.finish(result);
}

template <class T>
inline void summarise_any(const T* x, Index count, const SummaryRequest& request, SummaryResult* result,
                          SummaryMoments* moments) {
    *result = SummaryResult{};
    result->count = count;
    result->min = std::numeric_limits<double>::infinity();
    result->max = -std::numeric_limits<double>::infinity();
    if (request.range.scale == BinScale::linear) {
        summarise_part(x, count, request, LinearBins(request.range), *result, moments);
    } else {
        summarise_part(x, count, request, SymmetricLogBins(request.range), *result, moments);
    }
}

void summarise(const float* x, Index count, const SummaryRequest& request, SummaryResult* result,
               SummaryMoments* moments) {
    summarise_any(x, count, request, result, moments);
}

void summarise_double(const double* x, Index count, const SummaryRequest& request, SummaryResult* result,
                      SummaryMoments* moments) {
    summarise_any(x, count, request, result, moments);
}

} // namespace

constinit const SummaryKernels summary_kernels{.summarise = summarise, .summarise_double = summarise_double};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
