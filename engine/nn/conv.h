#pragma once

#include "engine/nn/module.h"
#include "engine/nn/pair.h"

namespace hs::nn {

/// 2-D convolution over [n, in_channels, h, w] (or without n). The weight is [out_channels, in_channels / groups,
/// kernel height, kernel width]; weight and bias start uniform in ±1/sqrt(fan_in) (rule 122).
class Conv2d : public Module {
  public:
    struct Options {
        Pair kernel_size;
        Pair stride = 1;
        Pair padding = 0;
        Pair dilation = 1;
        std::int64_t groups = 1;
        bool bias = true;
    };
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, Options options,
           Generator& generator = default_generator());

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  private:
    std::int64_t in_channels_, out_channels_;
    Options options_;
};

} // namespace hs::nn
