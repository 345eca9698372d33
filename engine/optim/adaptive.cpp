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

void RMSpropOptions::check() const {
    check_common(*this);
    check_not_negative(momentum, "momentum value");
    check_not_negative(alpha, "alpha value");
}

void RMSprop::apply(const RMSpropOptions& options, RMSpropState& state, const Tensor& parameter,
                    const Tensor& gradient) {
    ++state.step;
    Tensor p = parameter.detach();
    const Tensor g = decayed(options, p, gradient);
    average(kept(state.square, p), square(g), options.alpha);
    Tensor size = state.square;
    if (options.centered) {
        average(kept(state.mean, p), g, options.alpha);
        size = size - square(state.mean);
    }
    const Tensor step = g / (sqrt(size) + options.eps);
    if (options.momentum > 0) {
        kept(state.buffer, p).mul_(Scalar(options.momentum)).add_(step);
        p.add_(state.buffer, -options.lr);
    } else {
        p.add_(step, -options.lr);
    }
}

void AdagradOptions::check() const {
    check_common(*this);
    check_not_negative(lr_decay, "lr_decay value");
    check_not_negative(initial_accumulator_value, "initial_accumulator_value value");
}

void Adagrad::apply(const AdagradOptions& options, AdagradState& state, const Tensor& parameter,
                    const Tensor& gradient) {
    Tensor p = parameter.detach();
    const Tensor g = decayed(options, p, gradient);
    const double rate = options.lr / (1 + static_cast<double>(state.step++) * options.lr_decay);
    kept(state.sum, p, options.initial_accumulator_value).add_(square(g));
    p.add_(g / (sqrt(state.sum) + options.eps), -rate);
}

void AdadeltaOptions::check() const {
    check_common(*this);
    check_range(rho >= 0 && rho <= 1, rho, "rho value");
}

void Adadelta::apply(const AdadeltaOptions& options, AdadeltaState& state, const Tensor& parameter,
                     const Tensor& gradient) {
    ++state.step;
    Tensor p = parameter.detach();
    const Tensor g = decayed(options, p, gradient);
    average(kept(state.square, p), square(g), options.rho);
    const Tensor change = sqrt(kept(state.change, p) + options.eps) / sqrt(state.square + options.eps) * g;
    average(state.change, square(change), options.rho);
    p.add_(change, -options.lr);
}

void NAdamOptions::check() const {
    check_common(*this);
    check_not_negative(momentum_decay, "momentum_decay value");
}

void NAdam::apply(const NAdamOptions& options, NAdamState& state, const Tensor& parameter, const Tensor& gradient) {
    Tensor p = parameter.detach();
    const Tensor g = decayed_or_decoupled(options, p, gradient);
    const auto momentum_at = [&](double step) {
        return options.beta1 * (1 - 0.5 * std::pow(0.96, step * options.momentum_decay));
    };
    const auto t = static_cast<double>(++state.step);
    const double now = momentum_at(t), next = momentum_at(t + 1);
    state.product *= now;
    average(kept(state.m, p), g, options.beta1);
    average(kept(state.v, p), square(g), options.beta2);
    const Tensor size = sqrt(state.v / (1 - std::pow(options.beta2, t))) + options.eps;
    p.add_(g / size, -options.lr * (1 - now) / (1 - state.product));
    p.add_(state.m / size, -options.lr * next / (1 - state.product * next));
}

void RAdamOptions::check() const {
    check_common(*this);
}

void RAdam::apply(const RAdamOptions& options, RAdamState& state, const Tensor& parameter, const Tensor& gradient) {
    Tensor p = parameter.detach();
    const Tensor g = decayed_or_decoupled(options, p, gradient);
    const auto t = static_cast<double>(++state.step);
    average(kept(state.m, p), g, options.beta1);
    average(kept(state.v, p), square(g), options.beta2);
    const double power = std::pow(options.beta2, t), left = 1 - power;
    const double last = 2 / (1 - options.beta2) - 1, now = last - 2 * t * power / left;
    const double rate = options.lr / (1 - std::pow(options.beta1, t));
    if (now <= 5) {
        p.add_(state.m, -rate);
        return;
    }
    const double rectified = std::sqrt((now - 4) * (now - 2) * last / ((last - 4) * (last - 2) * now));
    p.add_(state.m / (sqrt(state.v) + options.eps), -rate * rectified * std::sqrt(left));
}

} // namespace hs::optim
