#include "engine/nn/linear.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

#include <cmath>

namespace hs::nn {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, Options options, Generator& generator)
    : weight(add_parameter("weight", empty({out_features, in_features}))),
      bias(add_parameter("bias", options.bias ? empty({out_features}) : Tensor())), in_features_(in_features),
      out_features_(out_features) {
    if (weight.numel() > 0) init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)}, generator);
    if (!bias.defined()) return;
    const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
    init::uniform_(bias, -bound, bound, generator);
}

Tensor Linear::forward(const Tensor& input) {
    return linear(input, weight, bias);
}

std::string Linear::extra_repr() const {
    return "in_features=" + std::to_string(in_features_) + ", out_features=" + std::to_string(out_features_) +
           ", bias=" + (bias.defined() ? "True" : "False");
}

Bilinear::Bilinear(std::int64_t in1_features, std::int64_t in2_features, std::int64_t out_features, bool with_bias,
                   Generator& generator)
    : weight(add_parameter("weight", empty({out_features, in1_features, in2_features}))),
      bias(add_parameter("bias", with_bias ? empty({out_features}) : Tensor())) {
    const double bound = in1_features > 0 ? 1 / std::sqrt(static_cast<double>(in1_features)) : 0;
    init::uniform_(weight, -bound, bound, generator);
    if (bias.defined()) init::uniform_(bias, -bound, bound, generator);
}

Tensors Bilinear::forward_all(const Tensors& inputs) {
    check_count(inputs, 2);
    return {bilinear(inputs[0], inputs[1], weight, bias)};
}

std::string Bilinear::extra_repr() const {
    const Shape& sizes = weight.shape();
    return "in1_features=" + std::to_string(sizes[1]) + ", in2_features=" + std::to_string(sizes[2]) +
           ", out_features=" + std::to_string(sizes[0]) + ", bias=" + (bias.defined() ? "True" : "False");
}

} // namespace hs::nn
