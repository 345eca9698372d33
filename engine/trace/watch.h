#pragma once

#include "engine/trace/value.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace hs::trace {

/// How much is recorded of something. Each level contains those before it.
enum class Level : std::uint8_t {
    off,       ///< nothing; costs nothing
    structure, ///< events, nodes, shapes
    summaries, ///< and a Summary of each output, parameter, gradient
    values, ///< and bytes; what `Watch::values` names is kept at every level, which it raises to `structure` at least
};

/// What is on the screen now. A newer Watch replaces the one before, also while training runs.
struct Watch {
    Level level = Level::summaries;       ///< of everything that `modules` does not name
    std::map<std::string, Level> modules; ///< by module path
    std::set<ValueKey> values;            ///< whose bytes are kept (maps, inspector)
    std::int64_t values_every_ms = 25;    ///< bytes are kept at most this often, as often as they can be shown
    /// Elements; above it the bins are sampled, and Summary::bin_every says so. All else is always exact.
    std::int64_t exact_bins_up_to = 2'048;

    bool operator==(const Watch&) const = default;
};

} // namespace hs::trace
