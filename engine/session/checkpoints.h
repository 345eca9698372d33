#pragma once

#include "engine/session/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace hs::session {

/// The checkpoints of a run within a budget of bytes. Older ones lie further apart: those are dropped first without
/// which a step can still be had from the one before.
class Checkpoints {
  public:
    using Kept = std::shared_ptr<const Checkpoint>;

    /// `fresh`: what came before this step does not lead to it (a person has changed something), so that it can be had
    /// from here on only. `longest` is how many steps there may be between a step and the checkpoint before it.
    void add(Kept checkpoint, bool fresh, std::int64_t longest);
    /// Drops what is too much, the newest last.
    void set_budget(std::size_t bytes);
    void clear();

    std::size_t budget() const { return budget_; }
    /// Blocks that several of them hold count once.
    std::size_t bytes() const { return bytes_; }
    std::size_t size() const { return kept_.size(); }
    /// The first step that can be had, or -1.
    std::int64_t first() const { return kept_.empty() ? -1 : kept_.front().checkpoint->step; }
    /// The newest one from which `step` can be had, or null.
    Kept before(std::int64_t step) const;

  private:
    struct Entry {
        Kept checkpoint;
        bool fresh = false;
    };

    void trim();
    /// The one that is missed least, or none (kept_.size()) where each is needed.
    std::size_t least_missed() const;
    void drop(std::size_t index);

    std::vector<Entry> kept_; ///< by step
    std::unordered_map<const Block*, std::size_t> holders_;
    std::size_t budget_ = 0;
    std::size_t bytes_ = 0;
    std::int64_t longest_ = 1;
};

} // namespace hs::session
