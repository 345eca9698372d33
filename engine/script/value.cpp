#include "engine/script/value.h"

#include "engine/tensor/number_text.h"

#include <algorithm>

namespace hs::script {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>; // which clang 14 does not deduce

std::string list_text(const List& list) {
    const bool is_tuple = list.kind == List::Kind::tuple;
    std::string text = list.kind == List::Kind::size ? "torch.Size([" : is_tuple ? "(" : "[";
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        text += i > 0 ? ", " : "";
        if (text.size() > text_limit) {
            text += "...";
            break;
        }
        text += to_string(list.items[i]);
    }
    if (list.kind == List::Kind::size) return text + "])";
    if (is_tuple) return text + (list.items.size() == 1 ? ",)" : ")");
    return text + "]";
}

/// Of what lies in it; a value that refers to no others has none.
int depth_of(const Value& value) {
    if (const List* list = value.items()) return list->depth;
    const auto* function = value.get<std::shared_ptr<const Lambda>>();
    return function ? (*function)->depth : 0;
}

void check_depth(int depth) {
    if (depth > depth_limit)
        throw Error("lists or functions are nested more than " + std::to_string(depth_limit) + " deep");
}

std::string state_text(const nn::StateDict& state) {
    std::string text = "OrderedDict({";
    for (const auto& [key, tensor] : state.tensors())
        text += (text.back() == '{' ? "'" : ", '") + key + "': " + to_string(tensor);
    return text + "})";
}

Argument list_argument(const List& list) {
    Dims integers;
    std::vector<double> floats;
    Tensors tensors;
    Indices indices; // integers and None
    for (const Value& item : list.items) {
        if (item.is_none()) indices.push_back(NewAxis{});
        if (const Tensor* tensor = item.tensor()) tensors.push_back(*tensor);
        const Scalar* number = item.number();
        if (!number) continue;
        floats.push_back(number->to_double());
        if (number->is_floating()) continue;
        integers.push_back(number->to_int());
        indices.push_back(number->to_int());
    }
    const std::size_t count = list.items.size();
    if (integers.size() == count) return integers;
    if (floats.size() == count) return floats;
    if (tensors.size() == count) return tensors;
    if (indices.size() == count) return indices;
    throw TypeError("the items of this list are of different kinds");
}

} // namespace

Value Value::of(const Tensor& tensor) {
    return tensor.defined() ? Value(tensor) : Value();
}

Value Value::of(const Tensors& tensors) {
    if (tensors.size() == 1) return of(tensors[0]);
    std::vector<Value> items;
    for (const Tensor& tensor : tensors)
        items.push_back(of(tensor));
    return list(std::move(items), List::Kind::tuple);
}

Value Value::list(std::vector<Value> items, List::Kind kind) {
    auto made = std::make_shared<List>();
    made->total = items.size();
    for (const Value& item : items) {
        made->depth = std::max(made->depth, depth_of(item) + 1);
        if (const List* inner = item.items()) made->total += inner->total;
        if (made->total > item_limit) break;
    }
    check_depth(made->depth);
    if (made->total > item_limit) throw Error("a list has more than " + std::to_string(item_limit) + " items");
    made->items = std::move(items);
    made->kind = kind;
    return Value(std::move(made));
}

Value Value::function(ExpressionPointer expression, std::vector<std::pair<std::string, Value>> captured) {
    Lambda made{std::move(expression), std::move(captured)};
    for (const auto& local : made.captured)
        made.depth = std::max(made.depth, depth_of(local.second) + 1);
    check_depth(made.depth);
    return Value(std::make_shared<const Lambda>(std::move(made)));
}

Value Value::size(const Shape& shape) {
    std::vector<Value> items;
    for (const std::int64_t size : shape)
        items.emplace_back(Scalar(size));
    return list(std::move(items), List::Kind::size);
}

const List* Value::items() const {
    const auto* list = get<std::shared_ptr<List>>();
    return list ? list->get() : nullptr;
}

std::shared_ptr<nn::Module> Value::module() const {
    const auto* module = get<std::shared_ptr<nn::Module>>();
    return module ? *module : nullptr;
}

