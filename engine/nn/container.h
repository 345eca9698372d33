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

} // namespace hs::nn
