#pragma once

#include "engine/tensor/tensor.h"

#include <any>
#include <functional>
#include <memory>
#include <string>

namespace hs {

/// What stands between a tensor and the node that keeps it: `pack` gets the tensor and returns what is kept instead,
/// `unpack` makes a tensor of the same shape and dtype from that (`torch.autograd.graph.saved_tensors_hooks`).
struct SavedTensorHooks {
    std::function<std::any(const Tensor& tensor)> pack;
    std::function<Tensor(const std::any& packed)> unpack;
};

/// Sets the hooks for what this thread's nodes keep in a scope; the innermost pair counts.
class SavedTensorHooksScope {
  public:
    explicit SavedTensorHooksScope(SavedTensorHooks hooks);
    SavedTensorHooksScope(const SavedTensorHooksScope&) = delete;
    SavedTensorHooksScope& operator=(const SavedTensorHooksScope&) = delete;
    ~SavedTensorHooksScope();
};

/// In this scope setting such hooks throws Error(message).
class SavedTensorHooksDisabled {
  public:
    explicit SavedTensorHooksDisabled(std::string message);
    SavedTensorHooksDisabled(const SavedTensorHooksDisabled&) = delete;
    SavedTensorHooksDisabled& operator=(const SavedTensorHooksDisabled&) = delete;
    ~SavedTensorHooksDisabled();

  private:
    std::string previous_;
};

/// The innermost pair of this thread; null when there is none.
const std::shared_ptr<const SavedTensorHooks>& saved_tensor_hooks();

} // namespace hs
