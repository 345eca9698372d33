#include "engine/nn/container.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "engine/script/checked_argument.h"
#include "engine/script/state.h"

#include <algorithm>
#include <any>
#include <map>

namespace hs::script {

namespace {

using ModulePointer = std::shared_ptr<nn::Module>;

/// Not an owner: for hooks, whose module lives as long as they are called.
ModulePointer borrowed(nn::Module& module) {
    return {std::shared_ptr<void>(), &module};
}

Value value_of(const nn::Attribute& attribute) {
    if (nn::is_none(attribute)) return {};
    if (const auto* flag = std::get_if<bool>(&attribute)) return Scalar(*flag);
    if (const auto* whole = std::get_if<std::int64_t>(&attribute)) return Scalar(*whole);
    if (const auto* number = std::get_if<double>(&attribute)) return Scalar(*number);
    if (const auto* text = std::get_if<std::string>(&attribute)) return *text;
    if (const auto* tensor = std::get_if<Tensor>(&attribute)) return Value::of(*tensor);
    if (const auto* module = std::get_if<ModulePointer>(&attribute)) return Value(*module);
    if (const auto* buffer = std::get_if<nn::Buffer>(&attribute)) return Value::of(buffer->tensor);
    const auto* value = std::any_cast<Value>(&std::get<nn::PlainObject>(attribute).value);
    return value ? *value : Value();
}

nn::Attribute attribute_of(const Value& value) {
    if (value.is_none()) return nn::None();
    if (const Tensor* tensor = value.tensor()) return *tensor;
    if (const auto module = value.module()) return module;
    if (const auto* text = value.get<std::string>()) return *text;
    if (const Scalar* number = value.number()) {
        if (number->is_floating()) return number->to_double();
        if (number->kind() == Scalar::Kind::boolean) return number->to_bool();
        return number->to_int();
    }
    return nn::PlainObject{type_name(value), value};
}

Value named_list(const nn::NamedTensors& named) {
    std::vector<Value> items;
    for (const auto& [name, tensor] : named)
        items.push_back(Value::list({name, Value::of(tensor)}, List::Kind::tuple));
    return Value::list(std::move(items));
}

Value tensor_list(const Tensors& tensors) {
    std::vector<Value> items;
    for (const Tensor& tensor : tensors)
        items.push_back(Value::of(tensor));
    return Value::list(std::move(items));
}

Value tuple_of(const Tensors& tensors) {
    return Value::list(tensor_list(tensors).items()->items, List::Kind::tuple);
}

nn::HookResult hook_result(const Value& value) {
    if (value.is_none()) return std::nullopt;
    return tensors_of(value, "what a hook gives");
}

Value register_hook(Interpreter::State& state, nn::Module& self, const std::string& name, const Call& call) {
    call.check(name, 1, {"prepend"});
    if (call.positional.empty()) throw TypeError(name + "() takes a function");
    const auto hook = state.hook_of(call.positional[0]);
    const Value* given = call.find(1, "prepend");
    const bool prepend = given && is_true(*given);
    const auto handle = [&state](RemovableHandle made) { return state.keep(std::move(made)); };
    if (name == "register_forward_pre_hook")
        return handle(self.register_forward_pre_hook(
            [hook](nn::Module& module, const Tensors& inputs) -> nn::HookResult {
                return hook_result(hook({borrowed(module), tuple_of(inputs)}));
            },
            prepend));
    if (name == "register_forward_hook")
        return handle(self.register_forward_hook(
            [hook](nn::Module& module, const Tensors& inputs, const Tensors& outputs) -> nn::HookResult {
                return hook_result(hook({borrowed(module), tuple_of(inputs), Value::of(outputs)}));
            },
            {.prepend = prepend}));
    if (name == "register_full_backward_pre_hook")
        return handle(self.register_full_backward_pre_hook(
            [hook](nn::Module& module, const Tensors& gradients) -> nn::HookResult {
                return hook_result(hook({borrowed(module), tuple_of(gradients)}));
            },
            prepend));
    const auto backward = [hook](nn::Module& module, const Tensors& grad_inputs,
                                 const Tensors& grad_outputs) -> nn::HookResult {
        return hook_result(hook({borrowed(module), tuple_of(grad_inputs), tuple_of(grad_outputs)}));
    };
    if (name == "register_full_backward_hook") return handle(self.register_full_backward_hook(backward, prepend));
    return handle(self.register_backward_hook(backward));
}

bool asked(const Call& call, std::string_view name, bool otherwise) {
    const Value* given = call.find(0, name);
    return given ? is_true(*given) : otherwise;
}

Value load_state(nn::Module& self, const Call& call) {
    call.check("load_state_dict", 1, {"strict"});
    const auto* state = call.positional.empty() ? nullptr : call.positional[0].get<std::shared_ptr<nn::StateDict>>();
    if (!state) throw TypeError("Expected state_dict to be dict-like");
    const Value* strict = call.find(1, "strict");
    return to_string(self.load_state_dict(**state, {.strict = !strict || is_true(*strict)}));
}

using ModuleFunction = Value (*)(Interpreter::State& state, const ModulePointer& self, const Call& call);

const std::map<std::string, ModuleFunction, std::less<>>& module_functions() {
    using State = Interpreter::State;
    using Self = const ModulePointer&;
    static const std::map<std::string, ModuleFunction, std::less<>> all = {
        {"train",
         [](State&, Self self, const Call& call) { return self->train(asked(call, "mode", true)), Value(self); }},
        {"eval", [](State&, Self self, const Call&) { return self->eval(), Value(self); }},
        {"zero_grad", [](State&, Self self,
                         const Call& call) { return self->zero_grad(asked(call, "set_to_none", true)), Value(); }},
        {"requires_grad_",
         [](State&, Self self, const Call& call) {
             return self->requires_grad_(asked(call, "requires_grad", true)), Value(self);
         }},
        {"double", [](State&, Self self, const Call&) { return self->double_(), Value(self); }},
        {"float", [](State&, Self self, const Call&) { return self->float_(), Value(self); }},
        {"half", [](State&, Self self, const Call&) { return self->half(), Value(self); }},
        {"append",
         [](State&, Self self, const Call& call) {
             auto* sequence = dynamic_cast<nn::ModuleSequence*>(self.get());
             if (!sequence || call.positional.size() != 1 || !call.positional[0].module())
                 throw TypeError("append() adds a module to a Sequential or a ModuleList");
             return sequence->append(call.positional[0].module()), Value(self);
         }},
        {"parameters", [](State&, Self self, const Call&) { return tensor_list(self->parameters()); }},
        {"buffers", [](State&, Self self, const Call&) { return tensor_list(self->buffers()); }},
        {"named_parameters", [](State&, Self self, const Call&) { return named_list(self->named_parameters()); }},
        {"named_buffers", [](State&, Self self, const Call&) { return named_list(self->named_buffers()); }},
        {"children",
         [](State&, Self self, const Call&) {
             std::vector<Value> items;
             for (const auto& [name, child] : self->named_children())
                 items.push_back(value_of(self->attribute(name)));
             return Value::list(std::move(items));
         }},
        {"state_dict",
         [](State&, Self self, const Call&) { return Value(std::make_shared<nn::StateDict>(self->state_dict())); }},
        {"load_state_dict", [](State&, Self self, const Call& call) { return load_state(*self, call); }},
    };
    return all;
}

constexpr std::string_view hook_names[] = {"register_forward_pre_hook", "register_forward_hook",
                                           "register_full_backward_pre_hook", "register_full_backward_hook",
                                           "register_backward_hook"};

bool is_hook_name(std::string_view name) {
    return std::ranges::find(hook_names, name) != std::end(hook_names);
}

} // namespace

Value module_member(const ModulePointer& module, const std::string& name) {
    if (module_functions().contains(name) || is_hook_name(name))
        return Method{std::make_shared<const Value>(module), name};
    return value_of(module->attribute(name));
}

void set_module_member(nn::Module& module, const std::string& name, const Value& value) {
    module.set_attribute(name, attribute_of(value));
}

Value call_module(Interpreter::State& state, nn::Module& module, const Call& call) {
    state.check_may_change("a call of a module");
    Tensors inputs;
    for (const Value& value : call.positional) {
        if (!value.tensor() && !value.is_none())
            throw TypeError("a module takes tensors, not '" + type_name(value) + "'");
        inputs.push_back(value.tensor() ? *value.tensor() : Tensor());
    }
    nn::NamedTensors keywords;
    for (const auto& [name, value] : call.keywords) {
        if (!value.tensor()) throw TypeError("a module takes tensors, not '" + type_name(value) + "'");
        keywords.emplace_back(name, *value.tensor());
    }
    return checked(module.call(std::move(inputs), std::move(keywords)));
}

Value call_module_method(Interpreter::State& state, const ModulePointer& self, const std::string& name,
                         const Call& call) {
    static constexpr std::string_view only_read[] = {"parameters",       "buffers",       "children",
                                                     "named_parameters", "named_buffers", "state_dict"};
    if (std::ranges::find(only_read, name) == std::end(only_read)) state.check_may_change(name + "()");
    if (is_hook_name(name)) return register_hook(state, *self, name, call);
    return module_functions().at(name)(state, self, call);
}

bool is_container(const std::string& name) {
    return name == "Module" || name == "Sequential" || name == "ModuleList";
}

Value make_container(const std::string& name, const Call& call) {
    std::vector<Value> items = call.positional;
    if (name == "Module") {
        call.check("Module", 0);
        return ModulePointer(std::make_shared<nn::Module>());
    }
    call.check(name, ~std::size_t{0});
    if (name == "ModuleList") {
        call.check(name, 1);
        if (!items.empty()) {
            if (!items[0].items()) throw TypeError("ModuleList() takes a list of modules");
            const std::vector<Value> listed = items[0].items()->items;
            items = listed;
        }
    }
    std::shared_ptr<nn::ModuleSequence> made;
    if (name == "ModuleList")
        made = std::make_shared<nn::ModuleList>();
    else
        made = std::make_shared<nn::Sequential>();
    for (const Value& item : items) {
        if (!item.module()) throw TypeError(type_name(item) + " is not a Module subclass");
        made->append(item.module());
    }
    return ModulePointer(std::move(made));
}

bool is_optimizer(const std::string& name) {
    return name == "SGD" || name == "Adam" || name == "AdamW";
}

Value make_optimizer(const std::string& name, const Call& call) {
    const Value* given = call.find(0, "params");
    if (!given) throw TypeError(name + "() takes a list of parameters");
    std::vector<Tensor> parameters = tensors_of(*given, "params");
    Call rest = call;
    if (!rest.positional.empty()) rest.positional.erase(rest.positional.begin());
    std::erase_if(rest.keywords, [](const auto& keyword) { return keyword.first == "params"; });
    const ConstructorArguments arguments = rest.arguments();
    ConstructorReader reader(arguments);
    const auto adam = [&](auto options) {
        options.lr = reader.floating(0, "lr", options.lr);
        const std::vector<double> betas = reader.floats(1, "betas");
        if (betas.size() == 2) {
            options.beta1 = betas[0];
            options.beta2 = betas[1];
        }
        options.eps = reader.floating(2, "eps", options.eps);
        options.weight_decay = reader.floating(3, "weight_decay", options.weight_decay);
        reader.check_all_used();
        return options;
    };
    using Pointer = std::shared_ptr<optim::Optimizer>;
    if (name == "Adam")
        return Pointer(std::make_shared<optim::Adam>(std::move(parameters), adam(optim::AdamOptions())));
    if (name == "AdamW")
        return Pointer(std::make_shared<optim::AdamW>(std::move(parameters), adam(optim::AdamWOptions())));
    optim::SgdOptions options;
    options.lr = reader.floating(0, "lr", options.lr);
    options.momentum = reader.floating(1, "momentum", 0);
    options.dampening = reader.floating(2, "dampening", 0);
    options.weight_decay = reader.floating(3, "weight_decay", 0);
    options.nesterov = reader.boolean(4, "nesterov", false);
    reader.check_all_used();
    return Pointer(std::make_shared<optim::Sgd>(std::move(parameters), options));
}

Value call_optimizer_method(Interpreter::State& state, optim::Optimizer& self, const std::string& name,
                            const Call& call) {
    state.check_may_change(name + "()");
    if (name == "step") {
        call.check("step", 0);
        self.step();
    } else {
        call.check("zero_grad", 1, {"set_to_none"});
        self.zero_grad(asked(call, "set_to_none", true));
    }
    return {};
}

std::vector<std::string> module_member_names() {
    std::vector<std::string> all(std::begin(hook_names), std::end(hook_names));
    for (const auto& entry : module_functions())
        all.push_back(entry.first);
    std::ranges::sort(all);
    return all;
}

} // namespace hs::script
