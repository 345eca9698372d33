#include "engine/nn/group_norm.h"

#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

GroupNorm::GroupNorm(std::int64_t num_groups, std::int64_t num_channels, double eps, bool affine)
    : weight(add_parameter("weight", affine ? ones({num_channels}) : Tensor())),
      bias(add_parameter("bias", affine ? zeros({num_channels}) : Tensor())), num_groups_(num_groups),
      num_channels_(num_channels), eps_(eps) {
    if (num_groups <= 0 || num_channels % num_groups != 0)
        throw ValueError("num_channels must be divisible by num_groups");
}

Tensor GroupNorm::forward(const Tensor& input) {
    return group_norm(input, num_groups_, weight, bias, eps_);
}

std::string GroupNorm::extra_repr() const {
    return std::to_string(num_groups_) + ", " + std::to_string(num_channels_) + ", eps=" + float_text(eps_) +
           ", affine=" + flag_text(weight.defined());
}

Tensor LocalResponseNorm::forward(const Tensor& input) {
    return local_response_norm(input, size_, alpha_.to_double(), beta_.to_double(), k_.to_double());
}

std::string LocalResponseNorm::extra_repr() const {
    return std::to_string(size_) + ", alpha=" + number_text(alpha_) + ", beta=" + number_text(beta_) +
           ", k=" + number_text(k_);
}

} // namespace hs::nn
