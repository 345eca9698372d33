#pragma once

#include <chrono>

namespace hs::record {

/// The steady clock, read in half the time: where the processor's counter of cycles runs evenly on all cores and in
/// all states, this counter, whose rate is measured once against the steady clock (to about 1 in 100,000); elsewhere
/// the steady clock itself. A Recorder reads it some hundred times a step.
class StepClock {
  public:
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<StepClock>;
    static constexpr bool is_steady = true;

    static time_point now();
};

} // namespace hs::record
