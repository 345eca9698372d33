#pragma once

#include "engine/trace/watch.h"

namespace hs::session {

using trace::Level;
using trace::Watch;

} // namespace hs::session
