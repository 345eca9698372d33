#pragma once

// Included by the sources that are compiled once per instruction set. CMake gives each build its own name for the
// namespace, so that no template or inline function of one build can stand in for another's when they are linked. For
// the same reason these sources use nothing of the standard library that could be emitted as a function.
#ifndef HOOKSCOPE_VECTOR_BUILD
#error "compile this file through CMake, which sets HOOKSCOPE_VECTOR_BUILD to the name of an instruction set"
#endif

#include <cstdint>

/// The next loop's iterations do not depend on each other.
#define HOOKSCOPE_SIMD _Pragma("omp simd")

namespace hs::HOOKSCOPE_VECTOR_BUILD {
using Index = std::int64_t;

inline Index least(Index a, Index b) {
    return a < b ? a : b;
}
inline Index greatest(Index a, Index b) {
    return a > b ? a : b;
}
} // namespace hs::HOOKSCOPE_VECTOR_BUILD
