#pragma once

#include "engine/tensor/intrusive.h"

#include <cstddef>

namespace hs {

/// A counted run of bytes, 64-byte aligned, in one allocation with its count. A Storage points to one, and so does
/// everybody who keeps a snapshot of a tensor; a writer who is not the only holder clones the block first
/// (Storage::writable_data).
class Block : public Counted {
  public:
    /// Uninitialised bytes. Throws Error when the memory is not there. A size of 0 is allowed.
    static Ref<Block> allocate(std::size_t bytes);

    std::byte* data() { return data_; }
    const std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }

  private:
    Block(std::byte* data, std::size_t size) : data_(data), size_(size) {}
    ~Block() = default;
    friend void destroy(const Block* block);

    std::byte* data_;
    std::size_t size_;
};

void destroy(const Block* block);

/// Bytes held by blocks now, and the most there ever were, in this process.
struct MemoryUse {
    std::size_t current = 0;
    std::size_t peak = 0;
};
MemoryUse block_memory();

} // namespace hs
