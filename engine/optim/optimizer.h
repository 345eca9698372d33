#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/tensor/tensor.h"

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

} // namespace hs::optim
