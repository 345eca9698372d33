#include "tests/conformance/python_call.h"

#include "engine/hookscope.h"
#include "engine/script/checked_argument.h"
#include "engine/script/module_factory.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hs::conformance {

using namespace script;
using script::integer_of;

namespace {

using Sequence = PythonValue::Sequence;
using ModulePointer = std::shared_ptr<nn::Module>;

/// As an argument of an operation or of a constructor.
Argument argument_of(const PythonValue& value) {
    if (const auto* argument = std::get_if<Argument>(&value.value)) return *argument;
    if (const auto* name = std::get_if<PythonValue::Name>(&value.value)) {
        if (name->path.starts_with("torch.")) return dtype_from_name(name->path.substr(6));
        throw Error("the name '" + name->path + "' is no value");
    }
    const auto* sequence = std::get_if<Sequence>(&value.value);
    if (!sequence) throw Error("a module or a dict cannot be passed here");
    Dims integers;
    std::vector<double> floats;
    Tensors tensors;
    Indices indices; // integers and None
    for (const PythonValue& item : sequence->items) {
        const Argument argument = argument_of(item);
        const ArgumentRef ref = argument.ref();
        if (ref.is_none()) indices.push_back(NewAxis{});
        if (ref.is_tensor()) tensors.push_back(ref.tensor());
        if (ref.is_number()) floats.push_back(ref.floating());
        if (ref.is_number() && !ref.scalar().is_floating()) {
            integers.push_back(ref.integer());
            indices.push_back(ref.integer());
        }
    }
    const std::size_t count = sequence->items.size();
    if (integers.size() == count) return integers;
    if (floats.size() == count) return floats;
    if (tensors.size() == count) return tensors;
    if (indices.size() == count) return indices;
    throw Error("the items of a list are of different kinds");
}

ConstructorArguments constructor_arguments(const CallArguments& arguments) {
    ConstructorArguments result;
    for (const PythonValue& value : arguments.positional)
        result.positional.push_back(argument_of(value));
    for (const auto& [name, value] : arguments.keywords)
        result.keywords.emplace(name, argument_of(value));
    return result;
}

PythonValue result_of(Tensors outputs) {
    if (outputs.size() == 1) return {Argument(outputs[0])};
    Sequence sequence{.items = {}, .is_tuple = true};
    for (Tensor& output : outputs)
        sequence.items.push_back({Argument(std::move(output))});
    return {std::move(sequence)};
}

PythonValue call_operation(const std::string& name, const ConstructorArguments& arguments) {
    return result_of(call_by_name(name, arguments.positional, arguments.keywords));
}

ModulePointer module_of(const PythonValue& value) {
    const auto* module = std::get_if<ModulePointer>(&value.value);
    if (!module) throw Error("an argument of a container is no module");
    return *module;
}

const Sequence& only_sequence(const CallArguments& arguments) {
    const Sequence* sequence =
        arguments.positional.size() == 1 ? std::get_if<Sequence>(&arguments.positional[0].value) : nullptr;
    if (!sequence) throw Error("a container takes one list");
    return *sequence;
}

/// The pairs of a dict, or of a list of pairs.
PythonValue::Items only_items(const CallArguments& arguments) {
    if (arguments.positional.size() == 1)
        if (const auto* items = std::get_if<PythonValue::Items>(&arguments.positional[0].value)) return *items;
    PythonValue::Items result;
    for (const PythonValue& item : only_sequence(arguments).items) {
        const auto* pair = std::get_if<Sequence>(&item.value);
        if (!pair || pair->items.size() != 2) throw Error("a container takes a dict or a list of pairs");
        result.push_back({text_of(argument_of(pair->items[0]), "a key"), pair->items[1]});
    }
    return result;
}

ModulePointer make_container(const std::string& name, const CallArguments& arguments) {
    const bool empty = arguments.positional.empty();
    if (name == "Module") return std::make_shared<nn::Module>();
    if (name == "Sequential") {
        auto sequential = std::make_shared<nn::Sequential>();
        for (const PythonValue& item : arguments.positional)
            sequential->append(module_of(item));
        return sequential;
    }
    if (name == "ModuleList") {
        auto list = std::make_shared<nn::ModuleList>();
        if (!empty)
            for (const PythonValue& item : only_sequence(arguments).items)
                list->append(module_of(item));
        return list;
    }
    if (name == "ModuleDict") {
        auto dict = std::make_shared<nn::ModuleDict>();
        if (!empty)
            for (const auto& [key, item] : only_items(arguments))
                dict->insert(key, module_of(item));
        return dict;
    }
    if (name == "ParameterList") {
        auto list = std::make_shared<nn::ParameterList>();
        if (!empty)
            for (const PythonValue& item : only_sequence(arguments).items)
                list->append(tensor_of(argument_of(item), "an item of a ParameterList"));
        return list;
    }
    if (name != "ParameterDict") return nullptr;
    auto dict = std::make_shared<nn::ParameterDict>();
    if (empty) return dict;
    PythonValue::Items items = only_items(arguments);
    std::ranges::sort(items, {}, &PythonValue::Item::key); // as PyTorch takes a plain dict
    for (const auto& [key, item] : items)
        dict->insert(key, tensor_of(argument_of(item), "an item of a ParameterDict"));
    return dict;
}

/// What torch.tensor() makes of numbers in lists.
void collect_numbers(const PythonValue& value, Shape& shape, std::size_t depth, std::vector<Scalar>& numbers) {
    const auto* sequence = std::get_if<Sequence>(&value.value);
    if (!sequence) {
        if (depth != shape.size()) throw Error("a list of tensor() is ragged");
        return numbers.push_back(number_of(argument_of(value), "an element of tensor()"));
    }
    const auto size = static_cast<std::int64_t>(sequence->items.size());
    if (depth == shape.size() && numbers.empty()) shape.push_back(size);
    if (depth >= shape.size() || shape[depth] != size) throw Error("a list of tensor() is ragged");
    for (const PythonValue& item : sequence->items)
        collect_numbers(item, shape, depth + 1, numbers);
}

Tensor made_of_numbers(const PythonValue& value, std::optional<Dtype> dtype) {
    Shape shape;
    std::vector<Scalar> numbers;
    collect_numbers(value, shape, 0, numbers);
    std::vector<double> values;
    Dtype found = numbers.empty() ? Dtype::float32 : Dtype::bool_;
    for (const Scalar& number : numbers) {
        values.push_back(number.to_double());
        found = promote(found, number.dtype());
    }
    const TensorOptions options{.dtype = dtype.value_or(found)};
    if (is_floating_point(found)) return from_data(values.data(), shape, options);
    std::vector<std::int64_t> integers; // beyond 2^53 a double does not hold them all
    integers.reserve(numbers.size());
    for (const Scalar& number : numbers)
        integers.push_back(number.to_int());
    return from_data(integers.data(), shape, options);
}

/// The functions of torch that make tensors; nothing for another name.
std::optional<Tensor> make_tensor_by(const std::string& name, const CallArguments& arguments) {
    std::optional<Dtype> dtype;
    bool requires_grad = false;
    for (const auto& [keyword, value] : arguments.keywords) {
        if (keyword == "dtype")
            dtype = dtype_of(argument_of(value), "dtype");
        else if (keyword == "requires_grad")
            requires_grad = boolean_of(argument_of(value), "requires_grad");
        else
            return std::nullopt;
    }
    const auto& given = arguments.positional;
    const auto shape = [&]() -> Shape {
        Dims sizes;
        if (given.size() == 1 && std::holds_alternative<Sequence>(given[0].value))
            sizes = sizes_of(argument_of(given[0]), "the shape");
        else
            for (const PythonValue& value : given)
                sizes.push_back(integer_of(value));
        check_shape(sizes, "the tensor");
        return sizes;
    };
    const TensorOptions options{.dtype = dtype.value_or(Dtype::float32)};
    Tensor made;
    if (name == "tensor" && given.size() == 1) {
        made = made_of_numbers(given[0], dtype);
    } else if (name == "zeros") {
        made = zeros(shape(), options);
    } else if (name == "ones") {
        made = ones(shape(), options);
    } else if (name == "arange" && !given.empty() && given.size() < 4) {
        const auto number = [&](std::size_t i) { return number_of(argument_of(given[i]), "a bound of arange()"); };
        const Scalar start = given.size() > 1 ? number(0) : Scalar(0), end = number(given.size() > 1 ? 1 : 0),
                     step = given.size() > 2 ? number(2) : Scalar(1);
        if (!(std::fabs((end.to_double() - start.to_double()) / step.to_double()) < double{element_limit}))
            throw Error("arange() has more than " + std::to_string(element_limit) + " elements");
        const bool floating = start.is_floating() || end.is_floating() || step.is_floating();
        made = arange(start, end, step, {.dtype = dtype.value_or(floating ? Dtype::float32 : Dtype::int64)});
    } else {
        return std::nullopt;
    }
    made.set_requires_grad(requires_grad);
    return made;
}

/// An integer that does not fit is an error here, where Python goes on.
Scalar of_integers(std::string_view op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool fits = true;
    if (op == "+") {
        fits = !__builtin_add_overflow(a, b, &result);
    } else if (op == "-") {
        fits = !__builtin_sub_overflow(a, b, &result);
    } else if (op == "*") {
        fits = !__builtin_mul_overflow(a, b, &result);
    } else if (op == "//" || op == "%") {
        fits = b != -1 || a != std::numeric_limits<std::int64_t>::min();
        if (fits) {
            const std::int64_t rest = (a % b + b) % b;
            result = op == "%" ? rest : (a - rest) / b;
        }
    } else if (op == "**") {
        result = 1;
        if (a == 0 || a == 1 || a == -1) b = b == 0 ? 0 : 2 - b % 2;
        for (std::int64_t i = 0; i < b && fits; ++i)
            fits = !__builtin_mul_overflow(result, a, &result);
    } else {
        throw Error("numbers with '" + std::string(op) + "'");
    }
    if (!fits) throw Error("the result of '" + std::string(op) + "' does not fit an integer of 64 bits");
    return result;
}

Scalar of_numbers(std::string_view op, const Scalar& a, const Scalar& b) {
    const double x = a.to_double(), y = b.to_double();
    if ((op == "/" || op == "//" || op == "%") && y == 0) throw Error("division by zero");
    if (op == "/") return x / y;
    if (op == "**" && y < 0) return std::pow(x, y);
    if (!a.is_floating() && !b.is_floating()) return of_integers(op, a.to_int(), b.to_int());
    if (op == "+") return x + y;
    if (op == "-") return x - y;
    if (op == "*") return x * y;
    if (op == "//") return std::floor(x / y);
    if (op == "%") return x - y * std::floor(x / y);
    if (op == "**") return std::pow(x, y);
    throw Error("numbers with '" + std::string(op) + "'");
}

/// The operation of `tensor op value`.
const char* operation_of(std::string_view op) {
    static const std::map<std::string_view, const char*> names = {
        {"+", "add"},       {"-", "sub"},    {"*", "mul"},  {"/", "div"}, {"//", "floor_divide"},
        {"%", "remainder"}, {"@", "matmul"}, {"**", "pow"}, {"==", "eq"}, {"!=", "ne"},
        {"<", "lt"},        {"<=", "le"},    {">", "gt"},   {">=", "ge"}};
    const auto found = names.find(op);
    if (found == names.end()) throw Error("the operator '" + std::string(op) + "' is not known");
    return found->second;
}

PythonValue call_method(const PythonValue::Method& method, const CallArguments& arguments) {
    static const std::map<std::string, Dtype> conversions = {
        {"float", Dtype::float32}, {"double", Dtype::float64}, {"half", Dtype::float16}, {"bfloat16", Dtype::bfloat16},
        {"long", Dtype::int64},    {"int", Dtype::int32},      {"short", Dtype::int16},  {"char", Dtype::int8},
        {"byte", Dtype::uint8},    {"bool", Dtype::bool_}};
    if (const auto found = conversions.find(method.name); found != conversions.end())
        return {Argument(method.self.to(found->second))};
    if (method.name == "detach") return {Argument(method.self.detach())};
    if (method.name == "requires_grad_") return {Argument(Tensor(method.self).set_requires_grad())};
    ConstructorArguments call = constructor_arguments(arguments);
    // view(1, 2) is view((1, 2)).
    static constexpr std::string_view of_sizes[] = {"view", "reshape", "permute", "expand", "repeat", "tile"};
    if (std::ranges::find(of_sizes, method.name) != std::end(of_sizes) &&
        std::ranges::all_of(call.positional, [](const Argument& argument) { return argument.ref().is_number(); })) {
        Dims sizes;
        for (const Argument& argument : call.positional)
            sizes.push_back(integer_of(argument, "a size"));
        call.positional = {sizes};
    }
    return result_of(call_method(method.self, method.name, call.positional, call.keywords));
}

} // namespace

