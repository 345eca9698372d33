#include "engine/optim/sgd.h"

#include "engine/kernels/kernels.h"

namespace hs::optim {

void SgdOptions::check() const {
    check_not_negative(lr, "learning rate");
    check_not_negative(momentum, "momentum value");
    check_not_negative(weight_decay, "weight_decay value");
    if (nesterov && (momentum <= 0 || dampening != 0))
        throw ValueError("Nesterov momentum requires a momentum and zero dampening");
}

void Sgd::apply(const SgdOptions& options, SgdState& state, const Tensor& parameter, const Tensor& gradient) {
    const bool first = options.momentum != 0 && !state.momentum_buffer.defined();
    if (first) state.momentum_buffer = zeros(parameter.shape(), parameter.options());
    kernels_of(parameter).sgd({.learning_rate = options.lr,
                               .momentum = options.momentum,
                               .dampening = options.dampening,
                               .weight_decay = options.weight_decay,
                               .nesterov = options.nesterov,
                               .maximize = options.maximize,
                               .first = first},
                              parameter, gradient, state.momentum_buffer);
}

} // namespace hs::optim
