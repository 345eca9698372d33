#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/clip_grad.h"
#include "engine/nn/parameter.h"
#include "engine/ops/creation.h"
#include "engine/ops/functional.h"
#include "engine/script/checked_argument.h"
#include "engine/script/module_factory.h"
#include "engine/script/state.h"
#include "engine/tensor/number_text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hs::script {

const Value* Call::find(std::size_t position, std::string_view name) const {
    if (position < positional.size()) return &positional[position];
    const auto found =
        std::ranges::find(keywords, name, [](const auto& keyword) { return std::string_view(keyword.first); });
    return found == keywords.end() ? nullptr : &found->second;
}

void Call::check(const std::string& function, std::size_t count, std::initializer_list<std::string_view> names) const {
    if (positional.size() > count)
        throw TypeError(function + "() takes at most " + std::to_string(count) + " arguments, and was given " +
                        std::to_string(positional.size()));
    for (const auto& [name, value] : keywords)
        if (std::ranges::find(names, name) == names.end())
            throw TypeError(function + "() got an unexpected keyword argument '" + name + "'");
}

ConstructorArguments Call::arguments() const {
    ConstructorArguments result;
    for (const Value& value : positional)
        result.positional.push_back(argument_of(value));
    for (const auto& [name, value] : keywords)
        result.keywords.emplace(name, argument_of(value));
    return result;
}

ConstructorArguments Call::with_sizes_joined() const {
    ConstructorArguments result = arguments();
    const auto is_number = [](const Argument& argument) { return argument.ref().is_number(); };
    if (result.positional.empty() || !std::ranges::all_of(result.positional, is_number)) return result;
    Dims sizes;
    for (const Argument& argument : result.positional)
        sizes.push_back(integer_of(argument, "a size"));
    result.positional = {sizes};
    return result;
}

Value checked(const Tensors& outputs) {
    for (const Tensor& output : outputs)
        if (output.defined() && output.numel() > element_limit)
            throw Error("the result has more than " + std::to_string(element_limit) + " elements");
    return Value::of(outputs);
}

Value call_operation(const std::string& name, const ConstructorArguments& arguments) {
    return checked(call_by_name(name, arguments.positional, arguments.keywords));
}

Tensors tensors_of(const Value& value, const std::string& what) {
    if (const Tensor* tensor = value.tensor()) return {*tensor};
    const List* list = value.items();
    if (!list) throw TypeError(what + " is neither a tensor nor a list of tensors");
    Tensors all;
    for (const Value& item : list->items) {
        if (!item.tensor() && !item.is_none()) throw TypeError(what + " is neither a tensor nor a list of tensors");
        all.push_back(item.tensor() ? *item.tensor() : Tensor());
    }
    return all;
}

