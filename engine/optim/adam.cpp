#include "engine/optim/adam.h"

#include "engine/kernels/kernels.h"

namespace hs::optim {

AdamLike::AdamLike(std::vector<Tensor> parameters, const AdamOptions& options, bool decoupled)
    : OptimizerOf(std::move(parameters), options), decoupled_(decoupled), states_(this->parameters().size()) {}

void AdamLike::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    if (!state.m.defined()) {
        state.m = zeros(parameter.shape(), parameter.options());
        state.v = zeros(parameter.shape(), parameter.options());
        if (options_.amsgrad) state.greatest = zeros(parameter.shape(), parameter.options());
    }
    ++state.step;
    kernels_of(parameter).adam({.learning_rate = options_.lr,
                                .beta1 = options_.beta1,
                                .beta2 = options_.beta2,
                                .epsilon = options_.eps,
                                .weight_decay = options_.weight_decay,
                                .decoupled = decoupled_,
                                .maximize = options_.maximize,
                                .step = static_cast<double>(state.step)},
                               parameter, gradient, state.m, state.v, state.greatest);
}

} // namespace hs::optim
