#include "engine/nn/layer_norm.h"

#include "engine/nn/float_text.h"
#include "engine/ops/functional.h"

namespace hs::nn {

LayerNorm::LayerNorm(Dims normalized_shape, Options options)
    : weight(register_parameter("weight", options.elementwise_affine ? ones(Shape(normalized_shape)) : Tensor())),
      bias(register_parameter("bias",
                              options.elementwise_affine && options.bias ? zeros(Shape(normalized_shape)) : Tensor())),
      normalized_shape_(std::move(normalized_shape)), options_(options) {}

Tensor LayerNorm::forward(const Tensor& input) {
    return layer_norm(input, normalized_shape_, weight, bias, options_.eps);
}

std::string LayerNorm::extra_repr() const {
    std::string sizes;
    for (std::size_t i = 0; i < normalized_shape_.size(); ++i)
        sizes += (i > 0 ? ", " : "") + std::to_string(normalized_shape_[i]);
    return "(" + sizes + (normalized_shape_.size() == 1 ? ",)" : ")") + ", eps=" + float_text(options_.eps) +
           ", elementwise_affine=" + (options_.elementwise_affine ? "True" : "False");
}

} // namespace hs::nn
