#pragma once

#include "engine/trace/trace.h"
#include "ui/views/fact_grid.h"

#include <vector>

namespace hs::ui {

/// PyTorch's attributes of a tensor, as rows: dtype, shape, device, requires_grad, is_leaf, grad_fn, grad, data.
std::vector<Fact> attributeFacts(const trace::Trace& trace, const trace::Value& value);

/// What a Summary says, as rows: extremes, moments, norm, zeros, NaN and infinities.
std::vector<Fact> statisticFacts(const trace::Summary* summary);

/// `leaf · parameter`: what kind of tensor it is.
QString kindOf(const trace::Value& value);

} // namespace hs::ui
