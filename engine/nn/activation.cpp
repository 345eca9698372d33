#include "engine/nn/activation.h"

#include "engine/ops/functional.h"

namespace hs::nn {

Tensor ReLU::forward(const Tensor& input) {
    return relu(input);
}

Tensor Softmax::forward(const Tensor& input) {
    return softmax(input, dim_);
}

Tensor LogSoftmax::forward(const Tensor& input) {
    return log_softmax(input, dim_);
}

} // namespace hs::nn
