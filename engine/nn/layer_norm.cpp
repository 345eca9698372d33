#include "engine/nn/layer_norm.h"

#include "engine/nn/sizes.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

LayerNorm::LayerNorm(Dims normalized_shape, Options options)
    : weight(add_parameter("weight", options.elementwise_affine ? ones(Shape(normalized_shape)) : Tensor())),
      bias(add_parameter("bias",
                         options.elementwise_affine && options.bias ? zeros(Shape(normalized_shape)) : Tensor())),
      normalized_shape_(std::move(normalized_shape)), options_(options) {}

Tensor LayerNorm::forward(const Tensor& input) {
    return layer_norm(input, normalized_shape_, weight, bias, options_.eps);
}

std::string LayerNorm::extra_repr() const {
    return tuple_text(normalized_shape_) + ", eps=" + float_text(options_.eps) +
           ", elementwise_affine=" + flag_text(options_.elementwise_affine);
}

RMSNorm::RMSNorm(Dims normalized_shape, std::optional<double> eps, bool elementwise_affine)
    : weight(add_parameter("weight", elementwise_affine ? ones(Shape(normalized_shape)) : Tensor())),
      normalized_shape_(std::move(normalized_shape)), eps_(eps) {}

Tensor RMSNorm::forward(const Tensor& input) {
    return rms_norm(input, normalized_shape_, weight, eps_);
}

std::string RMSNorm::extra_repr() const {
    return tuple_text(normalized_shape_) + ", eps=" + (eps_ ? float_text(*eps_) : "None") +
           ", elementwise_affine=" + flag_text(weight.defined());
}

} // namespace hs::nn
