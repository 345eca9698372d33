#pragma once

#include "engine/kernels/cpu/vector/summary.h"
#include "engine/kernels/cpu/vector/vector_math.h"

/// The bin of a float as the kernels compute it. The operations cannot be fused or reordered, so that every build, and
/// bin_of, find the same bin.
namespace hs::HOOKSCOPE_VECTOR_BUILD {

struct LinearBins {
    float low, factor;

    explicit LinearBins(const BinRange& range)
        : low(range.low), factor(range.high > range.low ? 64.0F / (range.high - range.low) : 0.0F) {}

    std::int32_t operator()(float x) const {
        float position = (x - low) * factor;
        position = position > 0.0F ? position : 0.0F; // also for a NaN
        position = position < 63.0F ? position : 63.0F;
        return static_cast<std::int32_t>(position);
    }
};

struct SymmetricLogBins {
    std::int32_t low;
    float factor;

    explicit SymmetricLogBins(const BinRange& range)
        : low(range.low > 0.0F ? bits_of(range.low) : 0),
          factor(range.low > 0.0F && range.high > range.low ? 32.0F / static_cast<float>(bits_of(range.high) - low)
                                                            : 0.0F) {}

    std::int32_t operator()(float x) const {
        float position = static_cast<float>((bits_of(x) & 0x7fffffff) - low) * factor;
        position = position > 0.0F ? position : 0.0F;
        position = position < 31.0F ? position : 31.0F;
        const auto place = static_cast<std::int32_t>(position);
        return x < 0.0F ? 31 - place : 32 + place;
    }
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
