#pragma once

#include "engine/session/chain_rule.h"
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
    /// What one node did to one element, in numbers.
    ChainRules& chain_rules() { return chain_rules_; }

  private:
    Retention retention_;
    ElementHistory element_;
    ChainRules chain_rules_;
};

} // namespace hs::session
