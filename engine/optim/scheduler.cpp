#include "engine/optim/scheduler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace hs::optim {

Scheduler::Scheduler(Optimizer& optimizer) : optimizer_(optimizer) {
    for (std::size_t group = 0; group < optimizer.group_count(); ++group)
        bases_.push_back(optimizer.initial_learning_rate(group));
}

void Scheduler::step() {
    ++epoch_;
    set_rates();
}

void Scheduler::set_rates() {
    for (std::size_t group = 0; group < bases_.size(); ++group)
        optimizer_.set_learning_rate(group, next(optimizer_.learning_rate(group), bases_[group]));
}

StepLR::StepLR(Optimizer& optimizer, std::int64_t step_size, double gamma)
    : Scheduler(optimizer), step_size_(step_size), gamma_(gamma) {
    if (step_size < 1) throw ValueError("step_size must be at least 1, but got " + std::to_string(step_size));
    set_rates();
}

double StepLR::next(double rate, double) {
    return epoch_ > 0 && epoch_ % step_size_ == 0 ? rate * gamma_ : rate;
}

MultiStepLR::MultiStepLR(Optimizer& optimizer, std::vector<std::int64_t> milestones, double gamma)
    : Scheduler(optimizer), milestones_(std::move(milestones)), gamma_(gamma) {
    set_rates();
}

double MultiStepLR::next(double rate, double) {
    return rate * std::pow(gamma_, static_cast<double>(std::ranges::count(milestones_, epoch_)));
}

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma) : Scheduler(optimizer), gamma_(gamma) {
    set_rates();
}

double ExponentialLR::next(double rate, double) {
    return epoch_ == 0 ? rate : rate * gamma_;
}

ConstantLR::ConstantLR(Optimizer& optimizer, double factor, std::int64_t total_iters)
    : Scheduler(optimizer), factor_(factor), total_iters_(total_iters) {
    if (factor < 0 || factor > 1) throw ValueError("Constant multiplicative factor expected to be between 0 and 1.");
    set_rates();
}

double ConstantLR::next(double rate, double) {
    if (epoch_ == 0) return rate * factor_;
    return epoch_ == total_iters_ ? rate / factor_ : rate;
}

LinearLR::LinearLR(Optimizer& optimizer, double start_factor, double end_factor, std::int64_t total_iters)
    : Scheduler(optimizer), start_(start_factor), end_(end_factor), total_iters_(total_iters) {
    if (start_ > 1 || start_ <= 0)
        throw ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    if (end_ > 1 || end_ < 0) throw ValueError("Ending multiplicative factor expected to be between 0 and 1.");
    set_rates();
}

double LinearLR::next(double rate, double) {
    if (epoch_ == 0) return rate * start_;
    if (epoch_ > total_iters_) return rate;
    const double before =
        static_cast<double>(total_iters_) * start_ + static_cast<double>(epoch_ - 1) * (end_ - start_);
    return rate * (1 + (end_ - start_) / before);
}

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, std::int64_t t_max, double eta_min)
    : Scheduler(optimizer), t_max_(t_max), eta_min_(eta_min) {
    if (t_max < 1) throw ValueError("t_max must be at least 1, but got " + std::to_string(t_max));
    set_rates();
}

double CosineAnnealingLR::next(double rate, double base) {
    if (epoch_ == 0) return rate;
    const auto height = [this](std::int64_t epoch) {
        return 1 + std::cos(std::numbers::pi * static_cast<double>(epoch) / static_cast<double>(t_max_));
    };
    // At the bottom there is nothing to multiply.
    if ((epoch_ - 1 - t_max_) % (2 * t_max_) == 0)
        return rate + (base - eta_min_) * (1 - std::cos(std::numbers::pi / static_cast<double>(t_max_))) / 2;
    return height(epoch_) / height(epoch_ - 1) * (rate - eta_min_) + eta_min_;
}

LambdaLR::LambdaLR(Optimizer& optimizer, std::function<double(std::int64_t)> factor)
    : Scheduler(optimizer), factor_(std::move(factor)) {
    set_rates();
}

double LambdaLR::next(double, double base) {
    return base * factor_(epoch_);
}

OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleOptions& o) : Scheduler(optimizer), options_(o) {
    if (o.total_steps <= 0)
        throw ValueError("Expected positive integer total_steps, but got " + std::to_string(o.total_steps));
    if (o.pct_start < 0 || o.pct_start > 1)
        throw ValueError("Expected float between 0 and 1 pct_start, but got " + std::to_string(o.pct_start));
    if (o.cycle_momentum && !optimizer.momentum())
        throw ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled");
    const double first = o.max_lr / o.div_factor, last = first / o.final_div_factor;
    const auto steps = static_cast<double>(o.total_steps);
    for (std::size_t group = 0; group < optimizer.group_count(); ++group)
        optimizer.set_initial_learning_rate(group, first);
    phases_.push_back({o.pct_start * steps - 1, first, o.max_lr, o.max_momentum, o.base_momentum});
    if (o.three_phase) {
        phases_.push_back({2 * o.pct_start * steps - 2, o.max_lr, first, o.base_momentum, o.max_momentum});
        phases_.push_back({steps - 1, first, last, o.max_momentum, o.max_momentum});
    } else {
        phases_.push_back({steps - 1, o.max_lr, last, o.base_momentum, o.max_momentum});
    }
    set_rates();
}

double OneCycleLR::between(double from, double to, double part) const {
    if (options_.linear) return (to - from) * part + from;
    return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * part));
}

double OneCycleLR::next(double, double) {
    if (epoch_ > options_.total_steps)
        throw ValueError("Tried to step " + std::to_string(epoch_) + " times. The specified number of total steps is " +
                         std::to_string(options_.total_steps));
    double begin = 0;
    std::size_t i = 0;
    for (; i + 1 < phases_.size() && static_cast<double>(epoch_) > phases_[i].end; ++i)
        begin = phases_[i].end;
    const Phase& phase = phases_[i];
    if (phase.end == begin) throw ValueError("a phase of no steps: pct_start is too small for so few steps");
    const double part = (static_cast<double>(epoch_) - begin) / (phase.end - begin);
    if (options_.cycle_momentum) optimizer_.set_momentum(between(phase.momentum_from, phase.momentum_to, part));
    return between(phase.rate_from, phase.rate_to, part);
}

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const PlateauOptions& options)
    : optimizer_(optimizer), options_(options),
      best_((options.maximize ? -1 : 1) * std::numeric_limits<double>::infinity()) {
    if (options.factor >= 1) throw ValueError("Factor should be < 1.0.");
}

bool ReduceLROnPlateau::is_better(double metric) const {
    const double sign = options_.maximize ? 1 : -1;
    if (options_.absolute_threshold) return sign * metric > sign * best_ + options_.threshold;
    return sign * metric > sign * best_ * (1 + sign * options_.threshold);
}

void ReduceLROnPlateau::step(double metric) {
    if (is_better(metric)) {
        best_ = metric;
        bad_epochs_ = 0;
    } else {
        ++bad_epochs_;
    }
    if (cooldown_left_ > 0) {
        --cooldown_left_;
        bad_epochs_ = 0;
    }
    if (bad_epochs_ <= options_.patience) return;
    for (std::size_t group = 0; group < optimizer_.group_count(); ++group) {
        const double old = optimizer_.learning_rate(group), wanted = std::max(old * options_.factor, options_.min_lr);
        if (old - wanted > options_.eps) optimizer_.set_learning_rate(group, wanted);
    }
    cooldown_left_ = options_.cooldown;
    bad_epochs_ = 0;
}

} // namespace hs::optim
