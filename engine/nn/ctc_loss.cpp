#include "engine/nn/ctc_loss.h"

#include "engine/ops/functional.h"

namespace hs::nn {

CTCLoss::CTCLoss(std::int64_t blank, const std::string& reduction, bool zero_infinity)
    : PlainLoss(4, [=](const Tensors& in) {
          return ctc_loss(in[0], in[1], in[2], in[3],
                          {.blank = blank, .reduction = reduction, .zero_infinity = zero_infinity});
      }) {}

} // namespace hs::nn
