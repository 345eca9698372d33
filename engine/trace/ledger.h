#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <vector>

namespace hs::trace {

/// Something that happened to the `.grad` of a parameter.
struct LedgerLine {
    enum class Kind : std::uint8_t {
        set_to_none, ///< by zero_grad, or by hand
        zeroed,
        added,     ///< what one path brought; the last of a pass has the total
        rewritten, ///< by somebody else than a pass: clipped, scaled, assigned
        read,      ///< the optimizer's step began with it
        left_over, ///< the step began with a gradient of before and nobody cleared it: the first addition goes on top
        pending,   ///< a pass is under way that will add to it
    };
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    Kind kind = Kind::added;
    std::int64_t step = 0;
    int pass = 0;              ///< of the step, from 1; 0 outside of a pass
    Id event = none;           ///< of the step's Trace
    Id sender = none;          ///< added: the node that sent it; none where the step kept no edges
    Name module;               ///< path of the sender's module
    Name node;                 ///< the sender's name
    double norm = unknown;     ///< of what came
    double total = unknown;    ///< norm of `.grad` then
    std::uint32_t arrived = 0; ///< pending: gradients that have come, of `expected`
    std::uint32_t expected = 0;
};

/// Lines by the parameter whose `.grad` they are about, in the order of events.
using Ledger = std::map<ValueKey, std::vector<LedgerLine>>;
/// The norm that the `.grad` of a parameter had when the step began, or LedgerLine::unknown.
using NormBefore = std::function<double(const ValueKey& parameter)>;

/// What happened until `position` events of the step had happened. Paths, zero_grad and what was left over are known of
/// a step that kept everything (Trace::keeps_all); of another one only the totals.
Ledger ledger_of(const std::shared_ptr<const Trace>& trace, std::size_t position, const NormBefore& before = {});

/// The lines of earlier steps, of each parameter the newest ones.
class LedgerBook {
  public:
    explicit LedgerBook(std::size_t lines_of_a_parameter = 256) : limit_(lines_of_a_parameter) {}

    /// Enters a finished step. One that is not newer than the last (training began anew) empties the book first; one
    /// that was entered already changes nothing.
    void take(const std::shared_ptr<const Trace>& trace, const NormBefore& before = {});
    /// Oldest first; empty where nothing is known.
    const std::vector<LedgerLine>& lines(const ValueKey& parameter) const;
    /// The norm after the last line of step `step`, or unknown.
    double total_after(const ValueKey& parameter, std::int64_t step) const;
    void clear();

  private:
    std::size_t limit_;
    Ledger lines_;
    std::weak_ptr<const Trace> last_;
    std::int64_t last_step_ = -1;
};

} // namespace hs::trace