namespace {

Data data_of(const Value& value) {
    if (const Scalar* number = value.number()) return *number;
    if (const Tensor* tensor = value.tensor()) return tensor->item();
    const List* list = value.items();
    if (!list) throw TypeError("new(): data must be a sequence (got " + type_name(value) + ")");
    std::vector<Data> items;
    for (const Value& item : list->items)
        items.push_back(data_of(item));
    return items;
}

Value make_tensor(const Call& call) {
    call.check("tensor", 1, {"data", "dtype", "requires_grad"});
    const Value* data = call.find(0, "data");
    if (!data) throw TypeError("tensor() missing 1 required positional arguments: \"data\"");
    const ConstructorArguments given{{}, Call{{}, call.keywords}.arguments().keywords};
    ConstructorReader reader(given);
    const Argument* dtype = reader.find_value(ConstructorReader::by_name, "dtype");
    const bool requires_grad = reader.boolean(ConstructorReader::by_name, "requires_grad", false);
    const auto chosen = dtype ? std::optional(dtype_of(*dtype, "dtype")) : std::nullopt;
    if (const Tensor* source = data->tensor()) return tensor_of(*source, chosen, requires_grad);
    return tensor_of(data_of(*data), chosen, requires_grad);
}

/// zeros, ones, rand, randn, empty, full: a shape and options.
Value make_filled(const std::string& name, const Call& call) {
    Call sizes = call;
    std::optional<Scalar> value;
    if (name == "full") {
        const Value* given = call.find(1, "fill_value");
        if (!given || !given->number()) throw TypeError("full() takes a size and a number");
        value = *given->number();
        if (sizes.positional.size() > 1) sizes.positional.resize(1);
    }
    const ConstructorArguments given = sizes.with_sizes_joined();
    ConstructorReader reader(given);
    const Argument* size = reader.find(0, "size");
    Shape shape;
    if (size && !(std::holds_alternative<std::vector<double>>(size->value()) && size->ref().floats().empty()))
        shape = sizes_of(*size, "the shape");
    check_shape(shape, "the tensor");
    if (value) reader.find(ConstructorReader::by_name, "fill_value");
    const Argument* dtype = reader.find_value(ConstructorReader::by_name, "dtype");
    const bool requires_grad = reader.boolean(ConstructorReader::by_name, "requires_grad", false);
    reader.check_all_used();
    TensorOptions options;
    if (dtype) options.dtype = dtype_of(*dtype, "dtype");
    Tensor made;
    if (name == "rand")
        made = rand(shape, default_generator(), options);
    else if (name == "randn")
        made = randn(shape, default_generator(), options);
    else if (value)
        made = dtype ? full(shape, *value, options) : full_by_kind(shape, *value);
    else
        made = name == "ones" ? ones(shape, options) : zeros(shape, options);
    if (requires_grad) made.set_requires_grad();
    return made;
}

Value make_range(const Call& call) {
    const ConstructorArguments given = call.arguments();
    ConstructorReader reader(given);
    const std::size_t count = given.positional.size();
    if (count == 0 || count > 3) throw TypeError("arange() takes one to three numbers");
    const Scalar start = count > 1 ? reader.number(0, "start", 0) : Scalar(0);
    const Scalar end = reader.number(count > 1 ? 1 : 0, "end", 0);
    const Scalar step = reader.number(2, "step", 1);
    const Argument* dtype = reader.find_value(ConstructorReader::by_name, "dtype");
    const bool requires_grad = reader.boolean(ConstructorReader::by_name, "requires_grad", false);
    reader.check_all_used();
    if (!(std::fabs((end.to_double() - start.to_double()) / step.to_double()) < double{element_limit}))
        throw Error("arange() has more than " + std::to_string(element_limit) + " elements");
    Tensor made =
        dtype ? arange(start, end, step, {.dtype = dtype_of(*dtype, "dtype")}) : arange_by_kind(start, end, step);
    if (requires_grad) made.set_requires_grad();
    return made;
}

Value make_linspace(const Call& call) {
    const ConstructorArguments given = call.arguments();
    ConstructorReader reader(given);
    const double start = reader.floating(0, "start", 0), end = reader.floating(1, "end", 1);
    const std::int64_t steps = reader.integer(2, "steps", 0);
    const bool requires_grad = reader.boolean(ConstructorReader::by_name, "requires_grad", false);
    reader.check_all_used();
    check_shape({steps}, "the tensor");
    Tensor made = linspace(start, end, steps);
    if (requires_grad) made.set_requires_grad();
    return made;
}

Value make_eye(const Call& call) {
    call.check("eye", 1);
    const std::int64_t size = integer_of(call.arguments().positional.at(0), "the size");
    check_shape({size, size}, "the tensor");
    return eye(size);
}

Value make_parameter(const Call& call) {
    const ConstructorArguments given = call.arguments();
    ConstructorReader reader(given);
    const Tensor data = reader.tensor(0, "data");
    if (!data.defined()) throw TypeError("Parameter() takes a tensor");
    const bool requires_grad = reader.boolean(1, "requires_grad", true);
    reader.check_all_used();
    return nn::parameter(data, requires_grad);
}

const Value& only(const Call& call, const std::string& function) {
    call.check(function, 1);
    if (call.positional.empty()) throw TypeError(function + "() takes one argument");
    return call.positional[0];
}

Value length_of(const Value& value) {
    if (const List* list = value.items()) return Scalar(static_cast<std::int64_t>(list->items.size()));
    if (const Tensor* tensor = value.tensor()) return Scalar(tensor->len());
    if (const auto* text = value.get<std::string>()) return Scalar(static_cast<std::int64_t>(text->size()));
    if (const auto* state = value.get<std::shared_ptr<nn::StateDict>>())
        return Scalar(static_cast<std::int64_t>((*state)->size()));
    if (const auto module = value.module()) return Scalar(static_cast<std::int64_t>(module->children().size()));
    throw TypeError("object of type '" + type_name(value) + "' has no len()");
}

Value list_of(const Value& value, List::Kind kind) {
    if (const List* list = value.items()) return Value::list(list->items, kind);
    const Tensor* tensor = value.tensor();
    if (!tensor) throw TypeError("'" + type_name(value) + "' object is not iterable");
    if (tensor->dim() > 0 && tensor->len() > static_cast<std::int64_t>(item_limit))
        throw Error("a list has more than " + std::to_string(item_limit) + " items");
    std::vector<Value> items;
    for (const Tensor& part : unbind(*tensor))
        items.push_back(Value::of(part));
    return Value::list(std::move(items), kind);
}

Value number_from(const Value& value, const std::string& kind) {
    const Scalar number = value.tensor() ? value.tensor()->item() : number_of(argument_of(value), kind + "()'s value");
    if (kind == "float") return Scalar(number.to_double());
    if (kind == "bool") return Scalar(number.to_bool());
    if (number.is_floating() && !(std::fabs(number.to_double()) < 9e18))
        throw ValueError("cannot convert " + float_text(number.to_double()) + " to an integer");
    return Scalar(number.to_int());
}

Value deep_copy(const Value& value) {
    if (const Tensor* tensor = value.tensor()) return tensor->deepcopy();
    if (const List* list = value.items()) {
        std::vector<Value> items;
        for (const Value& item : list->items)
            items.push_back(deep_copy(item));
        return Value::list(std::move(items), list->kind);
    }
    if (const auto* state = value.get<std::shared_ptr<nn::StateDict>>()) {
        auto made = std::make_shared<nn::StateDict>(**state);
        for (const auto& [key, tensor] : (*state)->tensors())
            made->set(key, tensor.deepcopy());
        return Value(std::move(made));
    }
    if (value.module() || value.get<std::shared_ptr<optim::Optimizer>>())
        throw TypeError("deepcopy() copies tensors, lists and state_dicts here, no modules");
    return value;
}

std::string short_text(std::string text) {
    if (text.size() > text_limit) throw Error("the text is longer than " + std::to_string(text_limit) + " bytes");
    return text;
}

Value print_values(Interpreter::State& state, const Call& call) {
    std::string line;
    for (std::size_t i = 0; i < call.positional.size(); ++i) {
        const auto* text = call.positional[i].get<std::string>();
        line = short_text(line + (i > 0 ? " " : "") + (text ? *text : to_string(call.positional[i])));
    }
    constexpr std::size_t line_limit = 1000; // printed() has at most
    if (state.outcome && state.outcome->printed.size() < line_limit) state.outcome->printed.push_back(std::move(line));
    return {};
}

/// torch.autograd.grad
Value gradients_of(Interpreter::State& state, const Call& call) {
    state.check_may_change("grad()");
    call.check("grad", 3, {"outputs", "inputs", "grad_outputs", "retain_graph", "create_graph", "allow_unused"});
    const auto flag = [&](std::string_view name) {
        const Value* given = call.find(~std::size_t{0}, name);
        return given && is_true(*given);
    };
    const Value *outputs = call.find(0, "outputs"), *inputs = call.find(1, "inputs");
    if (!outputs || !inputs) throw TypeError("grad() takes outputs and inputs");
    autograd::GradOptions options;
    options.create_graph = flag("create_graph");
    options.allow_unused = flag("allow_unused");
    if (call.find(~std::size_t{0}, "retain_graph")) options.retain_graph = flag("retain_graph");
    const Value* given = call.find(2, "grad_outputs");
    const Tensors found = autograd::grad(tensors_of(*outputs, "outputs"), tensors_of(*inputs, "inputs"),
                                         given ? tensors_of(*given, "grad_outputs") : Tensors(), options);
    std::vector<Value> items;
    for (const Tensor& tensor : found)
        items.push_back(Value::of(tensor));
    return Value::list(std::move(items), List::Kind::tuple);
}

Value clip_norm(Interpreter::State& state, const Call& call) {
    state.check_may_change("clip_grad_norm_()");
    call.check("clip_grad_norm_", 2);
    if (call.positional.size() != 2) throw TypeError("clip_grad_norm_() takes parameters and a norm");
    const double limit = number_of(argument_of(call.positional[1]), "max_norm").to_double();
    return nn::clip_grad_norm_(tensors_of(call.positional[0], "parameters"), limit);
}

using Function = Value (*)(Interpreter::State& state, const Call& call);

const std::map<std::string, Function, std::less<>>& functions() {
    using State = Interpreter::State;
    static const std::map<std::string, Function, std::less<>> all = {
        {"tensor", [](State&, const Call& call) { return make_tensor(call); }},
        {"zeros", [](State&, const Call& call) { return make_filled("zeros", call); }},
        {"ones", [](State&, const Call& call) { return make_filled("ones", call); }},
        {"empty", [](State&, const Call& call) { return make_filled("zeros", call); }},
        {"full", [](State&, const Call& call) { return make_filled("full", call); }},
        {"rand", [](State&, const Call& call) { return make_filled("rand", call); }},
        {"randn", [](State&, const Call& call) { return make_filled("randn", call); }},
        {"arange", [](State&, const Call& call) { return make_range(call); }},
        {"linspace", [](State&, const Call& call) { return make_linspace(call); }},
        {"eye", [](State&, const Call& call) { return make_eye(call); }},
        {"Parameter", [](State&, const Call& call) { return make_parameter(call); }},
        {"len", [](State&, const Call& call) { return length_of(only(call, "len")); }},
        {"list", [](State&, const Call& call) { return list_of(only(call, "list"), List::Kind::list); }},
        {"tuple", [](State&, const Call& call) { return list_of(only(call, "tuple"), List::Kind::tuple); }},
        {"float", [](State&, const Call& call) { return number_from(only(call, "float"), "float"); }},
        {"int", [](State&, const Call& call) { return number_from(only(call, "int"), "int"); }},
        {"bool", [](State&, const Call& call) { return Value(Scalar(is_true(only(call, "bool")))); }},
        {"str", [](State&, const Call& call) { return Value(short_text(to_string(only(call, "str")))); }},
        {"type", [](State&, const Call& call) { return Value(type_name(only(call, "type"))); }},
        {"deepcopy", [](State&, const Call& call) { return deep_copy(only(call, "deepcopy")); }},
        {"print", print_values},
        {"grad", gradients_of},
        {"clip_grad_norm_", clip_norm},
        {"manual_seed",
         [](State& state, const Call& call) {
             state.check_may_change("manual_seed()");
             manual_seed(static_cast<std::uint64_t>(integer_of(argument_of(only(call, "manual_seed")), "the seed")));
             return Value();
         }},
        {"is_grad_enabled", [](State&, const Call&) { return Value(Scalar(grad_enabled())); }},
        {"no_grad", [](State&, const Call&) { return Value(Mode::no_grad); }},
        {"enable_grad", [](State&, const Call&) { return Value(Mode::enable_grad); }},
        {"inference_mode", [](State&, const Call&) { return Value(Mode::inference_mode); }},
        {"equal",
         [](State&, const Call& call) {
             call.check("equal", 2);
             const Tensors both = tensors_of(Value::list(call.positional), "what is compared");
             if (both.size() != 2 || !both[0].defined() || !both[1].defined())
                 throw TypeError("equal() takes two tensors");
             return Value(Scalar(both[0].shape() == both[1].shape() && hs::all(eq(both[0], both[1])).is_true()));
         }},
    };
    return all;
}

std::optional<Dtype> dtype_named(const std::string& name) {
    for (int i = 0; i < dtype_count; ++i)
        if (hs::name(static_cast<Dtype>(i)) == name) return static_cast<Dtype>(i);
    if (name == "float") return std::nullopt; // Python's function
    if (name == "double") return Dtype::float64;
    if (name == "long") return Dtype::int64;
    return std::nullopt;
}

constexpr std::string_view prefixes[] = {"torch",
                                         "nn",
                                         "F",
                                         "optim",
                                         "copy",
                                         "functional",
                                         "autograd",
                                         "torch.nn",
                                         "torch.optim",
                                         "torch.autograd",
                                         "utils",
                                         "nn.functional",
                                         "torch.nn.functional",
                                         "nn.utils",
                                         "torch.nn.utils"};

Value builtin_member(const std::string& owner, const std::string& name) {
    const std::string path = owner + "." + name;
    if (std::ranges::find(prefixes, path) != std::end(prefixes)) return Builtin{path};
    if (std::ranges::find(prefixes, owner) != std::end(prefixes)) {
        if (owner == "torch" && name == "float") return Dtype::float32;
        if (const std::optional<Value> found = find_builtin(name)) return *found;
    }
    throw AttributeError("'" + owner + "' has no attribute '" + name + "'");
}

/// The operations of a node behind one: `next_functions`.
Value next_functions(const Node& node) {
    std::vector<Value> edges;
    for (std::size_t i = 0; i < node.edge_count(); ++i) {
        const Edge edge = node.edge(i);
        Value next = edge.node ? Value(GraphNode{Ref<Node>(edge.node)}) : Value();
        edges.push_back(
            Value::list({std::move(next), Scalar(static_cast<std::int64_t>(edge.input_nr))}, List::Kind::tuple));
    }
    return Value::list(std::move(edges), List::Kind::tuple);
}

} // namespace

