#pragma once

#include "engine/graph/node.h"

namespace hs {

/// Rule 35's text.
inline constexpr const char* saved_tensors_freed =
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward.";

/// A tensor that a node keeps for backward, with the version it had (rule 52). An output of the node itself is kept
/// without its history, which would be a cycle, and gets it back when it is read.
class SavedTensor {
  public:
    SavedTensor() = default;
    /// Throws rule 31's text for an inference tensor. Saved-tensor hooks of this thread pack it.
    SavedTensor(const Tensor& tensor, bool is_output);

    /// `owner` is the node that keeps it. Throws rule 52's text when the tensor was changed in place since.
    Tensor unpack(const Node& owner) const;
    bool holds(const Tensor& tensor) const { return tensor_.defined() && tensor_.shares_storage(tensor); }
    /// What is kept as it is; undefined for nothing and for what hooks packed.
    const Tensor& kept() const { return tensor_; }
    void release() { *this = SavedTensor(); }

  private:
    struct Packed;

    void pack(const Tensor& tensor);
    Tensor unpack_packed(const Node& owner) const;
    void check_version(const Node& owner) const;

    Tensor tensor_;
    std::shared_ptr<const Packed> packed_; ///< instead of tensor_
    std::uint32_t version_ = 0;
    std::uint16_t output_nr_ = 0;
    bool is_output_ = false;
    bool had_history_ = false;
    bool of_view_ = false; ///< an output that was written into a view, whose own node then is another one
};

} // namespace hs
