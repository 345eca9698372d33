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

} // namespace hs::nn
