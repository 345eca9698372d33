#include "engine/optim/adam.h"

#include "engine/kernels/kernels.h"
#include "engine/optim/check.h"

namespace hs::optim {

Adam::Adam(std::vector<Tensor> parameters, AdamOptions options)
    : Optimizer(std::move(parameters)), options_(options), states_(this->parameters().size()) {
    check_not_negative(options_.lr, "learning rate");
    check_not_negative(options_.eps, "epsilon value");
    check_not_negative(options_.weight_decay, "weight_decay value");
    const auto check_beta = [](double beta, int i) {
        if (!(beta >= 0 && beta < 1))
            throw ValueError("Invalid beta parameter at index " + std::to_string(i) + ": " + std::to_string(beta));
    };
    check_beta(options_.beta1, 0);
    check_beta(options_.beta2, 1);
}

void Adam::set_learning_rate(double value) {
    check_not_negative(value, "learning rate");
    options_.lr = value;
}

void Adam::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
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
                                .maximize = options_.maximize,
                                .step = static_cast<double>(state.step)},
                               parameter, gradient, state.m, state.v, state.greatest);
}

} // namespace hs::optim
