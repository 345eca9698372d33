#include "engine/graph/anomaly_mode.h"

namespace hs {

namespace {
thread_local bool anomaly_here = false;
thread_local bool check_nan_here = true;
} // namespace

bool anomaly_mode_enabled() {
    return anomaly_here;
}
bool anomaly_mode_checks_nan() {
    return anomaly_here && check_nan_here;
}

DetectAnomaly::DetectAnomaly(bool enabled, bool check_nan)
    : was_enabled_(anomaly_here), did_check_nan_(check_nan_here) {
    anomaly_here = enabled;
    check_nan_here = check_nan;
}
DetectAnomaly::~DetectAnomaly() {
    anomaly_here = was_enabled_;
    check_nan_here = did_check_nan_;
}

} // namespace hs
