#pragma once

#include "engine/ops/op.h"

#include <string>

namespace hs {

/// `float32, float64, ...`: the element types that an operation takes.
std::string dtypes_text(const Op& op);

/// The reference of all operations as one Markdown page, generated from the catalogue: name, signature, what it does,
/// the formula of the forward and of each gradient, dtypes, devices.
std::string operation_reference();

} // namespace hs
