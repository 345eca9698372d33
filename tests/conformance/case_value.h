#pragma once

#include "engine/ops/argument.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace hs::conformance {

/// A number, or "nan", "inf" or "-inf", which JSON has no numbers for.
double floating(const nlohmann::json& value);

/// Turns a case's VALUEs into arguments.
class CaseValues {
  public:
    /// `tensors`: what the file beside the cases holds.
    explicit CaseValues(const std::map<std::string, Tensor>& tensors) : tensors_(&tensors) {}

    /// Tensors are copies with the strides that the case names, and leaves that require grad where it says so.
    /// Throws Skip for complex numbers, Error for what is no VALUE.
    Argument argument(const nlohmann::json& value, int depth = 0);
    const Tensor& tensor(const std::string& key) const;
    /// The inputs made by argument(), by key.
    const std::map<std::string, Tensor>& inputs() const { return inputs_; }

  private:
    Argument list(const nlohmann::json& items, int depth);
    Argument tuple(const nlohmann::json& items, int depth);
    Index index(const nlohmann::json& value, int depth);
    Tensor input(const nlohmann::json& value);

    const std::map<std::string, Tensor>* tensors_;
    std::map<std::string, Tensor> inputs_;
};

/// Throws Error with the first difference: shape and dtype exactly, floating point numbers with rtol and atol.
void compare(const Tensor& actual, const Tensor& expected, double rtol, double atol, const std::string& what);

} // namespace hs::conformance
