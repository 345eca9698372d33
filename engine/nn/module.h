#pragma once

#include "engine/nn/module_hooks.h"
#include "engine/tensor/generator.h"

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hs::nn {

template <class M = Module>
class Child;

/// Where a module keeps a child; it does not move while the module lives.
struct ModuleSlot {
    std::string name;
    std::shared_ptr<Module> module;
    bool has_child_member = false; ///< a Child may stand for it, so the slot stays when the child is deleted
    bool is_referred_to = false;   ///< by a C++ reference: see Child
};

/// What the listings of tensors take (`named_parameters(prefix, recurse, remove_duplicate)`).
struct ListingOptions {
    std::string prefix = {};
    bool recurse = true;
    bool remove_duplicate = true; ///< by identity, under the first name only (rule 81)
};
struct ModuleListingOptions {
    std::string prefix = {};
    bool remove_duplicate = true;
};
struct StateDictOptions {
    std::string prefix = {};
    bool keep_vars = false; ///< the tensors themselves instead of detached ones
};
struct LoadOptions {
    bool strict = true;
    bool assign = false; ///< put the given tensors in instead of copying their elements
};

/// `torch.nn.Module`: parameters, buffers and submodules by name, hooks around forward and backward.
///
///     struct LeNet : nn::Module {
///         nn::Child<nn::Conv2d> conv1 = add("conv1", nn::Conv2d(1, 6, {.kernel_size = 5, .padding = 2}));
///         nn::Linear& fc = add("fc", nn::Linear(1176, 10));
///         Tensor forward(const Tensor& x) override { return fc(flatten(max_pool2d(relu(conv1(x)), 2), 1)); }
///     };
///
/// A module owns its children, and its parameters and buffers stand in slots that do not move, so members are
/// references, or Child where the child may be replaced; leaving the `&` out does not compile. Modules can be moved,
/// not copied.
///
/// Everything can also be reached by name while the program runs: attribute(), set_attribute(), delete_attribute().
class Module {
  public:
    Module() = default;
    Module(Module&& other) noexcept;
    Module& operator=(Module&&) = delete; // members are references
    Module(const Module&) = delete;
    virtual ~Module();

    // Running.
    /// Calls forward() with all hooks around it (rule 88).
    Tensor operator()(const Tensor& input);
    Tensors call(Tensors inputs);
    Tensors call(Tensors inputs, NamedTensors keywords);
    /// What the module computes. Override one of the three; the second serves several inputs or outputs, the third
    /// keyword arguments too.
    virtual Tensor forward(const Tensor& input);
    virtual Tensors forward_all(const Tensors& inputs);
    virtual Tensors forward_with_keywords(const Tensors& inputs, const NamedTensors& keywords);

    // Registration (rules 73 to 76). A name of the same table is replaced in place; one that anything else has, or
    // that has a dot in it or is empty, throws KeyError; a value of another kind TypeError.
    template <std::derived_from<Module> M>
    requires(!std::is_lvalue_reference_v<M>) Child<M> add(const std::string& name, M&& module);
    template <std::derived_from<Module> M>
    Child<M> add(const std::string& name, std::shared_ptr<M> module);
    /// Registers a new parameter on the elements of `data`: `self.name = nn.Parameter(data)`. None for an undefined
    /// one.
    Tensor& add_parameter(const std::string& name, const Tensor& data);
    void add_module(const std::string& name, const Attribute& module) { put_module(name, module); }
    void register_module(const std::string& name, const Attribute& module) { put_module(name, module); }
    Tensor& register_parameter(const std::string& name, const Attribute& parameter);
    Tensor& register_buffer(const std::string& name, const Attribute& tensor, bool persistent = true);

    // Attributes by name: parameters, buffers, children, `training`, and anything else that is assigned.
    /// Throws AttributeError for a name that there is not (rule 71).
    Attribute attribute(const std::string& name) const;
    /// Whether there is such an attribute, or PyTorch's Module has a method of the name.
    bool has_attribute(const std::string& name) const;
    /// What `module.name = value` does in Python (rules 72 and 73).
    void set_attribute(const std::string& name, const Attribute& value);
    void delete_attribute(const std::string& name);
    /// Sorted, as `dir(module)` lists them, without Python's own names and those that start with a digit.
    std::vector<std::string> attribute_names() const;

    // Traversal (rules 79, 81, 82): depth first in order of registration. None is left out.
    std::vector<Tensor> parameters(bool recurse = true) const;
    NamedTensors named_parameters(const ListingOptions& options = {}) const;
    std::vector<Tensor> buffers(bool recurse = true) const;
    NamedTensors named_buffers(const ListingOptions& options = {}) const;
    std::vector<Module*> children() const;
    std::vector<std::pair<std::string, Module*>> named_children() const;
    std::vector<Module*> modules();
    /// Self first, under the empty name.
    std::vector<std::pair<std::string, Module*>> named_modules(const ModuleListingOptions& options = {});
    /// By paths such as `layer1.0.conv`; the empty one is the module itself. Throw AttributeError.
    Module& get_submodule(const std::string& path);
    Tensor& get_parameter(const std::string& path);
    Tensor& get_buffer(const std::string& path);
    Module& apply(const std::function<void(Module&)>& function); ///< children first (rule 82)

    // Modes and conversion (rules 83 to 87). All work in place and return the module.
    bool is_training() const { return training_; }
    virtual Module& train(bool mode = true);
    Module& eval() { return train(false); }
    Module& requires_grad_(bool requires_grad = true);
    void zero_grad(bool set_to_none = true);
    /// Puts what `function` makes of it into each parameter, its gradient and each buffer, children first: PyTorch's
    /// `_apply`. Parameters and gradients stay the same tensors, buffers become new ones (rule 83).
    virtual Module& apply_to_tensors(const std::function<Tensor(const Tensor&)>& function, bool recurse = true);
    /// Floating point members only; throws TypeError for a dtype that is not.
    Module& to(Dtype dtype);
    Module& to(Device device);
    Module& to(Device device, Dtype dtype);
    /// To the dtype and device of `other`.
    Module& to(const Tensor& other);
    Module& cuda(int device = 0);
    Module& cpu();
    Module& float_();
    Module& double_();
    Module& half();
    Module& bfloat16();
    /// All members, integers too. Or by a legacy name, `torch.DoubleTensor`.
    Module& type(Dtype dtype);
    Module& type(const std::string& name);
    std::int64_t parameter_count() const;

    // State (rules 101 to 110).
    StateDict state_dict(const StateDictOptions& options = {});
    /// Throws Error with all that did not fit, after everything that did has been loaded.
    LoadResult load_state_dict(const StateDict& state, const LoadOptions& options = {});

    // Hooks. What callables take and return: CallHooks.
    template <class F>
    RemovableHandle register_forward_pre_hook(F hook, bool prepend = false) {
        return hooks().add_forward_pre(std::move(hook), prepend);
    }
    template <class F>
    RemovableHandle register_forward_hook(F hook, ForwardHookOptions options = {}) {
        return hooks().add_forward(std::move(hook), options);
    }
    template <class F>
    RemovableHandle register_full_backward_pre_hook(F hook, bool prepend = false) {
        return hooks().add_full_backward_pre(std::move(hook), prepend);
    }
    template <class F>
    RemovableHandle register_full_backward_hook(F hook, bool prepend = false) {
        return hooks().add_backward(std::move(hook), true, prepend, "on a single Module");
    }
    /// The deprecated kind (rules 99 and 100).
    template <class F>
    RemovableHandle register_backward_hook(F hook) {
        return hooks().add_backward(std::move(hook), false, false, "on a single Module");
    }
    RemovableHandle register_state_dict_pre_hook(std::function<void(Module&, const std::string&, bool)> hook) {
        return hooks().state_dict_pre.add(std::move(hook));
    }
    RemovableHandle
    register_state_dict_post_hook(std::function<void(Module&, StateDict&, const std::string&, LocalMetadata&)> hook) {
        return hooks().state_dict_post.add(std::move(hook));
    }
    RemovableHandle register_load_state_dict_pre_hook(std::function<void(Module&, const LoadCall&)> hook) {
        return hooks().load_state_dict_pre.add(std::move(hook));
    }
    RemovableHandle register_load_state_dict_post_hook(std::function<void(Module&, LoadResult&)> hook) {
        return hooks().load_state_dict_post.add(std::move(hook));
    }
    ModuleHooks& hooks() { return *shared_hooks(); }
    const ModuleHooks& hooks() const;

    // Printing (rules 115 to 117).
    /// The class name as people know it: `Conv2d`.
    virtual std::string type_name() const;
    /// What stands between the brackets: `1, 6, kernel_size=(5, 5), stride=(1, 1)`.
    virtual std::string extra_repr() const { return {}; }
    virtual std::string to_string() const;

  protected:
    /// Throws TypeError where a forward_all() did not get `wanted` inputs.
    void check_count(const Tensors& inputs, std::size_t wanted) const;
    /// The one input of a forward_all() that takes no more.
    const Tensor& only(const Tensors& inputs) const;

    // For classes that keep something of their own in a state_dict.
    /// `_version`: what state_dict() writes into the metadata.
    virtual std::int64_t state_version() const { return 1; }
    /// What state_dict() keeps under `_extra_state`; nothing for a class that has none.
    virtual std::optional<Attribute> get_extra_state() const { return std::nullopt; }
    virtual void set_extra_state(const Attribute&) {}
    virtual void save_to_state_dict(StateDict& state, const std::string& prefix, bool keep_vars);
    virtual void load_from_state_dict(const LoadCall& call);

    // For containers: `_modules` as it is, None included.
    using NamedModules = std::vector<std::pair<std::string, std::shared_ptr<Module>>>;
    const std::vector<std::unique_ptr<ModuleSlot>>& module_slots() const { return children_; }
    /// Throws Error if a child that a C++ reference refers to would go.
    void set_modules(const NamedModules& modules);

  private:
    enum class Kind : std::uint8_t { parameter, buffer, plain, deleted };
    /// A tensor by name. It stays where it is, also when it is deleted, because members of C++ classes refer to it.
    struct TensorSlot {
        std::string name;
        Tensor tensor;
        Kind kind;
        bool persistent;
    };

    Tensors call_hooked(CallArguments arguments);
    const std::shared_ptr<ModuleHooks>& shared_hooks();

    void check_name(const char* kind, const std::string& name) const;
    void check_free(const std::string& name) const;
    ModuleSlot& put_module(const std::string& name, const Attribute& module);
    ModuleSlot& replace_module(const std::string& name, std::shared_ptr<Module> module);
    TensorSlot& put_tensor(Kind kind, const std::string& name, Tensor tensor, bool persistent = true);
    TensorSlot& replace_buffer(const std::string& name, Tensor tensor, bool persistent);
    std::vector<TensorSlot*>* table(Kind kind);
    TensorSlot* find_tensor(const std::string& name) const;
    TensorSlot* find_tensor(const std::string& name, Kind kind) const;
    ModuleSlot* find_module(const std::string& name) const;
    bool remove_tensor(const std::string& name);
    bool remove_module(const std::string& name);
    bool remove_plain(const std::string& name);
    void retire(std::unique_ptr<ModuleSlot> slot);
    /// Takes every attribute of the name away but one of the kind that is about to be assigned.
    void make_room(const std::string& name, bool for_module);
    void check_replaceable(const ModuleSlot& slot) const;

    void collect_modules(const ModuleListingOptions& options, std::set<const Module*>& seen,
                         std::vector<std::pair<std::string, Module*>>& found) const;
    NamedTensors named(std::vector<TensorSlot*> Module::*tensors, const ListingOptions& options) const;
    Module& parent_of(const std::string& path, std::string& name);
    void collect_state(StateDict& state, const std::string& prefix, bool keep_vars);
    void load_tree(const LoadCall& call, const StateDict::Metadata* metadata, bool assign);
    void load_tensor(TensorSlot& slot, const std::string& key, const Attribute& given, const LoadCall& call);

    std::vector<std::unique_ptr<ModuleSlot>> children_;
    std::vector<std::unique_ptr<ModuleSlot>> deleted_children_; ///< Child members may refer to them
    std::vector<std::unique_ptr<TensorSlot>> tensors_;          ///< of every kind
    std::vector<TensorSlot*> parameters_;
    std::vector<TensorSlot*> buffers_;
    std::vector<std::pair<std::string, Attribute>> plain_; ///< attributes that are no tensors
    std::shared_ptr<ModuleHooks> hooks_;                   ///< made when first needed
    bool training_ = true;
};

} // namespace hs::nn

#include "engine/nn/child.h"
