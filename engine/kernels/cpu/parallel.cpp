#include "engine/kernels/cpu/parallel.h"

#include "engine/tensor/error.h"

#include <algorithm>
#include <exception>
#include <omp.h>

namespace hs {

// OpenMP keeps this number per data environment: every thread of the program has its own.
int get_num_threads() {
    return omp_get_max_threads();
}

void set_num_threads(int count) {
    if (count < 1) throw Error("set_num_threads expects a positive integer");
    omp_set_num_threads(count);
}

namespace detail {

namespace {

std::int64_t boundary(std::int64_t count, std::int64_t parts, std::int64_t part) {
    const std::int64_t exact = count / parts * part + std::min(count % parts, part);
    if (part == parts || count / parts < 1024) return exact;
    return exact / 64 * 64;
}

} // namespace

void parallel_ranges(std::int64_t count, std::int64_t grain, RangeBody body, void* closure) {
    if (count <= 0) return;
    const std::int64_t useful = count / std::max<std::int64_t>(grain, 1);
    const int threads = static_cast<int>(std::min<std::int64_t>(useful, get_num_threads()));
#if defined(__SANITIZE_THREAD__)
    // libgomp is not instrumented: the thread sanitizer would report each hand-over as a race.
    const bool alone = true;
#else
    const bool alone = threads < 2 || omp_in_parallel();
#endif
    if (alone) return body(closure, 0, count);

    std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
    {
        const int parts = omp_get_num_threads();
        const int part = omp_get_thread_num();
        const std::int64_t begin = boundary(count, parts, part);
        const std::int64_t end = boundary(count, parts, part + 1);
        try {
            if (begin < end) body(closure, begin, end);
        } catch (...) {
#pragma omp critical(hookscope_parallel_failure)
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

} // namespace detail
} // namespace hs
