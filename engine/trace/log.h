#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace hs::trace {

/// An append-only table with one writer and any number of readers, without locks. Entries live in chunks that never
/// move; an entry is written first and then published by a release store of the size, which readers acquire. A
/// published entry never changes.
///
/// Each chunk is as large as all before it together, so an empty table is a few pointers and holds no memory, and a
/// table of any length has few chunks.
template <class T, std::size_t FirstChunk = 64>
class Log {
    static_assert(std::has_single_bit(FirstChunk));
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__); // memory with more is slow to come by
    static constexpr std::size_t max_chunks = 24;

  public:
    /// The most entries a table takes.
    static constexpr std::size_t capacity = FirstChunk << (max_chunks - 1);

    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() {
        std::size_t left = size_.load(std::memory_order_relaxed);
        for (std::size_t chunk = 0; chunk < max_chunks; ++chunk) {
            T* entries = chunks_[chunk].load(std::memory_order_relaxed);
            if (!entries) break;
            const std::size_t count = left < chunk_size(chunk) ? left : chunk_size(chunk);
            std::destroy_n(entries, count);
            left -= count;
            ::operator delete(entries);
        }
    }

    /// Writer only. Returns the new entry's index. Throws std::length_error when the table is full.
    std::size_t append(T entry) {
        return append_with([&](T& place) { place = std::move(entry); });
    }

    /// Writer only. The same for an entry that `fill(T&)` writes in its place.
    template <class Fill>
    std::size_t append_with(Fill fill) {
        const std::size_t index = size_.load(std::memory_order_relaxed);
        const Place place = locate(index);
        if (place.chunk >= max_chunks) throw std::length_error("a trace table is full");
        T* entries = chunks_[place.chunk].load(std::memory_order_relaxed);
        if (!entries) {
            const std::size_t bytes = chunk_size(place.chunk) * sizeof(T);
            entries = static_cast<T*>(::operator new(bytes));
            chunks_[place.chunk].store(entries, std::memory_order_relaxed);
        }
        T* entry = std::construct_at(entries + place.offset);
        try {
            fill(*entry);
        } catch (...) {
            std::destroy_at(entry);
            throw;
        }
        size_.store(index + 1, std::memory_order_release);
        return index;
    }

    std::size_t size() const { return size_.load(std::memory_order_acquire); }
    bool empty() const { return size() == 0; }
    /// `index` must be below a size() that this thread has read.
    const T& operator[](std::size_t index) const {
        const Place place = locate(index);
        return chunks_[place.chunk].load(std::memory_order_relaxed)[place.offset];
    }

  private:
    struct Place {
        std::size_t chunk;
        std::size_t offset;
    };
    static constexpr std::size_t chunk_size(std::size_t chunk) {
        return chunk == 0 ? FirstChunk : FirstChunk << (chunk - 1);
    }
    /// Chunk 0 holds [0, F), chunk c holds [F 2^(c-1), F 2^c).
    static constexpr Place locate(std::size_t index) {
        const auto chunk = static_cast<std::size_t>(std::bit_width(index / FirstChunk));
        return {chunk, chunk == 0 ? index : index - chunk_size(chunk)};
    }

    std::array<std::atomic<T*>, max_chunks> chunks_{};
    std::atomic<std::size_t> size_{0};
};

} // namespace hs::trace
