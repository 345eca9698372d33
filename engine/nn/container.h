#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// Runs its children in order, each on the output of the one before; children are named `0`, `1`, ... or as given.
class Sequential : public Module {
  public:
    Sequential() = default;
    /// From modules by value: `Sequential(Linear(2, 2), ReLU())`.
    template <std::derived_from<Module>... M>
    requires(sizeof...(M) > 0 && (!std::is_lvalue_reference_v<M> && ...) &&
             !(std::is_same_v<M, Sequential> && ...)) explicit Sequential(M&&... modules) {
        (append(std::make_shared<M>(std::forward<M>(modules))), ...);
    }

    Module& append(std::shared_ptr<Module> module);
    Tensors forward_all(const Tensors& inputs) override;
};

/// Holds modules by position; has no forward of its own.
class ModuleList : public Module {
  public:
    Module& append(std::shared_ptr<Module> module);
    template <std::derived_from<Module> M>
    requires(!std::is_lvalue_reference_v<M>) M& append(M&& module) {
        return static_cast<M&>(append(std::make_shared<M>(std::forward<M>(module))));
    }
    std::size_t size() const { return named_children().size(); }
    Module& operator[](std::size_t i) const { return *named_children().at(i).second; }
    /// Equal neighbours are folded: `(0-2): 3 x Linear(...)` (rule 116).
    std::string to_string() const override;
};

/// Holds modules by name, in order of insertion; has no forward of its own.
class ModuleDict : public Module {
  public:
    using Module::add;
    Module& insert(const std::string& name, std::shared_ptr<Module> module);
    std::size_t size() const { return named_children().size(); }
    bool contains(const std::string& name) const;
    /// Throws KeyError for a name that it does not hold.
    Module& operator[](const std::string& name) const;
    std::vector<std::string> keys() const;
};

/// Holds parameters by position.
class ParameterList : public Module {
  public:
    Tensor& append(Tensor parameter);
    std::size_t size() const { return named_parameters(false).size(); }
    Tensor operator[](std::size_t i) const { return named_parameters(false).at(i).second; }
    /// `(0): Parameter containing: [torch.float32 of size 3x4]`
    std::string extra_repr() const override;
};

/// Holds parameters by name, in order of insertion.
class ParameterDict : public Module {
  public:
    Tensor& insert(const std::string& name, Tensor parameter) { return register_parameter(name, std::move(parameter)); }
    std::size_t size() const { return named_parameters(false).size(); }
    bool contains(const std::string& name) const;
    /// Throws KeyError for a name that it does not hold.
    Tensor operator[](const std::string& name) const;
    std::vector<std::string> keys() const;
    /// `(w): Parameter containing: [torch.FloatTensor of size 3x4]`
    std::string extra_repr() const override;
};

} // namespace hs::nn
