#include "engine/record/step_clock.h"

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace hs::record {

namespace {

using Steady = std::chrono::steady_clock;

#if defined(__x86_64__)

bool counter_is_even() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1u << 8)) != 0; // "invariant TSC"
}

/// The counter and the steady clock at the same moment, as near as a few tries get them.
struct Moment {
    std::uint64_t cycles = 0;
    Steady::time_point time;

    static Moment now() {
        Moment nearest;
        std::uint64_t least = ~std::uint64_t{0};
        for (int i = 0; i < 8; ++i) {
            const std::uint64_t before = __rdtsc();
            const Steady::time_point time = Steady::now();
            const std::uint64_t took = __rdtsc() - before;
            if (took >= least) continue;
            least = took;
            nearest = {before + took / 2, time};
        }
        return nearest;
    }
};

struct Rate {
    double nanoseconds = 0; ///< a cycle; 0: the counter is of no use
    Moment from;

    static Rate measure() {
        Rate rate;
        if (!counter_is_even()) return rate;
        rate.from = Moment::now();
        while (Steady::now() - rate.from.time < std::chrono::milliseconds(2)) {
        }
        const Moment to = Moment::now();
        const double elapsed = std::chrono::duration<double, std::nano>(to.time - rate.from.time).count();
        if (to.cycles > rate.from.cycles)
            rate.nanoseconds = elapsed / static_cast<double>(to.cycles - rate.from.cycles);
        return rate;
    }
};

#endif

} // namespace

StepClock::time_point StepClock::now() {
#if defined(__x86_64__)
    static const Rate rate = Rate::measure();
    if (rate.nanoseconds > 0) {
        const auto cycles = static_cast<std::int64_t>(__rdtsc() - rate.from.cycles);
        return time_point(duration(static_cast<std::int64_t>(static_cast<double>(cycles) * rate.nanoseconds)));
    }
#endif
    return time_point(std::chrono::duration_cast<duration>(Steady::now().time_since_epoch()));
}

} // namespace hs::record
