#pragma once

namespace hs {

/// Whether this thread looks for the operation behind a gradient that fails (rule 45): nodes remember their forward
/// call, and a backward pass stops at the first NaN.
bool anomaly_mode_enabled();

/// `torch.autograd.detect_anomaly`: sets anomaly mode for a scope. Slow: meant for looking for a fault.
class DetectAnomaly {
  public:
    /// `check_nan`: a NaN counts as a failure, too.
    explicit DetectAnomaly(bool enabled = true, bool check_nan = true);
    DetectAnomaly(const DetectAnomaly&) = delete;
    DetectAnomaly& operator=(const DetectAnomaly&) = delete;
    ~DetectAnomaly();

  private:
    bool was_enabled_;
    bool did_check_nan_;
};

/// Whether a NaN counts, in anomaly mode.
bool anomaly_mode_checks_nan();

} // namespace hs
