#include "engine/ops/functional.h"
#include "engine/ops/method.h"
#include "engine/script/checked_argument.h"
#include "engine/script/state.h"

#include <cmath>
#include <map>
#include <optional>

namespace hs::script {

namespace {

struct Operation {
    const char* name;     ///< in the catalogue
    const char* in_place; ///< null where PyTorch has none
};

const Operation& operation_of(const std::string& op) {
    static const std::map<std::string, Operation, std::less<>> all = {
        {"+", {"add", "add_"}},
        {"-", {"sub", "sub_"}},
        {"*", {"mul", "mul_"}},
        {"/", {"div", "div_"}},
        {"//", {"floor_divide", "floor_divide_"}},
        {"%", {"remainder", "remainder_"}},
        {"@", {"matmul", nullptr}},
        {"**", {"pow", "pow_"}},
        {"==", {"eq", nullptr}},
        {"!=", {"ne", nullptr}},
        {"<", {"lt", nullptr}},
        {"<=", {"le", nullptr}},
        {">", {"gt", nullptr}},
        {">=", {"ge", nullptr}},
    };
    return all.at(op);
}

/// An integer that does not fit is an error here, where Python goes on.
Scalar of_integers(const std::string& op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool fits = true;
    if (op == "+") {
        fits = !__builtin_add_overflow(a, b, &result);
    } else if (op == "-") {
        fits = !__builtin_sub_overflow(a, b, &result);
    } else if (op == "*") {
        fits = !__builtin_mul_overflow(a, b, &result);
    } else if (op == "**") {
        result = 1;
        if (a == 0 || a == 1 || a == -1) b = b == 0 ? 0 : 2 - b % 2; // the others overflow soon
        for (std::int64_t i = 0; i < b && fits; ++i)
            fits = !__builtin_mul_overflow(result, a, &result);
    } else {
        if (b == -1) return op == "%" ? Scalar(0) : of_integers("-", 0, a); // min / -1 does not fit
        const std::int64_t rest = a % b;
        const bool floors = rest != 0 && (rest < 0) != (b < 0);
        result = op == "%" ? rest + (floors ? b : 0) : a / b - (floors ? 1 : 0);
    }
    if (!fits) throw Error("the result of '" + op + "' does not fit an integer of 64 bits");
    return result;
}

/// Nothing for what is no comparison.
template <class T>
std::optional<Scalar> comparison(const std::string& op, T x, T y) {
    if (op == "==") return x == y;
    if (op == "!=") return x != y;
    if (op == "<") return x < y;
    if (op == "<=") return x <= y;
    if (op == ">") return x > y;
    if (op == ">=") return x >= y;
    return std::nullopt;
}

Scalar of_numbers(const std::string& op, const Scalar& a, const Scalar& b) {
    const bool integers = !a.is_floating() && !b.is_floating();
    const double x = a.to_double(), y = b.to_double();
    if (const auto found = integers ? comparison(op, a.to_int(), b.to_int()) : comparison(op, x, y)) return *found;
    if ((op == "/" || op == "//" || op == "%") && y == 0) throw Error("division by zero");
    if (op == "/") return x / y;
    if (op == "@") throw TypeError("unsupported operand type(s) for @: numbers have no matrix product");
    if (integers && !(op == "**" && y < 0)) return of_integers(op, a.to_int(), b.to_int());
    if (op == "+") return x + y;
    if (op == "-") return x - y;
    if (op == "*") return x * y;
    if (op == "**") return std::pow(x, y);
    const double whole = std::floor(x / y);
    return op == "//" ? whole : x - y * whole;
}

bool is_same(const Value& left, const Value& right) {
    if (left.is_none() || right.is_none()) return left.is_none() && right.is_none();
    if (left.tensor() && right.tensor()) return left.tensor()->is_same(*right.tensor());
    if (left.module() && right.module()) return left.module() == right.module();
    if (left.items() && right.items()) return left.items() == right.items();
    if (left.get<GraphNode>() && right.get<GraphNode>())
        return left.get<GraphNode>()->node == right.get<GraphNode>()->node;
    if (left.number() && right.number()) return *left.number() == *right.number();
    const auto *left_dtype = left.get<Dtype>(), *right_dtype = right.get<Dtype>();
    return left_dtype && right_dtype && *left_dtype == *right_dtype;
}

bool equals(const Value& left, const Value& right) {
    if (left.number() && right.number()) return of_numbers("==", *left.number(), *right.number()).to_bool();
    if (const auto* a = left.get<std::string>(), *b = right.get<std::string>(); a && b) return *a == *b;
    const List *a = left.items(), *b = right.items();
    if (!a || !b) return is_same(left, right);
    if (a->items.size() != b->items.size()) return false;
    if ((a->kind == List::Kind::list) != (b->kind == List::Kind::list)) return false;
    for (std::size_t i = 0; i < a->items.size(); ++i)
        if (!equals(a->items[i], b->items[i])) return false;
    return true;
}

[[noreturn]] void refuse(const std::string& op, const Value& left, const Value& right) {
    throw TypeError("unsupported operand type(s) for " + op + ": '" + type_name(left) + "' and '" + type_name(right) +
                    "'");
}

} // namespace

Value apply_operator(const std::string& op, const Value& left, const Value& right) {
    if (op == "is" || op == "is not") return Scalar(is_same(left, right) == (op == "is"));
    const bool tensors = left.tensor() || right.tensor();
    if (!tensors && left.number() && right.number()) return of_numbers(op, *left.number(), *right.number());
    const auto fits = [](const Value& value) { return value.tensor() || value.number(); };
    if (!tensors || !fits(left) || !fits(right)) {
        if (op == "==" || op == "!=") return Scalar(equals(left, right) == (op == "=="));
        if (op == "+" && left.items() && right.items()) {
            std::vector<Value> items = left.items()->items;
            items.insert(items.end(), right.items()->items.begin(), right.items()->items.end());
            return Value::list(std::move(items), left.items()->kind);
        }
        refuse(op, left, right);
    }
    const Argument a = argument_of(left), b = argument_of(right);
    if (left.tensor() || op == "**") return call_operation(operation_of(op).name, {{a, b}, {}});
    if (op == "-") return call_operation("rsub", {{b, a}, {}});
    if (op == "/") return checked({*left.number() / *right.tensor()});
    if (op == "+" || op == "*") return call_operation(operation_of(op).name, {{b, a}, {}});
    return call_operation(operation_of(op).name, {{a, b}, {}});
}

Value negate(const Value& value) {
    if (const Tensor* tensor = value.tensor()) return -*tensor;
    const Scalar* number = value.number();
    if (!number) throw TypeError("bad operand type for unary -: '" + type_name(value) + "'");
    return number->is_floating() ? Scalar(-number->to_double()) : of_integers("-", 0, number->to_int());
}

Value apply_in_place(const std::string& op, const Value& left, const Value& right) {
    const Tensor* tensor = left.tensor();
    const char* const in_place = tensor ? operation_of(op).in_place : nullptr;
    if (!in_place) return apply_operator(op, left, right);
    return Value::of(call_method(*tensor, in_place, {argument_of(right)}));
}

} // namespace hs::script
