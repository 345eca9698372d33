#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// y = x W^T + b. W is [out_features, in_features]; both start uniform in ±1/sqrt(in_features) (rule 122).
class Linear : public Module {
  public:
    struct Options {
        bool bias = true;
    };
    Linear(std::int64_t in_features, std::int64_t out_features) : Linear(in_features, out_features, Options{}) {}
    Linear(std::int64_t in_features, std::int64_t out_features, Options options,
           Generator& generator = default_generator());

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  private:
    std::int64_t in_features_, out_features_;
};

/// y[o] = x1^T W[o] x2 + b[o]. W is [out_features, in1_features, in2_features]; both start uniform in
/// ±1/sqrt(in1_features).
class Bilinear final : public Module {
  public:
    Bilinear(std::int64_t in1_features, std::int64_t in2_features, std::int64_t out_features, bool bias = true,
             Generator& generator = default_generator());

    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;
};

} // namespace hs::nn
