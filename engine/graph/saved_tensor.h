#pragma once

#include "engine/graph/node.h"

namespace hs {

/// A tensor that a node keeps for backward, with the version it had (rule 52). An output of the node itself is kept
/// without its history, which would be a cycle, and gets it back when it is read.
class SavedTensor {
  public:
    SavedTensor() = default;
    SavedTensor(const Tensor& tensor, bool is_output);

    /// `owner` is the node that keeps it. Throws rule 52's text when the tensor was changed in place since.
    Tensor unpack(const Node& owner) const;
    bool defined() const { return tensor_.defined(); }
    bool holds(const Tensor& tensor) const { return tensor_.defined() && tensor_.shares_storage(tensor); }
    void release() { tensor_ = Tensor(); }

  private:
    Tensor tensor_;
    std::uint32_t version_ = 0;
    std::uint16_t output_nr_ = 0;
    bool is_output_ = false;
};

} // namespace hs
