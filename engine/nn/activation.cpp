#include "engine/nn/activation.h"

#include "engine/nn/float_text.h"
#include "engine/ops/functional.h"

namespace hs::nn {

Tensor ReLU::forward(const Tensor& input) {
    return relu(input);
}

Tensor Tanh::forward(const Tensor& input) {
    return tanh(input);
}

Tensor Sigmoid::forward(const Tensor& input) {
    return sigmoid(input);
}

Tensor SiLU::forward(const Tensor& input) {
    return silu(input);
}

Tensor GELU::forward(const Tensor& input) {
    return gelu(input);
}

Tensor LeakyReLU::forward(const Tensor& input) {
    return leaky_relu(input, negative_slope_);
}

std::string LeakyReLU::extra_repr() const {
    return "negative_slope=" + float_text(negative_slope_);
}

Tensor ELU::forward(const Tensor& input) {
    return elu(input, alpha_);
}

std::string ELU::extra_repr() const {
    return "alpha=" + float_text(alpha_);
}

Tensor Hardswish::forward(const Tensor& input) {
    return hardswish(input);
}

Tensor Softmax::forward(const Tensor& input) {
    return softmax(input, dim_);
}

Tensor LogSoftmax::forward(const Tensor& input) {
    return log_softmax(input, dim_);
}

} // namespace hs::nn