std::int64_t integer_of(const PythonValue& value) {
    return integer_of(argument_of(value), "a size or an index");
}

Index index_of(const PythonValue& value) {
    const Argument argument = argument_of(value);
    if (argument.ref().is_none()) return NewAxis{};
    if (argument.ref().is_tensor()) return argument.ref().tensor();
    if (const auto* list = std::get_if<Dims>(&argument.value()))
        return from_data(list->data(), {static_cast<std::int64_t>(list->size())}, {.dtype = Dtype::int64});
    return integer_of(value);
}

PythonValue apply_operator(std::string_view op, const PythonValue& left, const PythonValue& right) {
    if (const auto* sequence = std::get_if<Sequence>(&left.value); sequence && op == "*") {
        Sequence repeated{.items = {}, .is_tuple = sequence->is_tuple};
        const std::int64_t times = integer_of(right), items = static_cast<std::int64_t>(sequence->items.size());
        constexpr std::int64_t list_limit = 1 << 16;
        if (items > 0 && times > list_limit / items)
            throw Error("a list has more than " + std::to_string(list_limit) + " items");
        for (std::int64_t i = 0; i < times; ++i)
            repeated.items.insert(repeated.items.end(), sequence->items.begin(), sequence->items.end());
        return {std::move(repeated)};
    }
    const Argument a = argument_of(left), b = argument_of(right);
    if (a.ref().is_number() && b.ref().is_number())
        return {Argument(of_numbers(op, a.ref().scalar(), b.ref().scalar()))};
    if (!(a.ref().is_tensor() || a.ref().is_number()) || !(b.ref().is_tensor() || b.ref().is_number()))
        throw Error("'" + std::string(op) + "' of what is neither a tensor nor a number");
    if (a.ref().is_tensor()) return call_operation(operation_of(op), {.positional = {a, b}, .keywords = {}});
    if (op == "-") return call_operation("rsub", {.positional = {b, a}, .keywords = {}});
    if (op == "/") return {Argument(a.ref().scalar() / b.ref().tensor())};
    if (op == "**") return call_operation("pow", {.positional = {a, b}, .keywords = {}});
    if (op == "+" || op == "*") return call_operation(operation_of(op), {.positional = {b, a}, .keywords = {}});
    return call_operation(operation_of(op), {.positional = {a, b}, .keywords = {}});
}

