#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// Normalises groups of channels of [n, c, ...], each group of each item by its own mean and biased variance; weight
/// and bias [c] start at 1 and 0.
class GroupNorm final : public Module {
  public:
    GroupNorm(std::int64_t num_groups, std::int64_t num_channels, double eps = 1e-5, bool affine = true);

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  private:
    std::int64_t num_groups_, num_channels_;
    double eps_;
};

/// Divides by (k + alpha * mean of the squares over `size` neighbouring channels)^beta.
class LocalResponseNorm final : public Module {
  public:
    explicit LocalResponseNorm(std::int64_t size, Scalar alpha = 1e-4, Scalar beta = 0.75, Scalar k = 1.0)
        : size_(size), alpha_(alpha), beta_(beta), k_(k) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    std::int64_t size_;
    Scalar alpha_, beta_, k_;
};

} // namespace hs::nn
