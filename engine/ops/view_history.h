#pragma once

#include "engine/ops/op.h"

/// Views and what changing them in place does to the graph (rules 54 to 56, 93).
namespace hs {

/// Makes `alias`, which lies in the storage of `shown`, a view of it (or of its base).
void become_view(const Tensor& alias, const Tensor& shown, ViewOrigin origin);

/// Throws where a view of this origin may not be written while a graph is recorded. `indirect`: through its base or
/// another view of it.
void check_view_origin(const Tensor& view, bool indirect);

/// Gives `self`, which an in-place operation is about to overwrite with `value`, the history of that. Of a view, the
/// base gets a node CopySlices; once the version has changed, the view's own node is a new one behind it.
void rebase_history(const Tensor& self, const Tensor& value);

/// Gives `outputs` the history of a call that is not run.
Ref<Node> record_call(const Op& op, std::span<const ArgumentRef> arguments, std::span<const Tensor> outputs);

} // namespace hs
