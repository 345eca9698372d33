#include "engine/session/checkpoints.h"

#include <algorithm>
#include <utility>

namespace hs::session {

void Checkpoints::add(Kept checkpoint, bool fresh, std::int64_t longest) {
    longest_ = longest;
    bytes_ += checkpoint->own_bytes();
    for (const Block* block : checkpoint->blocks())
        if (++holders_[block] == 1) bytes_ += block->size();
    kept_.push_back({std::move(checkpoint), fresh});
    trim();
}

void Checkpoints::set_budget(std::size_t bytes) {
    budget_ = bytes;
    trim();
}

void Checkpoints::clear() {
    kept_.clear();
    holders_.clear();
    bytes_ = 0;
}

Checkpoints::Kept Checkpoints::before(std::int64_t step) const {
    const auto after = std::partition_point(kept_.begin(), kept_.end(),
                                            [&](const Entry& entry) { return entry.checkpoint->step <= step; });
    return after == kept_.begin() ? nullptr : std::prev(after)->checkpoint;
}

void Checkpoints::trim() {
    while (bytes_ > budget_ && !kept_.empty()) {
        const std::size_t least = least_missed();
        drop(least < kept_.size() ? least : 0);
    }
}

std::size_t Checkpoints::least_missed() const {
    const auto step = [this](std::size_t i) { return kept_[i].checkpoint->step; };
    std::size_t least = kept_.size();
    double least_missed = 0;
    for (std::size_t i = 1; i + 1 < kept_.size(); ++i) {
        const std::int64_t gap = step(i + 1) - step(i - 1);
        if (kept_[i].fresh || gap > longest_) continue;
        // What is long ago may be far apart.
        const double missed = static_cast<double>(gap) / static_cast<double>(step(kept_.size() - 1) - step(i) + 1);
        if (least < kept_.size() && missed >= least_missed) continue;
        least = i;
        least_missed = missed;
    }
    return least;
}

void Checkpoints::drop(std::size_t index) {
    bytes_ -= kept_[index].checkpoint->own_bytes();
    for (const Block* block : kept_[index].checkpoint->blocks()) {
        const auto held = holders_.find(block);
        if (--held->second > 0) continue;
        bytes_ -= block->size();
        holders_.erase(held);
    }
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(index));
}

} // namespace hs::session
