#pragma once

#include "engine/ops/op.h"

namespace hs::ops {

/// The arguments of an operation that computes in a wider dtype.
class WideArguments {
  public:
    WideArguments(const Arguments& given, Wide wide);
    /// Whether there is anything to widen.
    bool needed() const { return needed_; }
    std::span<const ArgumentRef> references() const { return references_; }
    /// A result in the arguments' dtype.
    Tensor narrowed(const Tensor& result) const;
    Tensors narrowed(const Tensors& results) const;

  private:
    std::vector<Tensors> copies_;
    std::vector<ArgumentRef> references_;
    Dtype narrow_ = Dtype::float32, wide_ = Dtype::float32;
    bool needed_ = false;
};

} // namespace hs::ops
