#include "engine/tensor/inference_mode.h"

namespace hs {

namespace {
thread_local bool enabled_here = false;
}

bool inference_mode_enabled() {
    return enabled_here;
}

void set_inference_mode_enabled(bool enabled) {
    enabled_here = enabled;
}

} // namespace hs
