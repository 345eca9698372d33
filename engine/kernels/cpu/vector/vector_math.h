#pragma once

#include "engine/kernels/cpu/vector/build.h"

#include <cstdint>
#include <limits>

/// Functions of one float without branches, for loops that the compiler turns into vector code. The polynomials are
/// minimax fits of the stated functions, made for this file (iteratively reweighted least squares on Chebyshev nodes).
namespace hs::HOOKSCOPE_VECTOR_BUILD {

inline std::int32_t bits_of(float x) {
    return __builtin_bit_cast(std::int32_t, x);
}
inline float from_bits(std::int32_t bits) {
    return __builtin_bit_cast(float, bits);
}
inline float magnitude(float x) {
    return from_bits(bits_of(x) & 0x7fffffff);
}
inline float with_sign_of(float size, float sign) {
    return from_bits(bits_of(size) | (bits_of(sign) & std::numeric_limits<std::int32_t>::min()));
}

/// e^x = 2^n e^r with |r| <= ln(2)/2; e^r = 1 + r + r^2 Q(r).
inline float exponential(float x) {
    constexpr float rounder = 12582912.0F; // 1.5 * 2^23: adding it leaves an integer in the low bits
    x = x > 89.0F ? 89.0F : x;
    x = x < -104.0F ? -104.0F : x;
    const float shifted = x * 1.44269504F + rounder;
    const float n = shifted - rounder;
    const std::int32_t power = bits_of(shifted) - bits_of(rounder);
    const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
    float q = 1.3813142358e-3F;
    q = q * r + 8.3694190433e-3F;
    q = q * r + 4.1668456833e-2F;
    q = q * r + 1.6666514789e-1F;
    q = q * r + 4.9999993051e-1F;
    const float y = q * r * r + r + 1.0F;
    // 2^n in two factors: the ends of the range pass through denormals and infinity as they should.
    const std::int32_t half = power >> 1;
    return y * from_bits((half + 127) << 23) * from_bits((power - half + 127) << 23);
}

/// log(2^e (1 + f)) with sqrt(1/2) <= 1 + f < sqrt(2); log(1 + f) = f - f^2/2 + f^3 Q(f).
inline float logarithm(float x) {
    const bool tiny = x < std::numeric_limits<float>::min();
    const float normal = tiny ? x * 8388608.0F : x;
    // From sqrt(1/2); unsigned, because the bits of a negative number (whose result is NaN in any case) would overflow.
    const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits_of(normal)) - 0x3f3504f3U);
    const float e = static_cast<float>(offset >> 23) - (tiny ? 23.0F : 0.0F);
    const float f = from_bits((offset & 0x007fffff) + 0x3f3504f3) - 1.0F;
    float q = -7.634429907e-2F;
    q = q * f + 1.2761550360e-1F;
    q = q * f + -1.3160195053e-1F;
    q = q * f + 1.4201762467e-1F;
    q = q * f + -1.6623356479e-1F;
    q = q * f + 2.0001226667e-1F;
    q = q * f + -2.5000821056e-1F;
    q = q * f + 3.3333331710e-1F;
    const float square = f * f;
    const float small = q * f * square + e * -2.12194440e-4F - 0.5F * square;
    float y = f + small + e * 0.693359375F;
    y = x > std::numeric_limits<float>::max() ? x : y;
    y = x == 0.0F ? -std::numeric_limits<float>::infinity() : y;
    return x >= 0.0F ? y : std::numeric_limits<float>::quiet_NaN();
}

inline float logistic(float x) {
    return 1.0F / (1.0F + exponential(-x));
}

/// |x| < 0.625: x + x^3 P(x^2); else 1 - 2 / (e^2x + 1).
inline float hyperbolic_tangent(float x) {
    const float size = magnitude(x);
    const float square = x * x;
    float p = -5.1551044864e-3F;
    p = p * square + 2.0111646915e-2F;
    p = p * square + -5.3566984078e-2F;
    p = p * square + 1.3329243028e-1F;
    p = p * square + -3.3333196610e-1F;
    const float near = p * square * x + x;
    const float far = 1.0F - 2.0F / (exponential(2.0F * size) + 1.0F);
    return size < 0.625F ? near : with_sign_of(far, x);
}

/// |x| < 0.92: x P(x^2); else 1 - erfc(x) with erfc(x) = e^R(x).
inline float error_function(float x) {
    const float size = magnitude(x);
    const float square = x * x;
    float p = -5.862079574e-4F;
    p = p * square + 4.9675062623e-3F;
    p = p * square + -2.6748863849e-2F;
    p = p * square + 1.1281320675e-1F;
    p = p * square + -3.7612445935e-1F;
    p = p * square + 1.1283791423F;
    const float t = size > 4.0F ? 4.0F : size;
    float r = 1.9822070614e-4F;
    r = r * t + -3.0654998130e-3F;
    r = r * t + 2.2315248007e-2F;
    r = r * t + -1.0411374548e-1F;
    r = r * t + -6.3697601323e-1F;
    r = r * t + -1.1277972809F;
    r = r * t + -1.6643908387e-4F;
    return size < 0.92F ? p * x : with_sign_of(1.0F - exponential(r), x);
}

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
