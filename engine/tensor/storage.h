#pragma once

#include "engine/tensor/block.h"
#include "engine/tensor/device.h"

#include <atomic>
#include <cstdint>

namespace hs {

/// How a 4-D image batch [n, c, h, w] lies in memory when it travels channels-last between convolution kernels:
/// element (n, c, y, x) at (n * pixels + y * w + x) * channels + c. `channels` is 0 for plain, row-major bytes.
struct ChannelsLast {
    std::int64_t batch = 0;
    std::int64_t channels = 0;
    std::int64_t pixels = 0;

    bool operator==(const ChannelsLast&) const = default;
    explicit operator bool() const { return channels != 0; }
};

/// The bytes that a tensor and all its views share, and their version counter. Whoever asks for plain bytes gets
/// them: a hidden channels-last layout is turned around in place, once, by plain_block().
class Storage : public Counted {
  public:
    Storage(Ref<Block> block, Device device, std::size_t element_size)
        : block_(std::move(block)), device_(device), element_size_(static_cast<std::uint32_t>(element_size)) {}

    std::size_t bytes() const { return block_->size(); }
    Device device() const { return device_; }

    /// The bytes in row-major order.
    const Ref<Block>& plain_block() {
        if (is_hidden_.load(std::memory_order_acquire)) make_plain();
        return block_;
    }
    /// The bytes as they lie, see layout().
    const Ref<Block>& raw_block() const { return block_; }
    ChannelsLast layout() const { return is_hidden_.load(std::memory_order_acquire) ? layout_ : ChannelsLast{}; }
    /// Declares that the bytes, about to be written by a kernel, lie channels-last.
    void set_layout(ChannelsLast layout) {
        layout_ = layout;
        is_hidden_.store(static_cast<bool>(layout), std::memory_order_release);
    }

    /// For writing in place: clones the block first when a snapshot holds it too.
    Block& writable(bool plain) {
        if (plain) plain_block();
        if (block_->use_count() > 1) clone_block();
        return *block_;
    }
    /// Puts other bytes in (loading, assigning `.data`).
    void replace(Ref<Block> block) {
        block_ = std::move(block);
        set_layout({});
    }

    std::uint32_t version() const { return version_; }
    void bump_version() { ++version_; }

  private:
    void make_plain();
    void clone_block();

    Ref<Block> block_;
    ChannelsLast layout_;
    Device device_;
    std::atomic<bool> is_hidden_{false};
    std::uint32_t element_size_;
    std::uint32_t version_ = 0;
};

inline void destroy(const Storage* storage) {
    delete storage;
}

} // namespace hs
