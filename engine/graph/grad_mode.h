#pragma once

#include "engine/tensor/inference_mode.h"

namespace hs {

/// Whether operations of this thread record a graph (rule 30).
bool grad_enabled();
void set_grad_enabled(bool enabled);

/// Sets grad mode for a scope.
class GradMode {
  public:
    explicit GradMode(bool enabled) : previous_(grad_enabled()) { set_grad_enabled(enabled); }
    GradMode(const GradMode&) = delete;
    GradMode& operator=(const GradMode&) = delete;
    ~GradMode() { set_grad_enabled(previous_); }

  private:
    bool previous_;
};

struct NoGrad : GradMode {
    NoGrad() : GradMode(false) {}
};
struct EnableGrad : GradMode {
    EnableGrad() : GradMode(true) {}
};

/// No graph in this scope, and what is made in it can never become part of one (rule 31).
class InferenceMode {
  public:
    explicit InferenceMode(bool enabled = true) : grad_mode_(!enabled), previous_(inference_mode_enabled()) {
        set_inference_mode_enabled(enabled);
    }
    InferenceMode(const InferenceMode&) = delete;
    InferenceMode& operator=(const InferenceMode&) = delete;
    ~InferenceMode() { set_inference_mode_enabled(previous_); }

  private:
    GradMode grad_mode_;
    bool previous_;
};

} // namespace hs
