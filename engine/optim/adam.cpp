#include "engine/optim/adam.h"

#include "engine/kernels/kernels.h"

namespace hs::optim {

template <bool decoupled>
void AdamOf<decoupled>::apply(const AdamOptionsOf<decoupled>& options, AdamState& state, const Tensor& parameter,
                              const Tensor& gradient) {
    const auto start = [&](Tensor& tensor) {
        if (!tensor.defined()) tensor = zeros(parameter.shape(), parameter.options());
    };
    start(state.m);
    start(state.v);
    if (options.amsgrad) start(state.greatest);
    ++state.step;
    kernels_of(parameter).adam({.learning_rate = options.lr,
                                .beta1 = options.beta1,
                                .beta2 = options.beta2,
                                .epsilon = options.eps,
                                .weight_decay = options.weight_decay,
                                .decoupled = decoupled,
                                .maximize = options.maximize,
                                .step = static_cast<double>(state.step)},
                               parameter, gradient, state.m, state.v, options.amsgrad ? state.greatest : Tensor());
}

template class AdamOf<false>;
template class AdamOf<true>;

} // namespace hs::optim