PythonValue negate(const PythonValue& value) {
    const Argument argument = argument_of(value);
    if (argument.ref().is_tensor()) return {Argument(-argument.ref().tensor())};
    const Scalar number = number_of(argument, "what '-' stands before");
    return {Argument(number.is_floating() ? Scalar(-number.to_double()) : of_integers("-", 0, number.to_int()))};
}

PythonValue attribute(const PythonValue& value, const std::string& name) {
    if (const auto* path = std::get_if<PythonValue::Name>(&value.value))
        return {PythonValue::Name{path->path + "." + name}};
    const Argument argument = argument_of(value);
    if (!argument.ref().is_tensor()) throw Error("'." + name + "' of what is no tensor");
    const Tensor& tensor = argument.ref().tensor();
    if (name == "T") {
        Dims reversed;
        for (std::int64_t dim = tensor.dim(); dim-- > 0;)
            reversed.push_back(dim);
        return {Argument(permute(tensor, reversed))};
    }
    if (name == "data") return {Argument(tensor.data_tensor())};
    return {PythonValue::Method{tensor, name}};
}

PythonValue index_into(const PythonValue& value, const Indices& indices) {
    const auto* sequence = std::get_if<Sequence>(&value.value);
    if (!sequence) return {Argument(at(tensor_of(argument_of(value), "what is indexed"), indices))};
    const auto* position = indices.size() == 1 ? std::get_if<std::int64_t>(&indices[0]) : nullptr;
    if (!position) throw Error("a list takes one index");
    const auto count = static_cast<std::int64_t>(sequence->items.size());
    const std::int64_t place = *position < 0 ? *position + count : *position;
    if (place < 0 || place >= count) throw Error("list index out of range");
    return sequence->items[static_cast<std::size_t>(place)];
}

