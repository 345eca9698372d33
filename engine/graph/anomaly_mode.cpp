#include "engine/graph/anomaly_mode.h"

namespace hs {

namespace {
thread_local bool enabled_here = false;
thread_local bool check_nan_here = true;
} // namespace

bool anomaly_mode_enabled() {
    return enabled_here;
}
bool anomaly_mode_checks_nan() {
    return enabled_here && check_nan_here;
}

DetectAnomaly::DetectAnomaly(bool enabled, bool check_nan)
    : was_enabled_(enabled_here), did_check_nan_(check_nan_here) {
    enabled_here = enabled;
    check_nan_here = check_nan;
}
DetectAnomaly::~DetectAnomaly() {
    enabled_here = was_enabled_;
    check_nan_here = did_check_nan_;
}

} // namespace hs
