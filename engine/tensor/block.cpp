#include "engine/tensor/block.h"

#include "engine/tensor/error.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

namespace hs {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t overhead = sizeof(Block) + alignment - 1;

std::atomic<std::size_t> current_bytes{0};
std::atomic<std::size_t> peak_bytes{0};

void account(std::size_t bytes) {
    const std::size_t now = current_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::size_t peak = peak_bytes.load(std::memory_order_relaxed);
    while (now > peak && !peak_bytes.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
}

} // namespace

Ref<Block> Block::allocate(std::size_t bytes) {
    // malloc, aligned by hand: its small sizes come from a list of the thread, those of aligned_alloc do not.
    void* memory = bytes <= PTRDIFF_MAX - overhead ? std::malloc(bytes + overhead) : nullptr;
    if (!memory) throw Error("not enough memory: you tried to allocate " + std::to_string(bytes) + " bytes.");
    const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(memory) + sizeof(Block);
    auto* data = reinterpret_cast<std::byte*>((first + alignment - 1) / alignment * alignment);
    account(bytes);
    return Ref<Block>(::new (memory) Block(data, bytes));
}

void destroy(const Block* block) {
    current_bytes.fetch_sub(block->size_, std::memory_order_relaxed);
    block->~Block();
    std::free(const_cast<Block*>(block));
}

MemoryUse block_memory() {
    return {current_bytes.load(std::memory_order_relaxed), peak_bytes.load(std::memory_order_relaxed)};
}

} // namespace hs
