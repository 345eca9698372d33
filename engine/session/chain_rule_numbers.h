#pragma once

#include "engine/ops/op.h"
#include "engine/session/chain_rule.h"
#include "engine/trace/value.h"

#include <vector>

namespace hs::session {

/// A differentiable operation as it was called. Tensors are kept as what they were then.
struct NodeCall {
    const Op* op = nullptr;
    std::vector<Argument> arguments;                   ///< tensors left out
    std::vector<std::vector<trace::Snapshot>> tensors; ///< by argument
    std::vector<trace::Snapshot> outputs;
    bool has_run = false;
    std::vector<trace::Snapshot> incoming; ///< by output; empty ones: no gradient
    std::vector<trace::Snapshot> sent;     ///< by edge
};

/// Runs the call again, in float64, and answers. What cannot be answered says why in ChainRule::problem.
ChainRule chain_rule_of(const NodeCall& call, const ChainRule::Question& question);

} // namespace hs::session
