#include "engine/hooks/removable_handle.h"

#include <atomic>

namespace hs {

std::uint64_t next_hook_id() {
    static std::atomic<std::uint64_t> counter{0};
    return counter.fetch_add(1, std::memory_order_relaxed);
}

} // namespace hs
