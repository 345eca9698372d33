#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// What Sequential and ModuleList share: children by position, which count from the end when negative. A position that
/// there is not throws IndexError.
class ModuleSequence : public Module {
  public:
    std::size_t size() const { return module_slots().size(); }
    /// Throws TypeError for None.
    Module& operator[](std::int64_t index) const;
    const std::shared_ptr<Module>& at(std::int64_t index) const;
    /// `sequence[index] = module`.
    void set(std::int64_t index, std::shared_ptr<Module> module);
    /// `del sequence[index]`: those behind it move up.
    void erase(std::int64_t index);
    std::shared_ptr<Module> pop(std::int64_t index);

    /// At the end; returns it.
    Module& append(std::shared_ptr<Module> module);
    template <std::derived_from<Module> M>
    requires(!std::is_lvalue_reference_v<M>) M& append(M&& module) {
        return static_cast<M&>(append(std::make_shared<M>(std::forward<M>(module))));
    }
    void extend(const ModuleSequence& modules);

  protected:
    /// All of it, or from `begin` to before `end`, as Python's slices count.
    NamedModules items(std::int64_t begin = 0, std::optional<std::int64_t> end = std::nullopt) const;
    /// Puts it before the child of that position and renames those behind; the position is not checked.
    void insert_at(std::size_t index, const std::shared_ptr<Module>& module);

  private:
    std::size_t position(std::int64_t index) const;
};

/// Runs its children in order, each on the output of the one before; children are named `0`, `1`, ... or as given.
/// Slices share the modules.
class Sequential : public ModuleSequence {
  public:
    Sequential() = default;
    /// From modules by value: `Sequential(Linear(2, 2), ReLU())`. A Sequential alone is moved; append() nests it.
    template <std::derived_from<Module>... M>
    requires(sizeof...(M) > 0 && (!std::is_lvalue_reference_v<M> && ...) &&
             !(sizeof...(M) == 1 && (std::is_same_v<M, Sequential> && ...))) explicit Sequential(M&&... modules) {
        (append(std::forward<M>(modules)), ...);
    }
    /// With names, as from an OrderedDict.
    explicit Sequential(const NamedModules& modules);

    /// Throws IndexError for a position beyond the end.
    void insert(std::int64_t index, const std::shared_ptr<Module>& module);
    /// Keeps the names.
    Sequential slice(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) const;
    Tensors forward_all(const Tensors& inputs) override;
};

/// Both, one after the other; the modules are shared.
Sequential operator+(const Sequential& first, const Sequential& second);

/// Holds modules by position; has no forward of its own.
class ModuleList : public ModuleSequence {
  public:
    ModuleList() = default;
    explicit ModuleList(const std::vector<std::shared_ptr<Module>>& modules);

    /// At the end for a position beyond it.
    void insert(std::int64_t index, const std::shared_ptr<Module>& module);
    /// Numbered anew.
    ModuleList slice(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) const;
    /// Equal neighbours are folded: `(0-2): 3 x Linear(...)` (rule 116).
    std::string to_string() const override;
};

/// Holds modules by name, in order of insertion; has no forward of its own. Add with add() or insert().
class ModuleDict : public Module {
  public:
    ModuleDict() = default;
    explicit ModuleDict(const NamedModules& modules) { update(modules); }

    void insert(const std::string& name, std::shared_ptr<Module> module) { add_module(name, module); }
    std::size_t size() const { return module_slots().size(); }
    bool contains(const std::string& name) const;
    /// Throws KeyError for a name that it does not hold.
    Module& operator[](const std::string& name) const;
    std::shared_ptr<Module> pop(const std::string& name);
    void clear() { set_modules({}); }
    /// Replaces those of the same name and adds the others at the end.
    void update(const NamedModules& modules);
    void update(const ModuleDict& modules) { update(modules.items()); }
    std::vector<std::string> keys() const;
    NamedModules items() const;
};

/// Holds parameters by position. A plain tensor becomes a parameter.
class ParameterList : public Module {
  public:
    ParameterList() = default;
    explicit ParameterList(const Tensors& tensors) { extend(tensors); }

    std::size_t size() const { return items().size(); }
    Tensor operator[](std::int64_t index) const;
    void set(std::int64_t index, const Tensor& tensor);
    Tensor& append(const Tensor& tensor);
    void extend(const Tensors& tensors);
    ParameterList slice(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt) const;
    /// Throws: it should not be called.
    Tensors forward_all(const Tensors& inputs) override;
    /// `(0): Parameter containing: [torch.float32 of size 3x4]`
    std::string extra_repr() const override;

  private:
    NamedTensors items() const { return named_parameters({.recurse = false, .remove_duplicate = false}); }
    std::size_t position(std::int64_t index) const;
};

/// Holds parameters by name, in order of insertion. A plain tensor becomes a parameter.
class ParameterDict : public Module {
  public:
    ParameterDict() = default;
    explicit ParameterDict(const NamedTensors& tensors) { update(tensors); }

    Tensor& insert(const std::string& name, const Tensor& tensor);
    std::size_t size() const { return items().size(); }
    bool contains(const std::string& name) const;
    /// Throws AttributeError for a name that it does not hold.
    Tensor operator[](const std::string& name) const;
    /// Undefined for a name that it does not hold.
    Tensor get(const std::string& name) const { return contains(name) ? (*this)[name] : Tensor(); }
    /// What it holds under the name, or `tensor`, which it takes then.
    Tensor setdefault(const std::string& name, const Tensor& tensor);
    Tensor pop(const std::string& name);
    void clear();
    void update(const NamedTensors& tensors);
    std::vector<std::string> keys() const;
    NamedTensors items() const { return named_parameters({.recurse = false, .remove_duplicate = false}); }
    /// Throws: it should not be called.
    Tensors forward_all(const Tensors& inputs) override;
    /// `(w): Parameter containing: [torch.FloatTensor of size 3x4]`
    std::string extra_repr() const override;
};

} // namespace hs::nn