std::optional<Value> find_builtin(const std::string& name) {
    if (const auto dtype = dtype_named(name)) return *dtype;
    const bool known = functions().contains(name) || is_container(name) || is_optimizer(name) || has_module(name) ||
                       !find_ops(name).empty() || std::ranges::find(prefixes, name) != std::end(prefixes);
    return known ? std::optional<Value>(Builtin{name}) : std::nullopt;
}

Value call_builtin(Interpreter::State& state, const std::string& name, const Call& call) {
    if (const auto found = functions().find(name); found != functions().end()) return found->second(state, call);
    if (is_container(name)) return make_container(name, call);
    if (is_optimizer(name)) return make_optimizer(name, call);
    if (has_module(name)) return Value(std::shared_ptr<nn::Module>(make_module(name, call.arguments())));
    if (find_ops(name).empty()) throw TypeError("'" + name + "' is not callable");
    return call_operation(name, call.arguments());
}

Value member_of(const Value& value, const std::string& name) {
    if (const auto* builtin = value.get<Builtin>()) return builtin_member(builtin->name, name);
    if (const Tensor* tensor = value.tensor()) return tensor_member(*tensor, name);
    if (const auto module = value.module()) return module_member(module, name);
    const auto method = [&] { return Value(Method{std::make_shared<const Value>(value), name}); };
    if (const auto* node = value.get<GraphNode>()) {
        if (name == "next_functions") return next_functions(*node->node);
        if (name == "name") return method();
        if (name == "variable" && node->node->is_accumulate_grad()) throw AttributeError("ask the leaf by its name");
    }
    if (value.get<std::shared_ptr<RemovableHandle>>() && name == "remove") return method();
    if (value.get<std::shared_ptr<nn::StateDict>>() && name == "keys") return method();
    if (const auto* optimizer = value.get<std::shared_ptr<optim::Optimizer>>()) {
        if (name == "step" || name == "zero_grad") return method();
        if (name == "lr") return Scalar((*optimizer)->learning_rate());
    }
    throw AttributeError("'" + type_name(value) + "' object has no attribute '" + name + "'");
}

std::vector<std::string> builtin_names() {
    std::vector<std::string> all = module_names();
    for (const auto& entry : functions())
        all.push_back(entry.first);
    for (int i = 0; i < dtype_count; ++i)
        all.emplace_back(name(static_cast<Dtype>(i)));
    for (const Op* op : catalogue())
        all.push_back(op->name());
    for (const char* other : {"Module", "Sequential", "ModuleList", "SGD", "Adam", "AdamW"})
        all.emplace_back(other);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace hs::script
