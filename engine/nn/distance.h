#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// Cosine of the angle between two inputs along dim.
class CosineSimilarity final : public Module {
  public:
    explicit CosineSimilarity(std::int64_t dim = 1, double eps = 1e-8) : dim_(dim), eps_(eps) {}
    Tensors forward_all(const Tensors& inputs) override;

  private:
    std::int64_t dim_;
    double eps_;
};

/// The p-norm of the difference of two inputs, with eps added, along the last dimension.
class PairwiseDistance final : public Module {
  public:
    explicit PairwiseDistance(double p = 2, double eps = 1e-6, bool keepdim = false)
        : p_(p), eps_(eps), keepdim_(keepdim) {}
    Tensors forward_all(const Tensors& inputs) override;

  private:
    double p_, eps_;
    bool keepdim_;
};

} // namespace hs::nn
