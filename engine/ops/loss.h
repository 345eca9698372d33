#pragma once

#include "engine/ops/op.h"

/// What the declarations of losses share.
namespace hs::ops {

/// 0, 1 or 2 for `none`, `mean` or `sum`; throws ValueError with PyTorch's text for another name.
std::int64_t reduction_of(std::string_view name);

/// Mean or sum of the losses, or the losses themselves.
Tensor reduced(const Tensor& losses, std::int64_t reduction);
/// The gradient of losses of `shape` from that of what reduced() made of them.
Tensor spread(const Tensor& grad, const Shape& shape, std::int64_t reduction);

std::vector<Sample> loss_samples();

} // namespace hs::ops
