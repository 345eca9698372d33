#pragma once

#include "tests/conformance/python_expression.h"

#include <string_view>

/// What the parts of an expression mean.
namespace hs::conformance {

struct CallArguments {
    std::vector<PythonValue> positional;
    std::vector<std::pair<std::string, PythonValue>> keywords;
};

/// `left op right` of numbers, tensors, or a list and a number.
PythonValue apply_operator(std::string_view op, const PythonValue& left, const PythonValue& right);
PythonValue negate(const PythonValue& value);
PythonValue attribute(const PythonValue& value, const std::string& name);
PythonValue call_value(const PythonValue& function, const CallArguments& arguments);
PythonValue index_into(const PythonValue& value, const Indices& indices);
Index index_of(const PythonValue& value);
std::int64_t integer_of(const PythonValue& value);

} // namespace hs::conformance
