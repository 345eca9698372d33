#include "engine/graph/grad_mode.h"

namespace hs {

namespace {
thread_local bool enabled_here = true;
}

bool grad_enabled() {
    return enabled_here;
}

void set_grad_enabled(bool enabled) {
    enabled_here = enabled;
}

} // namespace hs
