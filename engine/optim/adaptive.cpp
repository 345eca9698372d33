#include "engine/optim/adaptive.h"

#include "engine/ops/functional.h"

#include <cmath>

// Made of operations: update() runs without recording.
namespace hs::optim {

namespace {

/// A tensor of the parameter's kind, made at its first use.
Tensor& kept(Tensor& state, const Tensor& parameter, double value = 0) {
    if (!state.defined()) state = full(parameter.shape(), value, parameter.options());
    return state;
}

/// mean = rate * mean + (1 - rate) * value.
void average(Tensor& mean, const Tensor& value, double rate) {
    mean.mul_(Scalar(rate)).add_(value, 1 - rate);
}

template <class Options>
Tensor decayed(const Options& options, const Tensor& parameter, const Tensor& gradient) {
    const Tensor g = options.maximize ? neg(gradient) : gradient;
    return options.weight_decay != 0 ? g + parameter.detach() * options.weight_decay : g;
}

/// The same where the decay may be of the parameter itself.
template <class Options>
Tensor decayed_or_decoupled(const Options& options, Tensor& parameter, const Tensor& gradient) {
    if (!options.decoupled_weight_decay) return decayed(options, parameter, gradient);
    parameter.mul_(Scalar(1 - options.lr * options.weight_decay));
    return options.maximize ? neg(gradient) : gradient;
}

} // namespace

RMSprop::RMSprop(std::vector<Tensor> parameters, const RMSpropOptions& options)
    : OptimizerOf(std::move(parameters), options), states_(this->parameters().size()) {
    check_not_negative(options.momentum, "momentum value");
    check_not_negative(options.alpha, "alpha value");
}

void RMSprop::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    Tensor p = parameter.detach();
    const Tensor g = decayed(options_, p, gradient);
    average(kept(state.square, p), square(g), options_.alpha);
    Tensor size = state.square;
    if (options_.centered) {
        average(kept(state.mean, p), g, options_.alpha);
        size = size - square(state.mean);
    }
    const Tensor step = g / (sqrt(size) + options_.eps);
    if (options_.momentum > 0) {
        kept(state.buffer, p).mul_(Scalar(options_.momentum)).add_(step);
        p.add_(state.buffer, -options_.lr);
    } else {
        p.add_(step, -options_.lr);
    }
}

Adagrad::Adagrad(std::vector<Tensor> parameters, const AdagradOptions& options)
    : OptimizerOf(std::move(parameters), options), states_(this->parameters().size()) {
    check_not_negative(options.lr_decay, "lr_decay value");
    check_not_negative(options.initial_accumulator_value, "initial_accumulator_value value");
}

void Adagrad::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    Tensor p = parameter.detach();
    const Tensor g = decayed(options_, p, gradient);
    const double rate = options_.lr / (1 + static_cast<double>(state.step++) * options_.lr_decay);
    kept(state.sum, p, options_.initial_accumulator_value).add_(square(g));
    p.add_(g / (sqrt(state.sum) + options_.eps), -rate);
}

Adadelta::Adadelta(std::vector<Tensor> parameters, const AdadeltaOptions& options)
    : OptimizerOf(std::move(parameters), options), states_(this->parameters().size()) {
    check_range(options.rho >= 0 && options.rho <= 1, options.rho, "rho value");
}

void Adadelta::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    Tensor p = parameter.detach();
    const Tensor g = decayed(options_, p, gradient);
    average(kept(state.square, p), square(g), options_.rho);
    const Tensor change = sqrt(kept(state.change, p) + options_.eps) / sqrt(state.square + options_.eps) * g;
    average(state.change, square(change), options_.rho);
    p.add_(change, -options_.lr);
}

NAdam::NAdam(std::vector<Tensor> parameters, const NAdamOptions& options)
    : OptimizerOf(std::move(parameters), options), states_(this->parameters().size()) {
    check_not_negative(options.momentum_decay, "momentum_decay value");
}

void NAdam::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    Tensor p = parameter.detach();
    const Tensor g = decayed_or_decoupled(options_, p, gradient);
    const auto momentum_at = [&](double step) {
        return options_.beta1 * (1 - 0.5 * std::pow(0.96, step * options_.momentum_decay));
    };
    const auto t = static_cast<double>(++state.step);
    const double now = momentum_at(t), next = momentum_at(t + 1);
    state.product *= now;
    average(kept(state.m, p), g, options_.beta1);
    average(kept(state.v, p), square(g), options_.beta2);
    const Tensor size = sqrt(state.v / (1 - std::pow(options_.beta2, t))) + options_.eps;
    p.add_(g / size, -options_.lr * (1 - now) / (1 - state.product));
    p.add_(state.m / size, -options_.lr * next / (1 - state.product * next));
}

RAdam::RAdam(std::vector<Tensor> parameters, const RAdamOptions& options)
    : OptimizerOf(std::move(parameters), options), states_(this->parameters().size()) {}

void RAdam::update(std::size_t index, const Tensor& parameter, const Tensor& gradient) {
    State& state = states_[index];
    Tensor p = parameter.detach();
    const Tensor g = decayed_or_decoupled(options_, p, gradient);
    const auto t = static_cast<double>(++state.step);
    average(kept(state.m, p), g, options_.beta1);
    average(kept(state.v, p), square(g), options_.beta2);
    const double power = std::pow(options_.beta2, t), left = 1 - power;
    const double last = 2 / (1 - options_.beta2) - 1, now = last - 2 * t * power / left;
    const double rate = options_.lr / (1 - std::pow(options_.beta1, t));
    if (now <= 5) {
        p.add_(state.m, -rate);
        return;
    }
    const double rectified = std::sqrt((now - 4) * (now - 2) * last / ((last - 4) * (last - 2) * now));
    p.add_(state.m / (sqrt(state.v) + options_.eps), -rate * rectified * std::sqrt(left));
}

} // namespace hs::optim
