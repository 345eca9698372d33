#pragma once

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

} // namespace hs
