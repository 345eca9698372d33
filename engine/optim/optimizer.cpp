#include "engine/optim/optimizer.h"

#include "engine/graph/grad_mode.h"
#include "engine/tensor/error.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/warning.h"

#include <algorithm>
#include <set>

namespace hs::optim {

namespace {

/// A whole option such as `momentum=0` is mostly given, and printed, as an integer.
std::string text_of(const OptionValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return flag_text(*flag);
    if (const auto* number = std::get_if<double>(&value)) return *number == 0 ? "0" : float_text(*number);
    if (const auto* pair = std::get_if<std::pair<double, double>>(&value))
        return "(" + float_text(pair->first) + ", " + float_text(pair->second) + ")";
    return "None";
}

} // namespace

void Optimizer::add_group(const std::vector<Tensor>& parameters) {
    const std::set<const TensorImpl*> others = [this] {
        std::set<const TensorImpl*> seen;
        for (const Tensor& parameter : parameters_)
            seen.insert(parameter.impl());
        return seen;
    }();
    std::map<const TensorImpl*, std::size_t> first;
    std::vector<std::size_t> first_of;
    for (const Tensor& parameter : parameters) {
        if (!parameter.defined())
            throw TypeError("optimizer can only optimize Tensors, but one of the params is NoneType");
        if (!parameter.is_leaf() && !parameter.retains_grad()) throw ValueError("can't optimize a non-leaf Tensor");
        if (others.contains(parameter.impl()))
            throw ValueError("some parameters appear in more than one parameter group");
        first_of.push_back(first.try_emplace(parameter.impl(), parameters_.size() + first_of.size()).first->second);
    }
    if (first.size() < parameters.size())
        warn("optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
             "see github.com/pytorch/pytorch/issues/40967 for more information");
    parameters_.insert(parameters_.end(), parameters.begin(), parameters.end());
    first_of_.insert(first_of_.end(), first_of.begin(), first_of.end());
    group_of_.resize(parameters_.size(), group_count_);
    ++group_count_;
    initial_rates_.emplace_back();
}

Optimizer::StepHooks& Optimizer::global_step_hooks() {
    thread_local StepHooks hooks;
    return hooks;
}

void Optimizer::step() {
    step(nullptr);
}

Tensor Optimizer::step(const std::function<Tensor()>& closure) {
    Tensor loss;
    global_step_hooks().pre.call(*this);
    hooks_.pre.call(*this);
    if (closure) {
        const EnableGrad scope;
        loss = closure();
    }
    {
        const NoGrad scope;
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const Tensor& gradient = parameters_[i].mutable_grad();
            if (!gradient.defined()) continue;
            update(i, parameters_[i], gradient);
            parameters_[i].bump_version();
        }
    }
    hooks_.post.call(*this);
    global_step_hooks().post.call(*this);
    return loss;
}

OptimizerState Optimizer::state_dict() {
    save_pre_hooks_.call(*this);
    OptimizerState state = save();
    save_post_hooks_.call(*this, state);
    return state;
}

void Optimizer::load_state_dict(OptimizerState state) {
    load_pre_hooks_.call(*this, state);
    load(state);
    load_post_hooks_.call(*this);
}

void Optimizer::zero_grad(bool set_to_none) {
    for (const Tensor& parameter : parameters_) {
        Tensor& gradient = parameter.mutable_grad();
        if (!gradient.defined()) continue;
        if (set_to_none) {
            gradient = Tensor();
            continue;
        }
        if (gradient.requires_grad()) gradient = gradient.detach();
        gradient.zero_();
    }
}

void Optimizer::set_learning_rate(double value) {
    for (std::size_t group = 0; group < group_count_; ++group)
        set_learning_rate(group, value);
}

double Optimizer::initial_learning_rate(std::size_t group) {
    std::optional<double>& rate = initial_rates_.at(group);
    if (!rate) rate = learning_rate(group);
    return *rate;
}

std::string Optimizer::to_string() const {
    std::string text = type_name() + " (";
    const std::vector<OptimizerState::Group> all = groups();
    for (std::size_t group = 0; group < all.size(); ++group) {
        text += "\nParameter Group " + std::to_string(group) + "\n";
        for (const auto& [name, value] : all[group].options)
            text += "    " + name + ": " + text_of(value) + "\n";
    }
    return text + ")";
}

std::vector<OptimizerState::Group> Optimizer::groups() const {
    std::vector<OptimizerState::Group> groups(group_count_);
    for (std::size_t group = 0; group < group_count_; ++group) {
        groups[group].options = options_of(group);
        if (initial_rates_[group]) groups[group].options["initial_lr"] = *initial_rates_[group];
    }
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        groups[group_of_[i]].params.push_back(i);
    return groups;
}

std::vector<std::size_t> Optimizer::saved_indices(const OptimizerState& state) const {
    const std::vector<OptimizerState::Group> own = groups();
    if (own.size() != state.param_groups.size())
        throw ValueError("loaded state dict has a different number of parameter groups");
    std::vector<std::size_t> indices;
    for (std::size_t group = 0; group < own.size(); ++group) {
        const std::vector<std::size_t>& saved = state.param_groups[group].params;
        if (saved.size() != own[group].params.size())
            throw ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group");
        indices.insert(indices.end(), saved.begin(), saved.end());
    }
    return indices;
}

void Optimizer::load_initial_learning_rates(const OptimizerState& state) {
    for (std::size_t group = 0; group < group_count_; ++group) {
        const auto& options = state.param_groups[group].options;
        const auto found = options.find("initial_lr");
        const double* rate = found == options.end() ? nullptr : std::get_if<double>(&found->second);
        initial_rates_[group] = rate ? std::optional(*rate) : std::nullopt;
    }
}

} // namespace hs::optim
