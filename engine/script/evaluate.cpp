#include "engine/script/evaluate.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/container.h"
#include "engine/ops/functional.h"
#include "engine/script/checked_argument.h"
#include "engine/script/state.h"
#include "engine/tensor/allocation_limit.h"
#include "engine/tensor/warning.h"

#include <algorithm>
#include <limits>

namespace hs::script {

namespace {

constexpr int call_limit = 64;
/// The most bytes that an operation may allocate at once, also for what it needs on the way to its result.
constexpr std::size_t allocation_limit = std::size_t{element_limit} * 32;

/// Collects what the engine warns of while a line runs.
class Warnings {
  public:
    explicit Warnings(std::vector<std::string>& found)
        : previous_(set_warning_handler([&found](const std::string& text) { found.push_back(text); })) {}
    Warnings(const Warnings&) = delete;
    Warnings& operator=(const Warnings&) = delete;
    ~Warnings() { set_warning_handler(std::move(previous_)); }

  private:
    std::function<void(const std::string&)> previous_;
};

/// Puts a member back at the end of a scope.
template <class T>
class Restored {
  public:
    explicit Restored(T& member) : member_(member), before_(member) {}
    Restored(const Restored&) = delete;
    Restored& operator=(const Restored&) = delete;
    ~Restored() { member_ = std::move(before_); }

