#pragma once

#include "engine/ops/op.h"

namespace hs {

/// Calls an operation as the method of a tensor, by name: `add`, and where PyTorch has it in place `add_`, which writes
/// into `self` by the rules of in_place() and gives `self` back; `squeeze_`, `t_`, `transpose_`, `unsqueeze_` and
/// `as_strided_` change its geometry. For consoles, files and tests. Throws TypeError when there is no such method.
Tensors call_method(Tensor self, std::string_view name, const std::vector<Argument>& positional,
                    const std::map<std::string, Argument>& keywords = {});

/// Whether PyTorch has `name` (without the line at its end) in place and the catalogue has the operation.
bool has_in_place_form(std::string_view name);

} // namespace hs