PythonValue call_value(const PythonValue& function, const CallArguments& arguments) {
    if (const auto* method = std::get_if<PythonValue::Method>(&function.value)) return call_method(*method, arguments);
    const auto* called = std::get_if<PythonValue::Name>(&function.value);
    if (!called) throw Error("a value is called that is no function");
    std::string path = called->path;
    for (const std::string prefix : {"torch.nn.functional.", "nn.functional.", "F."})
        if (path.starts_with(prefix))
            return call_operation(path.substr(prefix.size()), constructor_arguments(arguments));
    if (path.starts_with("torch.nn.")) path = path.substr(6);
    if (path == "nn.Parameter") {
        const ConstructorArguments given = constructor_arguments(arguments);
        ConstructorReader reader(given);
        return {Argument(nn::parameter(reader.tensor(0, "data"), reader.boolean(1, "requires_grad", true)))};
    }
    if (path.starts_with("nn.")) {
        const std::string name = path.substr(3);
        if (ModulePointer container = make_container(name, arguments)) return {std::move(container)};
        return {ModulePointer(make_module(name, constructor_arguments(arguments)))};
    }
    if (!path.starts_with("torch.")) throw Error("the name '" + path + "' is not known");
    const std::string name = path.substr(6);
    if (std::optional<Tensor> made = make_tensor_by(name, arguments)) return {Argument(*made)};
    return call_operation(name, constructor_arguments(arguments));
}

} // namespace hs::conformance
