#pragma once

#include "tests/conformance/case_value.h"
#include "tests/conformance/report.h"

#include <functional>

namespace hs::conformance {

using TensorFile = std::map<std::string, Tensor>;
using RunCase =
    std::function<void(const nlohmann::json& content, const nlohmann::json& item, const TensorFile& tensors)>;

/// Runs every case of every file of the folder. `kind`: the key under which a file says what its cases call.
void run_folder(const Options& options, const std::string& kind, Report& report, const RunCase& run_case);

/// Compares with the case's "out", shapes and dtypes exactly.
void check_outputs(const nlohmann::json& item, const CaseValues& values, const Tensors& outputs);

/// Runs backward with the case's cotangents and compares the gradients of its inputs and of `parameters`, by name.
void check_gradients(const nlohmann::json& item, const CaseValues& values, const Tensors& outputs,
                     const std::vector<std::pair<std::string, Tensor>>& parameters);

/// `actual` against the tensor of the file, with the tolerance of all cases.
void check_tensor(const Tensor& actual, const Tensor& expected, const std::string& what);

} // namespace hs::conformance
