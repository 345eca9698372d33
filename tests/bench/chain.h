#pragma once

#include <malloc.h>

#include <cstddef>

/// Length of the chain of one-element adds, for us and for the peer alike.
inline constexpr int chain_length = 100'000;

/// Bytes that are allocated now and not freed.
inline std::size_t heap_in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
