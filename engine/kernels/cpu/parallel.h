#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace hs {

/// How many threads the CPU kernels called from the current thread may use. Each thread has its own number, so that
/// two sessions do not share one by surprise; a new thread starts with OpenMP's default (`OMP_NUM_THREADS`, or the
/// number of cores).
int get_num_threads();

/// Sets the number of the current thread; throws Error if it is below 1. oneDNN follows it.
void set_num_threads(int count);

namespace detail {
using RangeBody = void (*)(void* closure, std::int64_t begin, std::int64_t end);
void parallel_ranges(std::int64_t count, std::int64_t grain, RangeBody body, void* closure);
} // namespace detail

/// Calls `body(begin, end)` for ranges that together cover [0, count) once. There are as many ranges as threads, but
/// none is shorter than `grain`; below two grains, and inside another parallel region, there is one range and no other
/// thread. Long ranges begin at multiples of 64, so that an elementwise kernel treats each element alike however many
/// threads there are. An exception of the body reaches the caller (the first one, if there are several).
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
    using Closure = std::remove_reference_t<Body>;
    detail::parallel_ranges(
        count, grain,
        [](void* closure, std::int64_t begin, std::int64_t end) { (*static_cast<Closure*>(closure))(begin, end); },
        const_cast<void*>(static_cast<const void*>(std::addressof(body))));
}

/// Calls `body(index, begin, end)` for the fixed pieces [index * piece, min((index + 1) * piece, count)). The pieces do
/// not depend on the number of threads: a reduction that keeps one partial result a piece and folds them in order gives
/// the same bits on one thread and on many.
template <class Body>
void parallel_pieces(std::int64_t count, std::int64_t piece, Body&& body) {
    parallel_for((count + piece - 1) / piece, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t index = first; index < last; ++index) {
            const std::int64_t begin = index * piece;
            body(index, begin, begin + piece < count ? begin + piece : count);
        }
    });
}

} // namespace hs
