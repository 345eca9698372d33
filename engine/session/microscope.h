#pragma once

#include "engine/session/retention.h"

namespace hs::session {

/// Looking into what a backward pass does to single tensors.
class Microscope {
  public:
    /// Non-leaf tensors that are to keep their gradient.
    Retention& retention() { return retention_; }

  private:
    Retention retention_;
};

} // namespace hs::session
