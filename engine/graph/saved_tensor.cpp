#include "engine/graph/saved_tensor.h"

#include "engine/graph/autograd_meta.h"
#include "engine/graph/grad_mode.h"
#include "engine/graph/saved_tensor_hooks.h"
#include "engine/tensor/printing.h"

namespace hs {

/// What hooks made of a tensor, and its place in the graph, which is not theirs to change.
struct SavedTensor::Packed {
    std::any value;
    std::shared_ptr<const SavedTensorHooks> hooks;
    GradientEdge edge; ///< empty for an output of the owner
    bool is_leaf;
};

SavedTensor::SavedTensor(const Tensor& tensor, bool is_output) : is_output_(is_output) {
    if (!tensor.defined()) return;
    if (tensor.is_inference())
        throw Error("Inference tensors cannot be saved for backward. To work around you can make a clone to get a "
                    "normal tensor and use it in autograd.");
    version_ = tensor.version();
    had_history_ = static_cast<bool>(tensor.impl()->grad_fn);
    of_view_ = is_output && tensor.is_view();
    output_nr_ = static_cast<std::uint16_t>(tensor.impl()->output_nr);
    if (saved_tensor_hooks())
        pack(tensor);
    else
        tensor_ = is_output ? tensor.detach() : tensor;
}

void SavedTensor::pack(const Tensor& tensor) {
    Packed packed{{}, saved_tensor_hooks(), is_output_ ? GradientEdge() : gradient_edge(tensor), tensor.is_leaf()};
    const NoGrad scope;
    packed.value = packed.hooks->pack(is_output_ ? tensor.detach() : tensor);
    if (tensor.version() != version_)
        throw Error("A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook "
                    "can not be modified by in-place operations as this can lead to unexpected side-effects. Please "
                    "open an issue if you need to perform in-place operations on the input to a pack hook.");
    packed_ = std::make_shared<const Packed>(std::move(packed));
}

Tensor SavedTensor::unpack_packed(const Node& owner) const {
    Tensor value;
    {
        const NoGrad scope;
        value = packed_->hooks->unpack(packed_->value).detach();
    }
    if (is_output_)
        set_history(value, Ref<Node>(const_cast<Node*>(&owner)), output_nr_);
    else if (packed_->edge.node && !packed_->is_leaf)
        set_history(value, packed_->edge.node, packed_->edge.input_nr);
    else if (packed_->edge.node) {
        value.set_requires_grad();
        autograd_meta(value).shared_accumulator = packed_->edge.node;
    }
    return value;
}

void SavedTensor::check_version(const Node& owner) const {
    if (tensor_.version() == version_) return;
    std::string text = "one of the variables needed for gradient computation has been modified by an inplace "
                       "operation: [" +
                       legacy_type_name(tensor_) + " " + to_string(tensor_.shape()) + "]";
    const Node* maker = is_output_ ? &owner : tensor_.grad_fn().get();
    if (maker) {
        const std::uint32_t nr = is_output_ ? output_nr_ : tensor_.impl()->output_nr;
        text += ", which is output " + std::to_string(nr) + " of " +
                std::string(of_view_ ? "AsStridedBackward0" : maker->name()) + ",";
    }
    throw Error(text + " is at version " + std::to_string(tensor_.version()) + "; expected version " +
                std::to_string(version_) +
                " instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, "
                "with torch.autograd.set_detect_anomaly(True).");
}

Tensor SavedTensor::unpack(const Node& owner) const {
    if (packed_) return unpack_packed(owner);
    if (!tensor_.defined()) return {};
    if (!is_output_ && had_history_ && !tensor_.grad_fn())
        throw Error("Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not "
                    "supported, please use out-of-place `.detach()` instead");
    check_version(owner);
    if (!is_output_) return tensor_;
    Tensor output = tensor_.detach();
    set_history(output, Ref<Node>(const_cast<Node*>(&owner)), output_nr_);
    return output;
}

} // namespace hs
