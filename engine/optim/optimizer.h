#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/optim/check.h"
#include "engine/tensor/tensor.h"

#include <optional>
#include <string>
#include <vector>

namespace hs::optim {

/// What all optimizers have (rules 50 and 123): parameters, hooks around step(), zero_grad().
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /// Changes every parameter that has a `.grad`; those without are skipped.
    void step();
    void zero_grad(bool set_to_none = true);
    const std::vector<Tensor>& parameters() const { return parameters_; }

    virtual double learning_rate() const = 0;
    virtual void set_learning_rate(double value) = 0;
    /// What OneCycleLR cycles with the learning rate: momentum, or the first beta; nothing where there is neither.
    virtual std::optional<double> momentum() const { return std::nullopt; }
    virtual void set_momentum(double) {}
    virtual std::string type_name() const = 0;

    /// Called before and after step(), with the optimizer (`register_step_pre_hook`, `register_step_post_hook`).
    RemovableHandle register_step_pre_hook(std::function<void(Optimizer&)> hook) {
        return pre_hooks_.add(std::move(hook));
    }
    RemovableHandle register_step_post_hook(std::function<void(Optimizer&)> hook) {
        return post_hooks_.add(std::move(hook));
    }

  protected:
    /// Checks as in rule 123.
    explicit Optimizer(std::vector<Tensor> parameters);

    /// Changes `parameter`, the `index`-th; runs without recording.
    virtual void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) = 0;

  private:
    std::vector<Tensor> parameters_;
    HookList<void(Optimizer&)> pre_hooks_;
    HookList<void(Optimizer&)> post_hooks_;
};

/// An optimizer whose options are a struct with `lr`, and `momentum` or `beta1` where it has one.
template <class Options>
class OptimizerOf : public Optimizer {
  public:
    double learning_rate() const override { return options_.lr; }
    void set_learning_rate(double value) override {
        check_not_negative(value, "learning rate");
        options_.lr = value;
    }
    std::optional<double> momentum() const override {
        if constexpr (requires(Options o) { o.momentum; })
            return options_.momentum;
        else if constexpr (requires(Options o) { o.beta1; })
            return options_.beta1;
        else
            return std::nullopt;
    }
    void set_momentum(double value) override {
        if constexpr (requires(Options o) { o.momentum; }) options_.momentum = value;
        if constexpr (requires(Options o) { o.beta1; }) options_.beta1 = value;
    }
    const Options& options() const { return options_; }

  protected:
    /// Checks the learning rate, and `weight_decay` and `eps` where there are any.
    OptimizerOf(std::vector<Tensor> parameters, const Options& options)
        : Optimizer(std::move(parameters)), options_(options) {
        check_not_negative(options.lr, "learning rate");
        if constexpr (requires { options.eps; }) check_not_negative(options.eps, "epsilon value");
        if constexpr (requires { options.beta2; }) {
            check_beta(options.beta1, 0);
            check_beta(options.beta2, 1);
        }
        check_not_negative(options.weight_decay, "weight_decay value");
    }

    Options options_;
};

} // namespace hs::optim
