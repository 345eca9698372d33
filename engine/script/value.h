#pragma once

#include "engine/graph/node.h"
#include "engine/nn/module.h"
#include "engine/ops/argument.h"
#include "engine/optim/optimizer.h"
#include "engine/script/parser.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hs::script {

class Value;

/// How deep lists may be nested, and functions in what functions hold: they are walked through recursively.
inline constexpr int depth_limit = 150;
/// The most items of a list, those of the lists in it counted too, as often as they are shown.
inline constexpr std::size_t item_limit = 100'000;

/// A list, a tuple, or what `x.shape` gives. Made by Value::list, and never changed.
struct List {
    enum class Kind : std::uint8_t { list, tuple, size };
    std::vector<Value> items;
    Kind kind = Kind::list;
    int depth = 1;
    std::size_t total = 0; ///< items, those of the lists in it counted too
};
/// `g -> 2 * g`, with the values that its names had around it.
struct Lambda {
    ExpressionPointer expression;
    std::vector<std::pair<std::string, Value>> captured;
    int depth = 1;
};
/// A name that leads to a function, a class or a module of PyTorch's: `relu`, `torch.nn`.
struct Builtin {
    std::string name;
};
/// A function of a value that is about to be called: `y.backward`.
struct Method {
    std::shared_ptr<const Value> self;
    std::string name;
};
/// A `grad_fn`.
struct GraphNode {
    Ref<Node> node;
};
/// What stands behind `with`.
enum class Mode : std::uint8_t { no_grad, enable_grad, inference_mode };

/// A value of the language. Copies share what they refer to, as in Python.
class Value {
  public:
    using Variant =
        std::variant<std::monostate, Scalar, std::string, Tensor, Dtype, std::shared_ptr<List>,
                     std::shared_ptr<nn::Module>, std::shared_ptr<optim::Optimizer>, std::shared_ptr<nn::StateDict>,
                     std::shared_ptr<RemovableHandle>, GraphNode, std::shared_ptr<const Lambda>, Builtin, Method, Mode>;

    Value() = default;
    template <class T>
    requires std::constructible_from<Variant, T> Value(T value) : value_(std::move(value)) {}
    /// None where it is undefined.
    static Value of(const Tensor& tensor);
    /// The tensor alone, or a tuple of several.
    static Value of(const Tensors& tensors);
    /// Throws Error past depth_limit or item_limit.
    static Value list(std::vector<Value> items, List::Kind kind = List::Kind::list);
    /// Throws Error past depth_limit.
    static Value function(ExpressionPointer expression, std::vector<std::pair<std::string, Value>> captured);
    static Value size(const Shape& shape);

    const Variant& variant() const { return value_; }
    template <class T>
    const T* get() const {
        return std::get_if<T>(&value_);
    }
    bool is_none() const { return std::holds_alternative<std::monostate>(value_); }
    const Tensor* tensor() const { return get<Tensor>(); }
    const Scalar* number() const { return get<Scalar>(); }
    /// Null for what is no list.
    const List* items() const;
    std::shared_ptr<nn::Module> module() const;

  private:
    Variant value_;
};

/// As Python shows it: `tensor([5.])`, `None`, `torch.Size([2, 3])`, `'text'`; a list whose text would be longer than
/// text_limit ends in `...`.
std::string to_string(const Value& value);
/// As an argument of an operation. Throws TypeError for what cannot be one.
Argument argument_of(const Value& value);
/// What Python's bool() says of it.
bool is_true(const Value& value);
/// As error texts name its kind: `Tensor`, `int`, `NoneType`, `Linear`.
std::string type_name(const Value& value);

} // namespace hs::script
