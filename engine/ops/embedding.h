#pragma once

#include "engine/ops/op.h"

/// What embeddings and bags of them share.
namespace hs::ops {

/// One over how often each index occurs, of index's shape.
Tensor reciprocal_counts(const Tensor& index, std::int64_t rows, const TensorOptions& options);
/// Throws where sparse gradients are asked for.
void check_sparse(bool sparse);
/// Shortens in place the rows of weight that index names and that are longer than max_norm, unless that is None.
void shorten_rows(const Tensor& weight, const Tensor& index, const ArgumentRef& max_norm, double norm_type);

} // namespace hs::ops