std::string to_string(const Value& value) {
    return std::visit(Overloaded{
                          [](std::monostate) -> std::string { return "None"; },
                          [](const Scalar& number) {
                              return number.kind() == Scalar::Kind::boolean ? flag_text(number.to_bool())
                                                                            : number_text(number);
                          },
                          [](const std::string& text) { return "'" + text + "'"; },
                          [](const Tensor& tensor) { return to_string(tensor); },
                          [](Dtype dtype) { return "torch." + std::string(name(dtype)); },
                          [](const std::shared_ptr<List>& list) { return list_text(*list); },
                          [](const std::shared_ptr<nn::Module>& module) { return module->to_string(); },
                          [](const std::shared_ptr<optim::Optimizer>& optimizer) { return optimizer->to_string(); },
                          [](const std::shared_ptr<nn::StateDict>& state) { return state_text(*state); },
                          [](const std::shared_ptr<RemovableHandle>&) -> std::string { return "<RemovableHandle>"; },
                          [](const GraphNode& node) { return "<" + std::string(node.node->name()) + ">"; },
                          [](const std::shared_ptr<const Lambda>&) -> std::string { return "<function>"; },
                          [](const Builtin& builtin) { return "<function " + builtin.name + ">"; },
                          [](const Method& method) { return "<method " + method.name + ">"; },
                          [](Mode) -> std::string { return "<grad mode>"; },
                      },
                      value.variant());
}

std::string type_name(const Value& value) {
    return std::visit(
        Overloaded{
            [](std::monostate) -> std::string { return "NoneType"; },
            [](const Scalar& number) -> std::string {
                return number.kind() == Scalar::Kind::boolean ? "bool" : number.is_floating() ? "float" : "int";
            },
            [](const std::string&) -> std::string { return "str"; },
            [](const Tensor& tensor) -> std::string { return tensor.is_parameter() ? "Parameter" : "Tensor"; },
            [](Dtype) -> std::string { return "dtype"; },
            [](const std::shared_ptr<List>& list) -> std::string {
                return list->kind == List::Kind::list ? "list" : list->kind == List::Kind::tuple ? "tuple" : "Size";
            },
            [](const std::shared_ptr<nn::Module>& module) { return module->type_name(); },
            [](const std::shared_ptr<optim::Optimizer>& optimizer) { return optimizer->type_name(); },
            [](const std::shared_ptr<nn::StateDict>&) -> std::string { return "OrderedDict"; },
            [](const std::shared_ptr<RemovableHandle>&) -> std::string { return "RemovableHandle"; },
            [](const GraphNode& node) { return std::string(node.node->name()); },
            [](const std::shared_ptr<const Lambda>&) -> std::string { return "function"; },
            [](const Builtin&) -> std::string { return "function"; },
            [](const Method&) -> std::string { return "method"; },
            [](Mode mode) -> std::string {
                return mode == Mode::no_grad ? "no_grad" : mode == Mode::enable_grad ? "enable_grad" : "inference_mode";
            },
        },
        value.variant());
}

Argument argument_of(const Value& value) {
    return std::visit(Overloaded{
                          [](std::monostate) { return Argument(); },
                          [](const Scalar& number) { return Argument(number); },
                          [](const std::string& text) { return Argument(text); },
                          [](const Tensor& tensor) { return Argument(tensor); },
                          [](Dtype dtype) { return Argument(dtype); },
                          [](const std::shared_ptr<List>& list) { return list_argument(*list); },
                          [&](const auto&) -> Argument {
                              throw TypeError("an operation takes no argument of type '" + type_name(value) + "'");
                          },
                      },
                      value.variant());
}

bool is_true(const Value& value) {
    if (value.is_none()) return false;
    if (const Scalar* number = value.number()) return number->to_bool();
    if (const Tensor* tensor = value.tensor()) return tensor->is_true();
    if (const List* list = value.items()) return !list->items.empty();
    if (const auto* text = value.get<std::string>()) return !text->empty();
    return true;
}

} // namespace hs::script
