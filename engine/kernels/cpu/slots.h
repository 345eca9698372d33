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
void sgd(const SgdStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& buffer);
void adam(const AdamStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& m, const Tensor& v,
          const Tensor& greatest);

} // namespace hs::cpu
