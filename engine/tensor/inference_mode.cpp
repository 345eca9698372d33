#include "engine/tensor/inference_mode.h"

namespace hs {

namespace {
thread_local bool inference_here = false;
}

bool inference_mode_enabled() {
    return inference_here;
}

void set_inference_mode_enabled(bool enabled) {
    inference_here = enabled;
}

} // namespace hs
