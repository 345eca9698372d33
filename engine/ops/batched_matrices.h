#pragma once

#include "engine/tensor/tensor.h"

/// What the declarations of linear algebra share.
namespace hs::ops {

/// Throws PyTorch's text where `a` is no matrix or batch of matrices.
void check_matrices(const Tensor& a, const char* op);
void check_square(const Tensor& a, const char* op);

/// Contiguous [batch, rows, columns] of any number of batch dimensions. Without history.
Tensor as_batch_of_matrices(const Tensor& a);

/// The dimensions in front of the last two.
Shape batch_shape(const Tensor& a);
Shape with_sizes(Shape batch, std::initializer_list<std::int64_t> sizes);

} // namespace hs::ops
