#pragma once

#include "engine/nn/loss.h"

namespace hs::nn {

/// Connectionist temporal classification. Inputs: log-probabilities [steps, batch, classes], targets, and the lengths
/// of both as tensors of integers (functional.h: ctc_loss).
class CTCLoss final : public PlainLoss {
  public:
    explicit CTCLoss(std::int64_t blank = 0, const std::string& reduction = "mean", bool zero_infinity = false);
};

} // namespace hs::nn
