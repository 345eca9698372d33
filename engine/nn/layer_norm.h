#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// Normalises over the last dimensions, whose sizes are `normalized_shape`; weight and bias have that shape and start
/// at 1 and 0.
class LayerNorm final : public Module {
  public:
    struct Options {
        double eps = 1e-5;
        bool elementwise_affine = true;
        bool bias = true;
    };
    explicit LayerNorm(Dims normalized_shape) : LayerNorm(std::move(normalized_shape), Options{}) {}
    explicit LayerNorm(std::int64_t size) : LayerNorm(Dims{size}, Options{}) {}
    LayerNorm(Dims normalized_shape, Options options);

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  private:
    Dims normalized_shape_;
    Options options_;
};

/// Divides by the root of the mean square over the last dimensions, whose sizes are `normalized_shape`; weight has that
/// shape and starts at 1. Without an eps, it is the dtype's distance from 1 to the next number.
class RMSNorm final : public Module {
  public:
    explicit RMSNorm(Dims normalized_shape, std::optional<double> eps = std::nullopt, bool elementwise_affine = true);
    explicit RMSNorm(std::int64_t size) : RMSNorm(Dims{size}) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;

  private:
    Dims normalized_shape_;
    std::optional<double> eps_;
};

} // namespace hs::nn
