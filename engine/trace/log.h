#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>

namespace hs::trace {

/// An append-only table with one writer and any number of readers, without locks. Entries live in chunks that never
/// move; an entry is written first and then published by a release store of the size, which readers acquire. A
/// published entry never changes.
template <class T, std::size_t ChunkSize = 256, std::size_t MaxChunks = 4096>
class Log {
  public:
    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() {
        for (auto& chunk : chunks_)
            delete[] chunk.load(std::memory_order_relaxed);
    }

    /// Writer only. Returns the new entry's index. Throws std::length_error when the table is full.
    std::size_t append(T entry) {
        const std::size_t index = size_.load(std::memory_order_relaxed);
        const std::size_t chunk = index / ChunkSize;
        if (chunk >= MaxChunks) throw std::length_error("a trace table is full");
        T* entries = chunks_[chunk].load(std::memory_order_relaxed);
        if (!entries) {
            entries = new T[ChunkSize];
            chunks_[chunk].store(entries, std::memory_order_release);
        }
        entries[index % ChunkSize] = std::move(entry);
        size_.store(index + 1, std::memory_order_release);
        return index;
    }

    std::size_t size() const { return size_.load(std::memory_order_acquire); }
    bool empty() const { return size() == 0; }
    /// `index` must be below a size() that this thread has read.
    const T& operator[](std::size_t index) const {
        return chunks_[index / ChunkSize].load(std::memory_order_acquire)[index % ChunkSize];
    }

  private:
    std::array<std::atomic<T*>, MaxChunks> chunks_{};
    std::atomic<std::size_t> size_{0};
};

} // namespace hs::trace
