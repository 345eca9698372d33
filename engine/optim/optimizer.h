#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/tensor/tensor.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hs::optim {

/// An option as `param_groups` shows it: None, a flag, a number, a pair of them (`betas`).
using OptionValue = std::variant<std::monostate, bool, double, std::pair<double, double>>;

/// What `state_dict()` gives (rule 126).
struct OptimizerState {
    struct Group {
        std::map<std::string, OptionValue> options;
        std::vector<std::size_t> params; ///< indices, counted over all groups
    };
    /// By a parameter's index and by name (`exp_avg`); none for a parameter that had no step. `step` is float32 and
    /// 0-dim.
    std::map<std::size_t, std::map<std::string, Tensor>> state;
    std::vector<Group> param_groups;
};

/// What all optimizers have (rules 50 and 123): parameters in groups with options of their own, hooks around step(),
/// zero_grad(), and a state that can be saved.
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /// Changes every parameter that has a `.grad`; those without are skipped.
    void step();
    void zero_grad(bool set_to_none = true);
    /// Of all groups, in their order.
    const std::vector<Tensor>& parameters() const { return parameters_; }

    std::size_t group_count() const { return group_count_; }
    virtual double learning_rate(std::size_t group = 0) const = 0;
    virtual void set_learning_rate(std::size_t group, double value) = 0;
    /// Of all groups.
    void set_learning_rate(double value);
    /// What schedulers start from (PyTorch's `initial_lr`): the rate that the group had when its first scheduler was
    /// made, unless that one chose another.
    double initial_learning_rate(std::size_t group);
    void set_initial_learning_rate(std::size_t group, double value) { initial_rates_.at(group) = value; }
    /// What OneCycleLR cycles with the learning rate: momentum, or the first beta; nothing where there is neither.
    virtual std::optional<double> momentum(std::size_t group = 0) const = 0;
    /// Of all groups.
    virtual void set_momentum(double value) = 0;
    virtual std::string type_name() const = 0;
    /// As PyTorch prints it (rule 127).
    std::string to_string() const;

    /// Its tensors are copies: what happens later does not change them.
    virtual OptimizerState state_dict() const = 0;
    /// Takes options and state over; tensors are copied and cast to their parameter's dtype. Throws ValueError with
    /// PyTorch's texts when groups do not match, and when a tensor or an option does not fit; nothing is changed then.
    virtual void load_state_dict(const OptimizerState& state) = 0;

    /// Called before and after step(), with the optimizer (`register_step_pre_hook`, `register_step_post_hook`).
    RemovableHandle register_step_pre_hook(std::function<void(Optimizer&)> hook) {
        return pre_hooks_.add(std::move(hook));
    }
    RemovableHandle register_step_post_hook(std::function<void(Optimizer&)> hook) {
        return post_hooks_.add(std::move(hook));
    }

  protected:
    Optimizer() = default;

    /// Checks as in rule 123; changes nothing when it throws.
    void add_group(const std::vector<Tensor>& parameters);
    std::size_t group_of(std::size_t index) const { return group_of_[index]; }
    virtual std::map<std::string, OptionValue> options_of(std::size_t group) const = 0;
    /// What `param_groups` shows of each.
    std::vector<OptimizerState::Group> groups() const;
    /// Which of the saved indices stands for each parameter. Throws as load_state_dict does.
    std::vector<std::size_t> saved_indices(const OptimizerState& state) const;
    void load_initial_learning_rates(const OptimizerState& state);

    /// Changes `parameter`, the `index`-th; runs without recording.
    virtual void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) = 0;

  private:
    std::vector<Tensor> parameters_;
    std::vector<std::size_t> group_of_; ///< of each parameter
    std::size_t group_count_ = 0;
    std::vector<std::optional<double>> initial_rates_; ///< of each group
    HookList<void(Optimizer&)> pre_hooks_;
    HookList<void(Optimizer&)> post_hooks_;
};

} // namespace hs::optim
