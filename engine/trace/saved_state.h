#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hs::trace {

/// What has become of an entry of Trace::saved at a moment.
struct SavedState {
    Id made = none;       ///< the event of the operation whose node keeps it
    Id freed = none;      ///< the event of the node's last run in what is recorded, which frees it; none: it is kept
    Id changed_by = none; ///< the event that wrote into it in place while it was kept
    std::uint32_t version = 0; ///< of the tensor at that moment; what its node expects is SavedTensor::version
    bool is_there = false;     ///< the operation has run
    bool is_held = false;      ///< and the node not yet: its bytes cannot go

    /// Rule 52: its node will refuse to run.
    bool will_break(const SavedTensor& saved) const { return is_held && version != saved.version; }
};

/// One for each entry of Trace::saved, when the first `position` events have happened. A node that runs in several
/// passes (retain_graph) frees what it keeps in the last one that is recorded.
std::vector<SavedState> saved_at(const Trace& trace, std::size_t position);

/// Bytes of storages that nodes hold, and of those that they have let go; each storage once.
struct SavedBytes {
    std::size_t held = 0;
    std::size_t freed = 0;
};
SavedBytes saved_bytes(const Trace& trace, const std::vector<SavedState>& states);

} // namespace hs::trace
