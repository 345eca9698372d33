#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hs::trace {

/// Which rule of PyTorch's it is that leaves a `.grad` None, or makes a tensor a leaf. The numbers are those of the
/// rules that tests/rules checks the engine against.
enum class Reason : std::uint8_t {
    nothing,     ///< the question does not arise: there is a `.grad`; or it is no leaf
    not_a_leaf,  ///< 6: an operation made it, and nobody asked to keep its gradient
    retained,    ///< 61: it will be kept, but the pass has not come to it
    integer,     ///< 3: its dtype can have no gradient
    detached,    ///< 5: detach() cut it off
    no_grad,     ///< 30: something that goes into it requires grad, but no operation was recorded
    no_need,     ///< 2: nothing that went into it requires grad
    not_wanted,  ///< 1: nobody asked for its gradient: requires_grad is False
    before_pass, ///< 46: no backward pass has run yet
    on_its_way,  ///< 36: the pass that is under way has not come to it
    not_reached, ///< 43: it is not among what led to the root of the pass
    undefined,   ///< 39: the pass came to it with no gradient
    set_to_none, ///< 50: zero_grad
    made_by_hand ///< 1: no operation made it
};

/// Number of the rule; 0 for Reason::nothing.
int rule_number(Reason reason);

/// Why something is so, with what a sentence about it needs. Indices are into the Trace that was asked about.
struct Why {
    Reason reason = Reason::nothing;
    Id value = none;
    std::string name;      ///< `fc1.weight`, `block.relu output`
    Id node = none;        ///< the place in the graph: its grad_fn, or its AccumulateGrad
    Id event = none;       ///< what made it so: the operation, the pass's begin, what cleared it
    std::string operation; ///< that made it
    std::string grad_fn;
    std::vector<std::string> made_from; ///< what its gradient goes on to: leaves and operations
    std::string evidence;               ///< no_grad: what requires grad nevertheless; detached: what has the same bytes
    double norm = 0;                    ///< not_a_leaf: of the gradient that passed through, where one did
    bool passed = false;                ///< a gradient came through, or went by
    std::uint32_t arrived = 0;          ///< on_its_way: gradients that have come, of `expected`
    std::uint32_t expected = 0;
    bool can_retain = false; ///< retain_grad() would keep it
};

/// Why the `.grad` of a tensor is None when the first `position` events have happened. `value` is an entry of the
/// Trace's values. Whether operations ran under no_grad is told from what they got, which a Trace names only in part.
Why why_grad_is_none(const std::shared_ptr<const Trace>& trace, std::size_t position, Id value);

/// Why a tensor is a leaf, or (Reason::nothing, with the operation that made it) that it is none.
Why why_leaf(const std::shared_ptr<const Trace>& trace, Id value);

} // namespace hs::trace
