#include "engine/tensor/block.h"

#include "engine/tensor/allocation_limit.h"
#include "engine/tensor/error.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hs {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t overhead = sizeof(Block) + alignment - 1;

std::atomic<std::size_t> current_bytes{0};
std::atomic<std::size_t> peak_bytes{0};

thread_local std::size_t allocation_limit = SIZE_MAX;

void account(std::size_t bytes) {
    const std::size_t now = current_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::size_t peak = peak_bytes.load(std::memory_order_relaxed);
    while (now > peak && !peak_bytes.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t cache_bytes = 0; // the sanitizers see more when memory is not used again
#else
constexpr std::size_t cache_bytes = std::size_t{256} << 20;
#endif
constexpr std::size_t smallest_cached = 32 * 1024;

/// Memory of large blocks that were freed, kept for the next ones of their size: a training step frees and asks for the
/// same sizes over and over, and pages that are new from the kernel cost more than most kernels do.
class Cache {
  public:
    void* take(std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        const auto found = free_.find(bytes);
        if (found == free_.end() || found->second.empty()) return nullptr;
        void* memory = found->second.back();
        found->second.pop_back();
        held_ -= bytes;
        return memory;
    }
    /// False when the cache is full.
    bool keep(void* memory, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        if (held_ + bytes > cache_bytes) return false;
        free_[bytes].push_back(memory);
        held_ += bytes;
        return true;
    }

  private:
    std::mutex mutex_;
    std::unordered_map<std::size_t, std::vector<void*>> free_;
    std::size_t held_ = 0;
};

/// Lives as long as the process: blocks of static tensors are freed last of all.
Cache& cache() {
    static Cache& instance = *new Cache;
    return instance;
}

/// The size that is asked of malloc for a block: large ones in steps of an eighth of their power of two.
std::size_t whole_size(std::size_t bytes) {
    const std::size_t whole = bytes + overhead;
    if (whole < smallest_cached || whole > PTRDIFF_MAX / 2) return whole;
    const std::size_t step = std::bit_floor(whole) / 8;
    return (whole + step - 1) / step * step;
}

void* take_memory(std::size_t bytes) {
    if (bytes > PTRDIFF_MAX - overhead) return nullptr;
    const std::size_t whole = whole_size(bytes);
    if (whole >= smallest_cached)
        if (void* memory = cache().take(whole)) return memory;
    // malloc, aligned by hand: its small sizes come from a list of the thread, those of aligned_alloc do not.
    return std::malloc(whole);
}

void give_memory(void* memory, std::size_t bytes) {
    const std::size_t whole = whole_size(bytes);
    if (whole < smallest_cached || !cache().keep(memory, whole)) std::free(memory);
}

} // namespace

AllocationLimit::AllocationLimit(std::size_t bytes) : before_(std::exchange(allocation_limit, bytes)) {}

AllocationLimit::~AllocationLimit() {
    allocation_limit = before_;
}

Ref<Block> Block::allocate(std::size_t bytes) {
    if (bytes > allocation_limit)
        throw Error("this needs " + std::to_string(bytes) + " bytes at once, and may use " +
                    std::to_string(allocation_limit));
    void* memory = take_memory(bytes);
    if (!memory) throw Error("not enough memory: you tried to allocate " + std::to_string(bytes) + " bytes.");
    const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(memory) + sizeof(Block);
    auto* data = reinterpret_cast<std::byte*>((first + alignment - 1) / alignment * alignment);
    account(bytes);
    return Ref<Block>(::new (memory) Block(data, bytes));
}

void destroy(const Block* block) {
    const std::size_t bytes = block->size_;
    current_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    block->~Block();
    give_memory(const_cast<Block*>(block), bytes);
}

MemoryUse block_memory() {
    return {current_bytes.load(std::memory_order_relaxed), peak_bytes.load(std::memory_order_relaxed)};
}

} // namespace hs
