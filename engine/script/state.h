#pragma once

#include "engine/script/constructor_reader.h"
#include "engine/script/evaluate.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hs::script {

/// What a call was given.
struct Call {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> keywords;

    const Value* find(std::size_t position, std::string_view name) const;
    /// Throws TypeError when there are more arguments than `count`, or keywords that are none of `names`.
    void check(const std::string& function, std::size_t count,
               std::initializer_list<std::string_view> names = {}) const;
    ConstructorArguments arguments() const;
    /// `f(2, 3)` as `f([2, 3])`.
    ConstructorArguments with_sizes_joined() const;
};

/// The most evaluations of one line: functions that call functions can ask for 2^60.
inline constexpr std::size_t work_limit = 1'000'000;

/// The Interpreter's inside. Hooks hold it weakly.
struct Interpreter::State : std::enable_shared_from_this<State> {
    State(std::shared_ptr<Environment> of, Access with) : environment(std::move(of)), access(with) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    Value evaluate(const Expression& expression);
    Value evaluate(const ExpressionPointer& expression) { return evaluate(*expression); }
    void run(const Statement& statement, Outcome& outcome);
    Value call(const Value& function, const Call& arguments);
    /// Calls a function of a script as a hook: with the values, and errors when the script is gone.
    std::function<Value(const std::vector<Value>&)> hook_of(const Value& function);
    /// A hook's handle as a value; the hook goes with the script.
    Value keep(RemovableHandle handle);
    /// Throws TypeError where the script may only compute.
    void check_may_change(const std::string& what) const;
    Value lookup(const Expression& name);
    /// Counts what a line does, in evaluations; throws Error when it is too much.
    void spend(std::size_t cost);

    std::shared_ptr<Environment> environment;
    Access access;
    std::vector<std::pair<std::string, Value>> locals;
    int call_depth = 0;
    std::size_t work = 0; ///< of the line that runs
    std::vector<std::shared_ptr<RemovableHandle>> hooks;
    Outcome* outcome = nullptr; ///< of the line that runs

  private:
    Value compute(const Expression& expression);
    Value attribute_chain(const Expression& expression);
    Value subscript(const Expression& expression);
    Index index(const Expression& expression);
    Indices indices(const Expression& expression);
    std::optional<std::int64_t> bound(const ExpressionPointer& expression);
    Value call_expression(const Expression& expression);
    Value call_lambda(const Lambda& lambda, const Call& arguments);
    void assign(const Expression& target, const Value& value);
    void augment(const Statement& statement);
};

// The parts of the language (operators.cpp, functions.cpp, tensor_members.cpp, module_members.cpp).

Value apply_operator(const std::string& op, const Value& left, const Value& right);
Value negate(const Value& value);
/// `x += y`: in place where x is a tensor; returns what the target is assigned.
Value apply_in_place(const std::string& op, const Value& left, const Value& right);

/// A function, class, operation or dtype, or a prefix such as `torch`.
std::optional<Value> find_builtin(const std::string& name);
Value call_builtin(Interpreter::State& state, const std::string& name, const Call& call);
/// The result of an operation of the catalogue, checked for its size.
Value call_operation(const std::string& name, const ConstructorArguments& arguments);
Value checked(const Tensors& outputs);

Value member_of(const Value& value, const std::string& name);
Value tensor_member(const Tensor& tensor, const std::string& name);
void set_tensor_member(const Tensor& tensor, const std::string& name, const Value& value);
Value call_tensor_method(Interpreter::State& state, const Tensor& self, const std::string& name, const Call& call);

Value module_member(const std::shared_ptr<nn::Module>& module, const std::string& name);
void set_module_member(nn::Module& module, const std::string& name, const Value& value);
Value call_module(Interpreter::State& state, nn::Module& module, const Call& call);
Value call_module_method(Interpreter::State& state, const std::shared_ptr<nn::Module>& self, const std::string& name,
                         const Call& call);
Value make_container(const std::string& name, const Call& call);
bool is_container(const std::string& name);
Value call_optimizer_method(Interpreter::State& state, optim::Optimizer& self, const std::string& name,
                            const Call& call);
Value make_optimizer(const std::string& name, const Call& call);
bool is_optimizer(const std::string& name);
Tensors tensors_of(const Value& value, const std::string& what);

} // namespace hs::script
