#include "engine/nn/loss.h"

#include "engine/ops/functional.h"

namespace hs::nn {

Tensor Loss::operator()(const Tensor& input, const Tensor& target) {
    return call({input, target}).at(0);
}

Tensors Loss::forward_all(const Tensors& inputs) {
    if (inputs.size() != 2)
        throw TypeError(type_name() + ".forward() takes 2 positional arguments but " + std::to_string(inputs.size()) +
                        " were given");
    return {loss(inputs[0], inputs[1])};
}

Tensor CrossEntropyLoss::loss(const Tensor& input, const Tensor& target) {
    return cross_entropy(input, target);
}

Tensor NLLLoss::loss(const Tensor& input, const Tensor& target) {
    return nll_loss(input, target);
}

Tensor MSELoss::loss(const Tensor& input, const Tensor& target) {
    return mse_loss(input, target);
}

} // namespace hs::nn
