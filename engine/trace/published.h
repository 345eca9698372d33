#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <utility>

namespace hs::trace {

/// A value that one thread replaces now and then and others copy at any time; meant for values that are quick to copy,
/// such as a shared_ptr. (GCC 12's std::atomic<std::shared_ptr> locks a bit that the thread sanitizer cannot see.)
///
/// Slots are used in turn. A reader announces itself at the newest slot and checks that it still is the newest; then
/// the writer leaves that slot alone until the reader has left. Both steps are sequentially consistent: either the
/// reader sees the writer's move, or the writer sees the reader. A reader repeats itself only when a value was
/// replaced meanwhile. The writer looks for another slot only if readers are in all the old ones, each for the time of
/// one copy.
template <class T>
class Published {
  public:
    Published() = default;
    explicit Published(T first) { slots_[0].value = std::move(first); }
    Published(const Published&) = delete;
    Published& operator=(const Published&) = delete;

    /// Any thread.
    T get() const {
        for (;;) {
            const std::size_t index = newest_.load();
            const Slot& slot = slots_[index];
            slot.readers.fetch_add(1);
            if (newest_.load() == index) {
                const Leave leave{slot};
                return slot.value;
            }
            slot.readers.fetch_sub(1);
        }
    }

    /// The writer only.
    void set(T value) {
        const std::size_t current = newest_.load(std::memory_order_relaxed);
        std::size_t index = current;
        for (;;) {
            index = (index + 1) % slots_.size();
            if (index != current && slots_[index].readers.load() == 0) break;
            if (index == current) std::this_thread::yield();
        }
        slots_[index].value = std::move(value);
        newest_.store(index);
        for (Slot& slot : slots_)
            if (&slot != &slots_[index] && slot.readers.load() == 0) slot.value = T();
    }

  private:
    struct Slot {
        T value{};
        mutable std::atomic<std::uint32_t> readers{0};
    };
    struct Leave {
        const Slot& slot;
        ~Leave() { slot.readers.fetch_sub(1); }
    };
    std::array<Slot, 4> slots_;
    std::atomic<std::size_t> newest_{0};
};

} // namespace hs::trace
