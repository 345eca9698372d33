#include "engine/ops/functional.h"
#include "engine/ops/method.h"
#include "engine/script/checked_argument.h"
#include "engine/script/state.h"

#include <algorithm>
#include <map>

namespace hs::script {

namespace {

using Attributes = std::map<std::string, Value (*)(const Tensor&), std::less<>>;

const Attributes& attributes() {
    static const Attributes all = {
        {"grad", [](const Tensor& x) { return Value::of(x.grad()); }},
        {"shape", [](const Tensor& x) { return Value::size(x.shape()); }},
        {"is_leaf", [](const Tensor& x) { return Value(Scalar(x.is_leaf())); }},
        {"grad_fn", [](const Tensor& x) { return x.grad_fn() ? Value(GraphNode{x.grad_fn()}) : Value(); }},
        {"requires_grad", [](const Tensor& x) { return Value(Scalar(x.requires_grad())); }},
        {"retains_grad", [](const Tensor& x) { return Value(Scalar(x.retains_grad())); }},
        {"dtype", [](const Tensor& x) { return Value(x.dtype()); }},
        {"device", [](const Tensor& x) { return Value(to_string(x.device())); }},
        {"data", [](const Tensor& x) { return Value(x.data_tensor()); }},
        {"ndim", [](const Tensor& x) { return Value(Scalar(x.dim())); }},
        {"_version", [](const Tensor& x) { return Value(Scalar(static_cast<std::int64_t>(x.version()))); }},
        {"_base", [](const Tensor& x) { return x.is_view() ? Value::of(x.base()) : Value(); }},
        {"output_nr", [](const Tensor& x) { return Value(Scalar(static_cast<std::int64_t>(x.impl()->output_nr))); }},
        {"T",
         [](const Tensor& x) {
             Dims reversed;
             for (std::int64_t dim = x.dim(); dim-- > 0;)
                 reversed.push_back(dim);
             return Value(permute(x, reversed));
         }},
    };
    return all;
}

using TensorMethod = Value (*)(Interpreter::State& state, const Tensor& self, const Call& call);
struct MethodEntry {
    TensorMethod function;
    bool changes = false; ///< something: refused where a script may only compute
};
using Methods = std::map<std::string, MethodEntry, std::less<>>;

bool flag(const Call& call, std::size_t position, std::string_view name, bool otherwise) {
    const Value* given = call.find(position, name);
    return given ? is_true(*given) : otherwise;
}

Value run_backward(Interpreter::State&, const Tensor& self, const Call& call) {
    call.check("backward", 1, {"gradient", "retain_graph", "create_graph", "inputs"});
    const Value* gradient = call.find(0, "gradient");
    constexpr std::size_t by_name = ~std::size_t{0};
    std::optional<bool> retain;
    if (const Value* given = call.find(by_name, "retain_graph"); given && !given->is_none()) retain = is_true(*given);
    std::optional<Tensors> inputs;
    if (const Value* given = call.find(by_name, "inputs")) inputs = tensors_of(*given, "inputs");
    Tensor start;
    if (gradient && !gradient->is_none()) {
        if (!gradient->tensor())
            throw TypeError("gradients can be either Tensors or Nones, but got " + type_name(*gradient));
        start = *gradient->tensor();
    }
    self.backward(start, retain, flag(call, by_name, "create_graph", false), inputs);
    return {};
}

Value add_hook(Interpreter::State& state, const Tensor& self, const Call& call) {
    call.check("register_hook", 1);
    if (call.positional.empty()) throw TypeError("register_hook() takes a function");
    const auto hook = state.hook_of(call.positional[0]);
    return state.keep(self.register_hook([hook](const Tensor& gradient) {
        const Value result = hook({Value::of(gradient)});
        if (result.is_none()) return Tensor();
        if (!result.tensor()) throw TypeError("a hook gives a tensor or None, not '" + type_name(result) + "'");
        return *result.tensor();
    }));
}

Value add_post_hook(Interpreter::State& state, const Tensor& self, const Call& call) {
    call.check("register_post_accumulate_grad_hook", 1);
    if (call.positional.empty()) throw TypeError("register_post_accumulate_grad_hook() takes a function");
    const auto hook = state.hook_of(call.positional[0]);
    return state.keep(self.register_post_accumulate_grad_hook([hook](const Tensor& leaf) { hook({Value::of(leaf)}); }));
}

Value numbers_of(const Tensor& tensor) {
    if (tensor.dim() == 0) return tensor.item();
    if (tensor.numel() > static_cast<std::int64_t>(item_limit))
        throw Error("a list has more than " + std::to_string(item_limit) + " items");
    std::vector<Value> items;
    for (const Tensor& part : unbind(tensor.detach()))
        items.push_back(numbers_of(part));
    return Value::list(std::move(items));
}

Value fill(const Tensor& self, const Value* value) {
    if (!value) throw TypeError("fill_() takes a number");
    Tensor target = self;
    return target.fill_(number_of(argument_of(*value), "fill_()'s value"));
}

Value draw(const Tensor& self, const std::string& name, const Call& call) {
    const ConstructorArguments given = call.arguments();
    ConstructorReader reader(given);
    Tensor target = self;
    if (name == "normal_") {
        const double mean = reader.floating(0, "mean", 0), deviation = reader.floating(1, "std", 1);
        return target.normal_(mean, deviation, default_generator());
    }
    const double from = reader.floating(0, "from", 0), to = reader.floating(1, "to", 1);
    return target.uniform_(from, to, default_generator());
}

const Methods& methods() {
    using State = Interpreter::State;
    static const Methods all = {
        {"backward", {run_backward, true}},
        {"register_hook", {add_hook, true}},
        {"register_post_accumulate_grad_hook", {add_post_hook, true}},
        {"retain_grad", {[](State&, const Tensor& x, const Call&) { return x.retain_grad(), Value(); }, true}},
        {"requires_grad_",
         {[](State&, const Tensor& x, const Call& call) {
              return Value(Tensor(x).set_requires_grad(flag(call, 0, "requires_grad", true)));
          },
          true}},
        {"detach_", {[](State&, const Tensor& x, const Call&) { return Value(Tensor(x).detach_()); }, true}},
        {"zero_", {[](State&, const Tensor& x, const Call&) { return Value(Tensor(x).zero_()); }, true}},
        {"fill_", {[](State&, const Tensor& x, const Call& call) { return fill(x, call.find(0, "value")); }, true}},
        {"normal_", {[](State&, const Tensor& x, const Call& call) { return draw(x, "normal_", call); }, true}},
        {"uniform_", {[](State&, const Tensor& x, const Call& call) { return draw(x, "uniform_", call); }, true}},
        {"copy_",
         {[](State&, const Tensor& x, const Call& call) {
              if (call.positional.size() != 1 || !call.positional[0].tensor())
                  throw TypeError("copy_() takes a tensor");
              return Value(Tensor(x).copy_(*call.positional[0].tensor()));
          },
          true}},
        {"detach", {[](State&, const Tensor& x, const Call&) { return Value(x.detach()); }}},
        {"item", {[](State&, const Tensor& x, const Call&) { return Value(x.item()); }}},
        {"tolist", {[](State&, const Tensor& x, const Call&) { return numbers_of(x); }}},
        {"numel", {[](State&, const Tensor& x, const Call&) { return Value(Scalar(x.numel())); }}},
        {"dim", {[](State&, const Tensor& x, const Call&) { return Value(Scalar(x.dim())); }}},
        {"size", {[](State&, const Tensor& x, const Call& call) {
             const Value* dim = call.find(0, "dim");
             return dim ? Value(Scalar(x.size(integer_of(argument_of(*dim), "dim")))) : Value::size(x.shape());
         }}},
        {"stride", {[](State&, const Tensor& x, const Call&) {
             return Value::list(Value::size(x.strides()).items()->items, List::Kind::tuple);
         }}},
        {"is_contiguous", {[](State&, const Tensor& x, const Call&) { return Value(Scalar(x.is_contiguous())); }}},
        {"is_floating_point",
         {[](State&, const Tensor& x, const Call&) { return Value(Scalar(is_floating_point(x.dtype()))); }}},
    };
    return all;
}

std::optional<Dtype> conversion(std::string_view name) {
    static const std::map<std::string_view, Dtype> all = {
        {"float", Dtype::float32}, {"double", Dtype::float64}, {"half", Dtype::float16}, {"bfloat16", Dtype::bfloat16},
        {"long", Dtype::int64},    {"int", Dtype::int32},      {"short", Dtype::int16},  {"char", Dtype::int8},
        {"byte", Dtype::uint8},    {"bool", Dtype::bool_}};
    const auto found = all.find(name);
    return found == all.end() ? std::nullopt : std::optional(found->second);
}

bool is_operation(const std::string& name) {
    if (!name.empty() && name.back() == '_')
        return has_in_place_form(std::string_view(name).substr(0, name.size() - 1));
    return !find_ops(name).empty();
}

} // namespace

Value tensor_member(const Tensor& tensor, const std::string& name) {
    if (const auto found = attributes().find(name); found != attributes().end()) return found->second(tensor);
    if (methods().contains(name) || conversion(name) || is_operation(name))
        return Method{std::make_shared<const Value>(tensor), name};
    throw AttributeError("'Tensor' object has no attribute '" + name + "'");
}

void set_tensor_member(const Tensor& tensor, const std::string& name, const Value& value) {
    if (name == "grad") {
        if (!value.is_none() && !value.tensor())
            throw TypeError("assigned grad expected to be a Tensor or None but got grad of type " + type_name(value));
        return tensor.set_grad(value.tensor() ? *value.tensor() : Tensor());
    }
    if (name == "requires_grad") {
        Tensor(tensor).set_requires_grad(is_true(value));
        return;
    }
    if (name == "data") {
        if (!value.tensor()) throw TypeError("Variable data has to be a tensor, but got " + type_name(value));
        return tensor.set_data(*value.tensor());
    }
    throw AttributeError("'Tensor' object has no attribute '" + name + "' that can be assigned");
}

Value call_tensor_method(Interpreter::State& state, const Tensor& self, const std::string& name, const Call& call) {
    const auto found = methods().find(name);
    if ((found != methods().end() && found->second.changes) || (found == methods().end() && name.ends_with('_')))
        state.check_may_change(name + "()");
    if (found != methods().end()) return found->second.function(state, self, call);
    if (const auto dtype = conversion(name)) return self.to(*dtype);
    static constexpr std::string_view of_sizes[] = {"view", "reshape", "permute", "expand", "repeat", "tile"};
    const bool joins = std::ranges::find(of_sizes, name) != std::end(of_sizes);
    const ConstructorArguments given = joins ? call.with_sizes_joined() : call.arguments();
    return checked(call_method(self, name, given.positional, given.keywords));
}

std::vector<std::string> tensor_member_names() {
    std::vector<std::string> all;
    for (const auto& entry : attributes())
        all.push_back(entry.first);
    for (const auto& entry : methods())
        all.push_back(entry.first);
    for (const Op* op : catalogue()) {
        all.push_back(op->name());
        if (has_in_place_form(op->name())) all.push_back(op->name() + "_");
    }
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace hs::script
