#include "engine/nn/activation.h"

#include "engine/ops/functional.h"

#include <cmath>
#include <cstdio>

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
    char text[48];
    std::snprintf(text, sizeof text, "negative_slope=%.12g", negative_slope_);
    return text;
}

Tensor ELU::forward(const Tensor& input) {
    return elu(input, alpha_);
}

std::string ELU::extra_repr() const {
    char text[48];
    std::snprintf(text, sizeof text, alpha_ == std::floor(alpha_) ? "alpha=%.1f" : "alpha=%.12g", alpha_);
    return text;
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
