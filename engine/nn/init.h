#pragma once

#include "engine/tensor/generator.h"
#include "engine/tensor/tensor.h"

#include <utility>

/// `torch.nn.init`: fills a tensor in place, without recording.
namespace hs::nn::init {

/// Inputs and outputs of one unit: for [out, in, ...kernel] in * kernel and out * kernel. Needs two dimensions.
std::pair<std::int64_t, std::int64_t> fan_in_and_fan_out(const Tensor& tensor);

void uniform_(const Tensor& tensor, double low, double high, Generator& generator = default_generator());
void normal_(const Tensor& tensor, double mean, double std, Generator& generator = default_generator());
void constant_(const Tensor& tensor, const Scalar& value);
/// Uniform in ±gain sqrt(3 / fan_in), gain = sqrt(2 / (1 + a^2)) of a leaky relu with slope `a` (He et al. 2015).
void kaiming_uniform_(const Tensor& tensor, double a = 0, Generator& generator = default_generator());
/// Normal with std sqrt(2 / (1 + a^2)) / sqrt(fan_in), or fan_out.
void kaiming_normal_(const Tensor& tensor, double a = 0, bool fan_out = false,
                     Generator& generator = default_generator());
/// Uniform in ±gain sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).
void xavier_uniform_(const Tensor& tensor, double gain = 1, Generator& generator = default_generator());

} // namespace hs::nn::init
