#pragma once

#include "engine/trace/trace.h"

#include <cstddef>
#include <memory>

namespace hs::trace {

/// The Trace as it was when the first `position` of its events had happened: with what they wrote, and not finished
/// unless that is all of it. Values keep their bytes without copying them; all nodes are there, edges are left out.
std::shared_ptr<const Trace> at_moment(const std::shared_ptr<const Trace>& trace, std::size_t position);

/// `position` and the notes (EventKind::summary) that follow: they belong to the event before them.
std::size_t past_notes(const Trace& trace, std::size_t position);
/// The last of the first `position` events that is no note, or `none`.
Id last_event(const Trace& trace, std::size_t position);

} // namespace hs::trace
