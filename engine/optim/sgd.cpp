#include "engine/optim/sgd.h"

#include "engine/kernels/kernels.h"

namespace hs::optim {

Sgd::Sgd(std::vector<Tensor> parameters, SgdOptions options)
    : OptimizerOf(std::move(parameters), options), momentum_buffers_(this->parameters().size()) {
    check_not_negative(options_.momentum, "momentum value");
    if (options_.nesterov && (options_.momentum <= 0 || options_.dampening != 0))
        throw ValueError("Nesterov momentum requires a momentum and zero dampening");
}

void Sgd::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    Tensor& buffer = momentum_buffers_[index];
    const bool first = options_.momentum != 0 && !buffer.defined();
    if (first) buffer = zeros(parameter.shape(), parameter.options());
    kernels_of(parameter).sgd({.learning_rate = options_.lr,
                               .momentum = options_.momentum,
                               .dampening = options_.dampening,
                               .weight_decay = options_.weight_decay,
                               .nesterov = options_.nesterov,
                               .maximize = options_.maximize,
                               .first = first},
                              parameter, gradient, buffer);
}

} // namespace hs::optim
