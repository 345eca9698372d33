#pragma once

#include "engine/nn/module.h"
#include "engine/ops/argument.h"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hs::conformance {

/// A value of an expression.
struct PythonValue {
    /// A name that leads to a function, a class or a dtype: `torch.relu`, `nn.Linear`.
    struct Name {
        std::string path;
    };
    /// A tensor's function that is about to be called: `x.view`.
    struct Method {
        Tensor self;
        std::string name;
    };
    struct Sequence {
        std::vector<PythonValue> items;
        bool is_tuple = false;
    };
    struct Item;
    using Items = std::vector<Item>; ///< of a dict with names as keys

    std::variant<Argument, std::shared_ptr<nn::Module>, Name, Method, Sequence, Items> value;
};

struct PythonValue::Item {
    std::string key;
    PythonValue value;
};

/// What an expression of Python in PyTorch's names gives: numbers, strings, lists, tuples and dicts; operators, indices
/// and method calls of tensors; `torch.f(...)`, `F.f(...)` and `nn.Class(...)`. Throws Error for what it does not know.
PythonValue evaluate(const std::string& expression, const std::map<std::string, Tensor>& variables);

} // namespace hs::conformance
