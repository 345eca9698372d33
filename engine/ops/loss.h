#pragma once

#include "engine/ops/op.h"

/// What the declarations of losses share.
namespace hs::ops {

/// 0, 1 or 2 for `none`, `mean` or `sum`; throws ValueError with PyTorch's text for another name.
std::int64_t reduction_of(std::string_view name);

} // namespace hs::ops
