#pragma once

#include "engine/kernels/cpu/vector/vector.h"

#include <QTest>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

/// What the tests of the CPU kernels share: random arrays, comparison with a double, the builds this machine can run.
namespace hs::test {

using Floats = std::vector<float>;

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline const float nan_value = std::numeric_limits<float>::quiet_NaN();

inline const std::vector<InstructionSet>& instruction_sets() {
    static const std::vector<InstructionSet> sets = [] {
        std::vector<InstructionSet> found;
        for (const auto set : {InstructionSet::baseline, InstructionSet::v3, InstructionSet::v4}) {
            if (has_instruction_set(set)) found.push_back(set);
        }
        return found;
    }();
    return sets;
}

inline Floats random_floats(std::int64_t count, float low, float high, unsigned seed = 1) {
    std::mt19937 bits(seed);
    std::uniform_real_distribution<float> uniform(low, high);
    Floats values(static_cast<std::size_t>(count));
    for (float& value : values)
        value = uniform(bits);
    return values;
}

/// Equal within a tolerance; NaN equals NaN, infinities equal themselves.
inline bool near(double actual, double expected, double absolute, double relative) {
    if (std::isnan(expected) || std::isnan(actual)) return std::isnan(expected) && std::isnan(actual);
    if (std::isinf(expected) || std::isinf(actual)) return actual == expected;
    return std::abs(actual - expected) <= absolute + relative * std::abs(expected);
}

inline QString name_of(const VectorKernels& kernels) {
    return QStringList{"baseline", "v3", "v4"}[static_cast<int>(kernels.instruction_set)];
}

#define VERIFY_NEAR(actual, expected, absolute, relative, what)                                                        \
    do {                                                                                                               \
        const double actual_value = static_cast<double>(actual), expected_value = static_cast<double>(expected);       \
        QVERIFY2(near(actual_value, expected_value, absolute, relative),                                               \
                 qPrintable(QString("%1: %2 instead of %3")                                                            \
                                .arg(QString(what))                                                                    \
                                .arg(actual_value, 0, 'g', 10)                                                         \
                                .arg(expected_value, 0, 'g', 10)));                                                    \
    } while (false)

} // namespace hs::test
