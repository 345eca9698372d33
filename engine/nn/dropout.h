#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// In training zeroes each element with probability p and scales the others by 1 / (1 - p); in evaluation returns the
/// input itself (rule 120). Draws from the default generator of the thread that runs it.
class Dropout final : public Module {
  public:
    explicit Dropout(double p = 0.5);
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    double p_;
};

} // namespace hs::nn
