#pragma once

#include "engine/trace/trace.h"

#include <string>

namespace hs::session {

/// `forward conv2d in stage1.conv1`: an event as the status bar names it.
std::string event_text(const trace::Trace& trace, trace::Id event);

} // namespace hs::session
