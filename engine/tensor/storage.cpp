#include "engine/tensor/storage.h"

#include <cstring>
#include <mutex>

namespace hs {

namespace {

/// Two threads that read one tensor may both find it channels-last; only one turns it around.
std::mutex layout_mutex;

template <class T>
void to_row_major(const std::byte* from, std::byte* to, const ChannelsLast& layout) {
    const auto* source = reinterpret_cast<const T*>(from);
    auto* target = reinterpret_cast<T*>(to);
    const std::int64_t image = layout.channels * layout.pixels;
    for (std::int64_t n = 0; n < layout.batch; ++n)
        for (std::int64_t c = 0; c < layout.channels; ++c)
            for (std::int64_t p = 0; p < layout.pixels; ++p)
                target[n * image + c * layout.pixels + p] = source[n * image + p * layout.channels + c];
}

} // namespace

void Storage::make_plain() {
    const std::lock_guard lock(layout_mutex);
    if (!is_hidden_.load(std::memory_order_relaxed)) return;
    Ref<Block> plain = Block::allocate(block_->size());
    if (element_size_ == 8)
        to_row_major<std::uint64_t>(block_->data(), plain->data(), layout_);
    else
        to_row_major<std::uint32_t>(block_->data(), plain->data(), layout_);
    block_ = std::move(plain);
    is_hidden_.store(false, std::memory_order_release);
}

void Storage::clone_block() {
    Ref<Block> copy = Block::allocate(block_->size());
    std::memcpy(copy->data(), block_->data(), block_->size());
    block_ = std::move(copy);
}

} // namespace hs