  private:
    T& member_;
    T before_;
};

Value item_of(const List& list, std::int64_t position) {
    const auto count = static_cast<std::int64_t>(list.items.size());
    const std::int64_t place = position < 0 ? position + count : position;
    if (place < 0 || place >= count)
        throw IndexError(list.kind == List::Kind::list ? "list index out of range" : "tuple index out of range");
    return list.items[static_cast<std::size_t>(place)];
}

Mode mode_of(const Value& value) {
    if (const Mode* mode = value.get<Mode>()) return *mode;
    const auto* builtin = value.get<Builtin>();
    if (builtin && builtin->name == "no_grad") return Mode::no_grad;
    if (builtin && builtin->name == "enable_grad") return Mode::enable_grad;
    if (builtin && builtin->name == "inference_mode") return Mode::inference_mode;
    throw TypeError("'" + type_name(value) +
                    "' cannot stand behind 'with': no_grad(), enable_grad() and "
                    "inference_mode() can");
}

} // namespace

void Interpreter::State::check_may_change(const std::string& what) const {
    if (access == Access::read) throw TypeError(what + " would change something; only values can be asked for here");
}

Interpreter::State::~State() {
    for (const auto& hook : hooks)
        hook->remove();
}

Value Interpreter::State::keep(RemovableHandle handle) {
    hooks.push_back(std::make_shared<RemovableHandle>(std::move(handle)));
    return Value(hooks.back());
}

namespace {

/// What is done with a value costs more the more there is of it.
std::size_t cost_of(const Value& value) {
    constexpr std::size_t items_at_once = 16, elements_at_once = 4096;
    if (const List* list = value.items()) return list->total / items_at_once;
    if (const Tensor* tensor = value.tensor()) return static_cast<std::size_t>(tensor->numel()) / elements_at_once;
    return 0;
}

} // namespace

void Interpreter::State::spend(std::size_t cost) {
    work += cost;
    if (work > work_limit)
        throw Error("this line takes too long: it evaluates more than " + std::to_string(work_limit) + " expressions");
}

/// Adds the place to what an operation throws.
Value Interpreter::State::evaluate(const Expression& expression) {
    try {
        spend(1);
        Value value = compute(expression);
        spend(cost_of(value));
        return value;
    } catch (const ScriptError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw ScriptError(expression.place, "there is not enough memory for this");
    } catch (const std::exception& error) {
        throw ScriptError(expression.place, error.what());
    }
}

Value Interpreter::State::compute(const Expression& expression) {
    using Kind = Expression::Kind;
    const auto& parts = expression.parts;
    switch (expression.kind) {
    case Kind::number:
    case Kind::boolean:
        return expression.number;
    case Kind::text:
        return expression.text;
    case Kind::none:
        return {};
    case Kind::name:
    case Kind::attribute:
        return attribute_chain(expression);
    case Kind::list:
    case Kind::tuple: {
        std::vector<Value> items;
        items.reserve(parts.size());
        for (const ExpressionPointer& part : parts)
            items.push_back(evaluate(part));
        return Value::list(std::move(items), expression.kind == Kind::list ? List::Kind::list : List::Kind::tuple);
    }
    case Kind::subscript:
        return subscript(expression);
    case Kind::call:
        return call_expression(expression);
    case Kind::negative:
        return negate(evaluate(parts[0]));
    case Kind::logical_not:
        return Scalar(!is_true(evaluate(parts[0])));
    case Kind::logical: {
        const Value left = evaluate(parts[0]);
        return is_true(left) == (expression.text == "or") ? left : evaluate(parts[1]);
    }
    case Kind::binary: {
        const Value left = evaluate(parts[0]);
        return apply_operator(expression.text, left, evaluate(parts[1]));
    }
    case Kind::lambda: {
        spend(locals.size());
        return Value::function(std::make_shared<Expression>(expression), locals);
    }
    case Kind::ellipsis:
    case Kind::slice:
        break;
    }
    throw TypeError("this can only stand between the brackets of x[...]");
}

Value Interpreter::State::lookup(const Expression& expression) {
    const std::string& name = expression.text;
    const auto local = std::find_if(locals.rbegin(), locals.rend(), [&](const auto& l) { return l.first == name; });
    if (local != locals.rend()) return local->second;
    if (std::optional<Value> found = environment->find(name)) return std::move(*found);
    if (std::optional<Value> found = find_builtin(name)) return std::move(*found);
    throw ScriptError(expression.place, "name '" + name + "' is not defined");
}

/// The longest path that the environment knows, and attributes of it.
Value Interpreter::State::attribute_chain(const Expression& expression) {
    std::vector<const Expression*> chain{&expression}; // the last name first
    while (chain.back()->kind == Expression::Kind::attribute)
        chain.push_back(chain.back()->parts[0].get());
    if (chain.size() == 1) return lookup(expression);
    std::size_t left = chain.size() - 1; // names that are still to be taken
    Value value;
    const auto is_local = [&](const auto& local) { return local.first == chain.back()->text; };
    if (chain.back()->kind == Expression::Kind::name && std::ranges::none_of(locals, is_local)) {
        std::vector<std::string> paths{chain.back()->text};
        for (std::size_t i = chain.size() - 1; i-- > 0;)
            paths.push_back(paths.back() + "." + chain[i]->text);
        std::optional<Value> found;
        std::size_t names = paths.size();
        while (names > 1 && !(found = environment->find(paths[names - 1])))
            --names;
        if (found) {
            value = std::move(*found);
            left = chain.size() - names;
        }
    }
    if (left == chain.size() - 1) value = evaluate(*chain.back());
    while (left > 0) {
        const Expression& part = *chain[--left];
        try {
            value = member_of(value, part.text);
        } catch (const ScriptError&) {
            throw;
        } catch (const std::exception& error) {
            throw ScriptError(part.place, error.what());
        }
    }
    return value;
}

std::optional<std::int64_t> Interpreter::State::bound(const ExpressionPointer& expression) {
    if (!expression) return std::nullopt;
    const Value value = evaluate(expression);
    if (value.is_none()) return std::nullopt;
    return integer_of(argument_of(value), "a bound of a slice");
}

Index Interpreter::State::index(const Expression& expression) {
    if (expression.kind == Expression::Kind::ellipsis) return Ellipsis{};
    if (expression.kind == Expression::Kind::slice)
        return Slice{bound(expression.parts[0]), bound(expression.parts[1]), bound(expression.parts[2])};
    const Value value = evaluate(expression);
    if (value.is_none()) return NewAxis{};
    if (const Tensor* tensor = value.tensor()) return *tensor;
    const Argument argument = argument_of(value);
    if (const auto* list = std::get_if<Dims>(&argument.value()))
        return from_data(list->data(), {static_cast<std::int64_t>(list->size())}, {.dtype = Dtype::int64});
    if (const Scalar* number = value.number(); number && number->kind() == Scalar::Kind::boolean)
        return number->to_bool();
    return integer_of(argument, "an index");
}

Indices Interpreter::State::indices(const Expression& expression) {
    Indices found;
    for (std::size_t i = 1; i < expression.parts.size(); ++i)
        found.push_back(index(*expression.parts[i]));
    return found;
}

Value Interpreter::State::subscript(const Expression& expression) {
    const Value value = evaluate(expression.parts[0]);
    if (const Tensor* tensor = value.tensor()) return checked({at(*tensor, indices(expression))});
    if (const auto* state = value.get<std::shared_ptr<nn::StateDict>>())
        return Value::of((**state)[text_of(argument_of(evaluate(expression.parts.at(1))), "the key")]);
    if (const auto module = value.module()) {
        auto* sequence = dynamic_cast<nn::ModuleSequence*>(module.get());
        if (!sequence) throw TypeError("'" + type_name(value) + "' object is not subscriptable");
        return Value(sequence->at(integer_of(argument_of(evaluate(expression.parts.at(1))), "the index")));
    }
    const List* list = value.items();
    if (!list) throw TypeError("'" + type_name(value) + "' object is not subscriptable");
    const Indices at = indices(expression);
    if (at.size() == 1)
        if (const auto* position = std::get_if<std::int64_t>(&at[0])) return item_of(*list, *position);
    throw TypeError("a list takes one index");
}

Value Interpreter::State::call_expression(const Expression& expression) {
    const Value function = evaluate(expression.parts[0]);
    Call arguments;
    for (std::size_t i = 1; i < expression.parts.size(); ++i) {
        Value value = evaluate(expression.parts[i]);
        if (expression.names[i - 1].empty())
            arguments.positional.push_back(std::move(value));
        else
            arguments.keywords.emplace_back(expression.names[i - 1], std::move(value));
    }
    return call(function, arguments);
}

Value Interpreter::State::call(const Value& function, const Call& arguments) {
    if (const auto* builtin = function.get<Builtin>()) return call_builtin(*this, builtin->name, arguments);
    if (const auto* lambda = function.get<std::shared_ptr<const Lambda>>()) return call_lambda(**lambda, arguments);
    if (const auto module = function.module()) return call_module(*this, *module, arguments);
    const auto* method = function.get<Method>();
    if (!method) throw TypeError("'" + type_name(function) + "' object is not callable");
    const Value& self = *method->self;
    if (const Tensor* tensor = self.tensor()) return call_tensor_method(*this, *tensor, method->name, arguments);
    if (const auto module = self.module()) return call_module_method(*this, module, method->name, arguments);
    if (const auto* optimizer = self.get<std::shared_ptr<optim::Optimizer>>())
        return call_optimizer_method(*this, **optimizer, method->name, arguments);
    if (const auto* state = self.get<std::shared_ptr<nn::StateDict>>()) { // keys()
        std::vector<Value> keys;
        for (const std::string& key : (*state)->keys())
            keys.emplace_back(key);
        return Value::list(std::move(keys));
    }
    if (const auto* handle = self.get<std::shared_ptr<RemovableHandle>>()) { // remove()
        check_may_change("remove()");
        (*handle)->remove();
        return {};
    }
    if (const auto* node = self.get<GraphNode>()) return std::string(node->node->name()); // name()
    throw TypeError("'" + type_name(self) + "' has no method '" + method->name + "'");
}

Value Interpreter::State::call_lambda(const Lambda& lambda, const Call& arguments) {
    const auto& names = lambda.expression->names;
    if (!arguments.keywords.empty() || arguments.positional.size() != names.size())
        throw TypeError("this function takes " + std::to_string(names.size()) + " arguments, and was given " +
                        std::to_string(arguments.positional.size() + arguments.keywords.size()));
    if (call_depth >= call_limit) throw Error("maximum recursion depth exceeded");
    const Restored depth(call_depth);
    const Restored outer(locals);
    ++call_depth;
    spend(lambda.captured.size());
    locals = lambda.captured;
    for (std::size_t i = 0; i < names.size(); ++i)
        locals.emplace_back(names[i], arguments.positional[i]);
    return evaluate(lambda.expression->parts[0]);
}

std::function<Value(const std::vector<Value>&)> Interpreter::State::hook_of(const Value& function) {
    if (!function.get<std::shared_ptr<const Lambda>>() && !function.get<Builtin>())
        throw TypeError("a hook is a function, such as g -> 2 * g");
    return [function, weak = weak_from_this()](const std::vector<Value>& values) {
        const auto state = weak.lock();
        if (!state) return Value();           // it goes just now
        if (!state->outcome) state->work = 0; // it is no part of a line
        return state->call(function, {.positional = values, .keywords = {}});
    };
}

void Interpreter::State::assign(const Expression& target, const Value& value) {
    if (target.kind == Expression::Kind::name) return environment->assign(target.text, value);
    if (target.kind == Expression::Kind::tuple) {
        const List* list = value.items();
        if (!list || list->items.size() != target.parts.size())
            throw ScriptError(target.place, "there are not as many values as names");
        for (std::size_t i = 0; i < target.parts.size(); ++i)
            assign(*target.parts[i], list->items[i]);
        return;
    }
    const Value owner = evaluate(target.parts[0]);
    const Tensor* tensor = owner.tensor();
    if (target.kind == Expression::Kind::subscript) {
        if (!tensor) throw TypeError("'" + type_name(owner) + "' object does not support item assignment");
        Tensor part = at(*tensor, indices(target));
        if (part.numel() > 0 && !part.shares_storage(*tensor))
            throw TypeError("elements that tensors pick cannot be assigned here; index_put_() does it");
        if (const Tensor* from = value.tensor())
            part.copy_(*from);
        else
            part.fill_(number_of(argument_of(value), "what is assigned"));
        return;
    }
    if (tensor) return set_tensor_member(*tensor, target.text, value);
    if (const auto module = owner.module()) return set_module_member(*module, target.text, value);
    if (const auto* optimizer = owner.get<std::shared_ptr<optim::Optimizer>>(); optimizer && target.text == "lr")
        return (*optimizer)->set_learning_rate(number_of(argument_of(value), "the learning rate").to_double());
    throw AttributeError("'" + type_name(owner) + "' object has no attribute '" + target.text + "'");
}

void Interpreter::State::augment(const Statement& statement) {
    const Value before = evaluate(statement.target);
    const Value after = apply_in_place(statement.operation, before, evaluate(statement.value));
    // A tensor is the same one as before; a name may have been a module's.
    if (!before.tensor() || statement.target->kind == Expression::Kind::name) assign(*statement.target, after);
}

void Interpreter::State::run(const Statement& statement, Outcome& into) {
    const Restored previous(outcome);
    outcome = &into;
    work = 0;
    try {
        switch (statement.kind) {
        case Statement::Kind::expression:
            into.is_expression = true;
            into.value = evaluate(statement.value);
            return;
        case Statement::Kind::assign:
            check_may_change("an assignment");
            return assign(*statement.target, evaluate(statement.value));
        case Statement::Kind::augmented:
            check_may_change("an assignment");
            return augment(statement);
        case Statement::Kind::with:
            break;
        }
        const Mode mode = mode_of(evaluate(statement.value));
        const InferenceMode inference(mode == Mode::inference_mode || inference_mode_enabled());
        const GradMode grad_mode(mode == Mode::enable_grad);
        for (const Statement& inner : statement.body)
            run(inner, into);
    } catch (const ScriptError&) {
        throw;
    } catch (const std::exception& error) {
        throw ScriptError((statement.target ? statement.target->place : statement.place), error.what());
    }
}

Interpreter::Interpreter(std::shared_ptr<Environment> environment, Access access)
    : state_(std::make_shared<State>(std::move(environment), access)) {}

Value Interpreter::evaluate(const Expression& expression) {
    const AllocationLimit limit(allocation_limit);
    state_->work = 0;
    return state_->evaluate(expression);
}

Outcome Interpreter::run(const Statement& statement) {
    Outcome outcome;
    const Warnings warnings(outcome.warnings);
    const AllocationLimit limit(allocation_limit);
    state_->run(statement, outcome);
    return outcome;
}

Environment& Interpreter::environment() const {
    return *state_->environment;
}

Value evaluate(const Expression& expression, std::shared_ptr<Environment> environment) {
    const NoGrad no_grad;
    std::vector<std::string> unheard;
    const Warnings warnings(unheard);
    return Interpreter(std::move(environment), Access::read).evaluate(expression);
}

} // namespace hs::script
