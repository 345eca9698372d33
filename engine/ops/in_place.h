#pragma once

#include "engine/tensor/tensor.h"

#include <functional>

namespace hs {

/// Throws where `self` may not be changed in place (rules 31, 53, 55, 56, 93).
void check_in_place(const Tensor& self);

/// The in-place form of `operation`: what it computes from `self`, of the same shape and of a dtype that fits, is
/// written into `self`, which takes over its history (rules 51, 53, 54, 57). A node that keeps its argument keeps a
/// copy, one that keeps its result keeps `self`, so that a later change of it is noticed (rule 52).
Tensor& in_place(Tensor& self, const std::function<Tensor(const Tensor&)>& operation);

} // namespace hs
