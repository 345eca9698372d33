#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hs::ui {

enum class Lane : std::uint8_t { forward, backward, accumulate, update };
inline constexpr int laneCount = 4;

/// An event on the timeline. `left` and `right` are shares of the width.
struct TimelineMark {
    Lane lane = Lane::forward;
    trace::Id event = trace::none;
    double left = 0;
    double right = 0;
    bool isSum = false;  ///< gradients that met, drawn as a diamond
    bool isZero = false; ///< a `.grad` that zero_grad took away: hollow, and as narrow as it can be
};

/// Where something begins: a pass, or the optimizer's step.
struct TimelinePhase {
    double at = 0;
    int pass = 0; ///< from 1; 0: the optimizer
};

/// The events of a step on lanes, in the order in which they happened. Half of the width is shared out by duration and
/// half evenly, so that an event of no length can still be seen and hit.
class TimelineModel {
  public:
    void take(const trace::Trace* trace);

    const std::vector<TimelineMark>& marks() const { return m_marks; }
    const std::vector<TimelinePhase>& phases() const { return m_phases; }
    /// The share of the width that is done when `position` events have happened.
    double shareAt(std::size_t position) const;
    /// The moment after the event under a share of the width; 0 left of all.
    std::size_t positionAt(double share) const;

  private:
    std::vector<TimelineMark> m_marks;
    std::vector<TimelinePhase> m_phases;
};

} // namespace hs::ui
