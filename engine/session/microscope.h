#pragma once

#include "engine/session/element_history.h"
#include "engine/session/retention.h"

namespace hs::session {

/// Looking into what training does to single tensors and elements.
class Microscope {
  public:
    /// Non-leaf tensors that are to keep their gradient.
    Retention& retention() { return retention_; }
    /// What was written into one element of a parameter, step after step.
    ElementHistory& element() { return element_; }

  private:
    Retention retention_;
    ElementHistory element_;
};

} // namespace hs::session
