#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace hs::session {

/// Where going on inside a training step ends. Each ends at the end of the training step at the latest.
enum class Goal : std::uint8_t {
    event,     ///< the next event of any kind
    operation, ///< the next operation of the forward pass
    node,      ///< the next autograd node of a backward pass
    /// Beyond the module that is entered next, or the next operation or node where none is: what happens inside is
    /// passed over.
    over,
    out,           ///< the end of the module that is running; in a backward pass: the first node of another one
    backward_pass, ///< the end of the forward pass: a backward pass begins
    accumulation,  ///< the next gradient that comes to rest in a leaf
    optimizer,     ///< the end of the backward pass: the optimizer's step begins
    this_node,     ///< a backward pass has run the node that was named
};

/// A Goal, seen from the event at which the engine stood.
class Aim {
  public:
    /// `from` is an event of `trace`, or none (with `trace` null or not) at the begin of a step.
    Aim(Goal goal, const trace::Trace* trace, trace::Id from, trace::Id node = trace::none);

    /// Told of every event that comes after. True: the engine is to stand here.
    bool reached(const trace::Trace& trace, trace::Id event);

  private:
    bool leaves_module(const trace::Trace& trace, const trace::Event& event) const;

    Goal goal_;
    trace::Id node_;
    trace::Id module_ = trace::none; ///< that was running, or whose node ran
    bool in_backward_ = false;
    int depth_ = 0; ///< modules entered and not left since
    int limit_ = 0;
};

/// How many events have happened when `goal` is reached from `position` on, within what is recorded; nothing when it
/// lies beyond.
std::optional<std::size_t> advance(const trace::Trace& trace, std::size_t position, Goal goal,
                                   trace::Id node = trace::none);
/// The same backwards, 0 being the begin of the step: Goal::over goes before the module that was left last, Goal::out
/// before the one that is running (in a backward pass: to the node of another module), the others to the moment after
/// the last such event (Goal::this_node and Goal::accumulation stay where they are if there was none).
std::size_t rewind(const trace::Trace& trace, std::size_t position, Goal goal, trace::Id node = trace::none);

} // namespace hs::session
