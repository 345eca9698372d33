#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace hs {

/// IEEE 754's binary16: 5 bits of exponent, 10 of fraction. Stored so; computed with as float.
class Half {
  public:
    Half() = default;
    template <class T>
    requires std::convertible_to<T, float> &&(!std::same_as<T, Half>)explicit Half(T value)
        : bits_(from_float(static_cast<float>(value))) {}
    operator float() const { return to_float(bits_); }

  private:
    /// To the nearest, ties to even; what is too large becomes infinite.
    static std::uint16_t from_float(float value) {
        const auto word = std::bit_cast<std::uint32_t>(value);
        const auto sign = static_cast<std::uint16_t>(word >> 16 & 0x8000u);
        const std::uint32_t size = word & 0x7fffffffu;
        if (size > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u); // NaN
        if (size >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
        if (size < 0x38800000u) { // below the least normal number: adding 0.5 rounds to a multiple of 2^-24
            const float shifted = std::bit_cast<float>(size) + 0.5f;
            return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
        }
        const std::uint32_t odd = size >> 13 & 1u;
        return static_cast<std::uint16_t>(sign | ((size - 0x38000000u + 0xfffu + odd) >> 13));
    }
    static float to_float(std::uint16_t bits) {
        const std::uint32_t sign = (bits & 0x8000u) << 16, size = bits & 0x7fffu;
        if (size >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (size & 0x3ffu) << 13);
        if (size >= 0x400u) return std::bit_cast<float>(sign | ((size << 13) + 0x38000000u));
        const float small = static_cast<float>(size) * 0x1p-24f;
        return sign ? -small : small;
    }

    std::uint16_t bits_ = 0;
};

/// The upper half of a float: 8 bits of exponent, 7 of fraction.
class BFloat16 {
  public:
    BFloat16() = default;
    template <class T>
    requires std::convertible_to<T, float> &&(!std::same_as<T, BFloat16>)explicit BFloat16(T value)
        : bits_(from_float(static_cast<float>(value))) {}
    operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16); }

  private:
    /// To the nearest, ties to even.
    static std::uint16_t from_float(float value) {
        const auto word = std::bit_cast<std::uint32_t>(value);
        if (value != value) return 0x7fc0u;
        return static_cast<std::uint16_t>((word + 0x7fffu + (word >> 16 & 1u)) >> 16);
    }

    std::uint16_t bits_ = 0;
};

} // namespace hs
