#pragma once

#include "engine/hooks/hook_list.h"
#include "engine/tensor/tensor.h"

#include <functional>
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
    /// Evaluates `closure` first, with gradients, and returns what it returns.
    Tensor step(const std::function<Tensor()>& closure);
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
    OptimizerState state_dict();
    /// Takes options and state over; tensors are copied and cast to their parameter's dtype. Throws ValueError with
    /// PyTorch's texts when groups do not match, and when a tensor or an option does not fit; nothing is changed then.
    void load_state_dict(OptimizerState state);

    // Hooks of this optimizer. Those around step() are called with the optimizer, between the global ones; the others
    // around the call that they are named after, with the state where they may change it.
    using Hook = void(Optimizer&);
    using StateHook = void(Optimizer&, OptimizerState&);
    RemovableHandle register_step_pre_hook(std::function<Hook> hook) { return hooks_.pre.add(std::move(hook)); }
    RemovableHandle register_step_post_hook(std::function<Hook> hook) { return hooks_.post.add(std::move(hook)); }
    RemovableHandle register_state_dict_pre_hook(std::function<Hook> hook, bool prepend = false) {
        return save_pre_hooks_.add(std::move(hook), prepend);
    }
    RemovableHandle register_state_dict_post_hook(std::function<StateHook> hook, bool prepend = false) {
        return save_post_hooks_.add(std::move(hook), prepend);
    }
    RemovableHandle register_load_state_dict_pre_hook(std::function<StateHook> hook, bool prepend = false) {
        return load_pre_hooks_.add(std::move(hook), prepend);
    }
    RemovableHandle register_load_state_dict_post_hook(std::function<Hook> hook, bool prepend = false) {
        return load_post_hooks_.add(std::move(hook), prepend);
    }

    /// Hooks around step().
    struct StepHooks {
        HookList<Hook> pre;
        HookList<Hook> post;
    };
    const StepHooks& step_hooks() const { return hooks_; }
    /// Those around every optimizer's step() on this thread.
    static StepHooks& global_step_hooks();

  protected:
    Optimizer() = default;

    /// Checks as in rule 123; changes nothing when it throws.
    void add_group(const std::vector<Tensor>& parameters);
    std::size_t group_of(std::size_t index) const { return group_of_[index]; }
    /// A parameter that is twice in a group has one state: that of its first place.
    std::size_t first_of(std::size_t index) const { return first_of_[index]; }
    virtual std::map<std::string, OptionValue> options_of(std::size_t group) const = 0;
    /// What `param_groups` shows of each.
    std::vector<OptimizerState::Group> groups() const;
    /// Which of the saved indices stands for each parameter. Throws as load_state_dict does.
    std::vector<std::size_t> saved_indices(const OptimizerState& state) const;
    void load_initial_learning_rates(const OptimizerState& state);

    virtual OptimizerState save() const = 0;
    virtual void load(const OptimizerState& state) = 0;
    /// Changes `parameter`, the `index`-th; runs without recording.
    virtual void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) = 0;

  private:
    std::vector<Tensor> parameters_;
    std::vector<std::size_t> group_of_; ///< of each parameter
    std::vector<std::size_t> first_of_;
    std::size_t group_count_ = 0;
    std::vector<std::optional<double>> initial_rates_; ///< of each group
    StepHooks hooks_;
    HookList<Hook> save_pre_hooks_;
    HookList<StateHook> save_post_hooks_;
    HookList<StateHook> load_pre_hooks_;
    HookList<Hook> load_post_hooks_;
};

// PyTorch's names for hooks around every step().
inline RemovableHandle register_optimizer_step_pre_hook(std::function<Optimizer::Hook> hook) {
    return Optimizer::global_step_hooks().pre.add(std::move(hook));
}
inline RemovableHandle register_optimizer_step_post_hook(std::function<Optimizer::Hook> hook) {
    return Optimizer::global_step_hooks().post.add(std::move(hook));
}

} // namespace hs::optim
