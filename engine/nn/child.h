#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// A member that names a child module, as `self.fc = nn.Linear(10, 5)` does in Python:
///
///     nn::Child<nn::Linear> fc = add("fc", nn::Linear(10, 5));
///
/// It stands for whatever is registered under the name: a module that takes the child's place is the one that is
/// called from then on. Copies stand for the same child; none may outlive the parent.
template <class M>
class Child {
  public:
    explicit Child(ModuleSlot& slot) : slot_(&slot) { slot.has_child_member = true; }

    /// Whether a module is registered: false for None and after deletion.
    explicit operator bool() const { return static_cast<bool>(slot_->module); }
    /// Calls the module, of whatever class it is.
    Tensor operator()(const Tensor& input) const { return (*kept())(input); }
    Tensors call(Tensors inputs) const { return kept()->call(std::move(inputs)); }
    Tensors call(Tensors inputs, NamedTensors keywords) const {
        return kept()->call(std::move(inputs), std::move(keywords));
    }

    /// The module itself. Throws TypeError where there is none or where it is not an M.
    M& operator*() const {
        if (auto* typed = dynamic_cast<M*>(&module())) return *typed;
        throw TypeError("child module '" + slot_->name + "' is a " + slot_->module->type_name() +
                        ", not of the class that its member has");
    }
    M* operator->() const { return &**this; }
    operator M&() const& { return **this; }
    /// For a member that is a plain `nn::Linear&`. The child cannot be replaced or deleted then, which the parent
    /// refuses with an Error: such a member would not notice.
    operator M&() && {
        M& result = **this;
        slot_->is_referred_to = true;
        return result;
    }

  private:
    Module& module() const { return *checked(); }
    /// Alive for the time of a call, in which a hook may replace it.
    std::shared_ptr<Module> kept() const { return checked(); }
    const std::shared_ptr<Module>& checked() const {
        if (!slot_->module) throw TypeError("'NoneType' object is not callable");
        return slot_->module;
    }

    ModuleSlot* slot_;
};

template <std::derived_from<Module> M>
Child<M> Module::add(const std::string& name, std::shared_ptr<M> module) {
    return Child<M>(put_module(name, std::move(module)));
}

template <std::derived_from<Module> M>
requires(!std::is_lvalue_reference_v<M>) Child<M> Module::add(const std::string& name, M&& module) {
    return add(name, std::make_shared<M>(std::forward<M>(module)));
}

} // namespace hs::nn
