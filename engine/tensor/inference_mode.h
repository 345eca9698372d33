#pragma once

namespace hs {

/// Whether tensors that this thread makes are inference tensors: never part of a graph, without a version counter
/// (rule 31).
bool inference_mode_enabled();
void set_inference_mode_enabled(bool enabled);

} // namespace hs
