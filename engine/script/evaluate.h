#pragma once

#include "engine/script/environment.h"

#include <memory>
#include <string>
#include <vector>

namespace hs::script {

/// What a script may do to what it sees.
enum class Access : std::uint8_t {
    all,
    read, ///< computes only: no assignment, in-place operation, backward pass, hook, or call of a module
};

/// What running a line brought.
struct Outcome {
    Value value;                       ///< None for an assignment
    bool is_expression = false;        ///< whether the line was one, so that its value is shown
    std::vector<std::string> printed;  ///< by print()
    std::vector<std::string> warnings; ///< of the engine, PyTorch's text
};

/// Runs scripts on this thread over the names of an environment. The hooks that a script registers are removed with
/// the Interpreter.
class Interpreter {
  public:
    explicit Interpreter(std::shared_ptr<Environment> environment, Access access = Access::all);

    // Throw ScriptError: what was assigned before stays.
    Value evaluate(const Expression& expression);
    Outcome run(const Statement& statement);
    Environment& environment() const;

    struct State;

  private:
    std::shared_ptr<State> state_;
};

/// One expression with nothing but the names of `environment`, without changing anything and without recording a
/// graph: what a watch shows. Throws ScriptError.
Value evaluate(const Expression& expression, std::shared_ptr<Environment> environment);

/// What can stand where a name is written, besides those of the environment: functions, classes and operations; and,
/// of a tensor, its attributes and methods. Sorted; for completion.
std::vector<std::string> builtin_names();
std::vector<std::string> tensor_member_names();
std::vector<std::string> module_member_names();

} // namespace hs::script
