#pragma once

#include "engine/ops/functional.h"
#include "engine/optim/check.h"
#include "engine/optim/optimizer.h"

#include <cstdint>
#include <type_traits>

namespace hs::optim {

/// Parameters that share their options.
template <class Options>
struct ParamGroup {
    std::vector<Tensor> params;
    Options options;
};

/// An optimizer whose groups have `Options` and whose parameters have a `State`.
///
/// Options: `lr`; check(), which throws; each(self, visit), which calls visit(name, member) for all of them by
/// PyTorch's names, and visit("betas", beta1, beta2); fixed(), what `param_groups` shows besides. State: each(self,
/// visit) alike, of Tensors (undefined until the first step), a count of steps and numbers.
template <class Options, class State>
class OptimizerOf : public Optimizer {
  public:
    using Group = ParamGroup<Options>;

    // Throw ValueError for no parameters at all, and as add_param_group() does.
    explicit OptimizerOf(std::vector<Tensor> parameters, const Options& options = {}) {
        if (parameters.empty()) throw ValueError("optimizer got an empty parameter list");
        add_param_group({std::move(parameters), options});
    }
    explicit OptimizerOf(const std::vector<Group>& groups) {
        if (groups.empty()) throw ValueError("optimizer got an empty parameter list");
        for (const Group& group : groups)
            add_param_group(group);
    }

    using Optimizer::set_learning_rate;
    double learning_rate(std::size_t group = 0) const override { return options_.at(group).lr; }
    void set_learning_rate(std::size_t group, double value) override {
        options_.at(group).lr = value; // PyTorch checks it nowhere but in the constructor
    }
    std::optional<double> momentum(std::size_t group = 0) const override {
        if constexpr (requires(Options o) { o.momentum; })
            return options_.at(group).momentum;
        else if constexpr (requires(Options o) { o.beta1; })
            return options_.at(group).beta1;
        else
            return std::nullopt;
    }
    void set_momentum(double value) override {
        for (Options& options : options_) {
            if constexpr (requires { options.momentum; }) options.momentum = value;
            if constexpr (requires { options.beta1; }) options.beta1 = value;
        }
    }
    const Options& options(std::size_t group = 0) const { return options_.at(group); }
    void add_param_group(const Group& group) {
        group.options.check();
        add_group(group.params);
        options_.push_back(group.options);
        states_.resize(parameters().size());
    }

  protected:
    /// Changes `parameter` by its gradient; runs without recording.
    virtual void apply(const Options& options, State& state, const Tensor& parameter, const Tensor& gradient) = 0;

  private:
    OptimizerState save() const final {
        OptimizerState result;
        result.param_groups = groups();
        for (std::size_t i = 0; i < states_.size(); ++i) {
            std::map<std::string, Tensor> named;
            bool any = false;
            State::each(states_[i], [&]<class T>(const char* name, const T& value) {
                if constexpr (std::is_same_v<T, Tensor>) {
                    if (value.defined()) named[name] = value.clone();
                    any = any || value.defined();
                } else {
                    constexpr Dtype dtype = std::is_integral_v<T> ? Dtype::float32 : Dtype::float64;
                    named[name] = full({}, static_cast<double>(value), {.dtype = dtype});
                }
            });
            if (any) result.state[i] = std::move(named);
        }
        return result;
    }

    void load(const OptimizerState& state) final {
        const std::vector<std::size_t> saved = saved_indices(state);
        std::vector<Options> options = options_;
        for (std::size_t group = 0; group < options.size(); ++group) {
            assign(options[group], state.param_groups[group].options);
            options[group].check();
        }
        std::vector<State> states(saved.size());
        for (std::size_t i = 0; i < saved.size(); ++i) {
            const auto found = state.state.find(saved[i]);
            if (found != state.state.end()) assign(states[i], found->second, parameters()[i]);
        }
        options_ = std::move(options);
        states_ = std::move(states);
        load_initial_learning_rates(state);
    }

    void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) final {
        apply(options_[group_of(index)], states_[first_of(index)], parameter, gradient);
    }

    std::map<std::string, OptionValue> options_of(std::size_t group) const final {
        std::map<std::string, OptionValue> values = Options::fixed();
        Options::each(options_[group], [&](const char* name, const auto&... value) {
            if constexpr (sizeof...(value) == 2)
                values[name] = std::pair<double, double>(value...);
            else
                values[name] = OptionValue(value...);
        });
        return values;
    }

    static void assign(Options& options, const std::map<std::string, OptionValue>& from) {
        const auto take = [&]<class T>(const char* name, T value) {
            const auto found = from.find(name);
            if (found == from.end()) return value;
            if (const T* fits = std::get_if<T>(&found->second)) return *fits;
            throw ValueError("loaded state dict has no fitting value for the option '" + std::string(name) + "'");
        };
        Options::each(options, [&](const char* name, auto&... value) {
            if constexpr (sizeof...(value) == 2)
                std::tie(value...) = take(name, std::pair<double, double>(value...));
            else
                ((value = take(name, value)), ...);
        });
    }

    static void assign(State& state, const std::map<std::string, Tensor>& from, const Tensor& parameter) {
        State::each(state, [&]<class T>(const char* name, T& value) {
            const auto found = from.find(name);
            if (found == from.end() || !found->second.defined()) return;
            const Tensor& tensor = found->second;
            const bool of_elements = std::is_same_v<T, Tensor>;
            if (of_elements ? tensor.shape() != parameter.shape() : tensor.numel() != 1)
                throw ValueError("loaded state dict has '" + std::string(name) + "' of shape " +
                                 hs::to_string(tensor.shape()) + " for a parameter of shape " +
                                 hs::to_string(parameter.shape()));
            if constexpr (of_elements) {
                value = tensor.detach().to(parameter.dtype()).clone().contiguous();
            } else {
                const auto number = tensor.detach().to(Dtype::float64).item<double>();
                if (!(number >= 0 && number < 9e15))
                    throw ValueError("loaded state dict has a '" + std::string(name) + "' that is out of range");
                value = static_cast<T>(number);
            }
        });
    }

    std::vector<Options> options_; ///< of each group
    std::vector<State> states_;    ///< of each parameter
};

} // namespace hs::optim
