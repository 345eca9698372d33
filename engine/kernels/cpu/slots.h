#pragma once

#include "engine/kernels/kernels.h"

/// The CPU's entries of the kernel table (engine/kernels/kernels.h), one function a slot.
namespace hs::cpu {

void fill(const Tensor& to, const Scalar& value);
void copy(const Tensor& from, const Tensor& to);
void unary(Unary function, const Tensor& x, const Tensor& y);
void binary(Binary function, const Operand& a, const Operand& b, const Tensor& y);
void add(const Operand& a, const Operand& b, const Scalar& alpha, const Tensor& y);
void compare(Compare function, const Operand& a, const Operand& b, const Tensor& y);
void sum(const Tensor& x, const Tensor& y);
void reduce(Fold function, const Tensor& x, const Tensor& y);
void extreme(bool largest, const Tensor& x, std::size_t dim, const Tensor& values, const Tensor& indices);
void scan(Scan function, const Tensor& x, std::size_t dim, const Tensor& y);
void sort(const Tensor& x, std::size_t dim, bool descending, const Tensor& values, const Tensor& indices);
void where(const Tensor& condition, const Operand& a, const Operand& b, const Tensor& y);
void gather(const Tensor& x, std::size_t dim, const Tensor& index, const Tensor& y);
void scatter(Write mode, const Tensor& y, std::size_t dim, const Tensor& index, const Operand& source);
void index(const Tensor& x, const Tensors& indices, const Tensor& y);
void index_put(Write mode, const Tensor& y, const Tensors& indices, const Tensor& source);
Tensor nonzero(const Tensor& x);
void sgd(const SgdStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& buffer);
void adam(const AdamStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& m, const Tensor& v,
          const Tensor& greatest);

} // namespace hs::cpu
