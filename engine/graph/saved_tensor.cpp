#include "engine/graph/saved_tensor.h"

#include "engine/tensor/printing.h"

namespace hs {

SavedTensor::SavedTensor(const Tensor& tensor, bool is_output) : is_output_(is_output) {
    if (!tensor.defined()) return;
    version_ = tensor.version();
    if (is_output) {
        output_nr_ = static_cast<std::uint16_t>(tensor.impl()->output_nr);
        tensor_ = tensor.detach();
    } else {
        tensor_ = tensor;
    }
}

Tensor SavedTensor::unpack(const Node& owner) const {
    if (!tensor_.defined()) return {};
    if (tensor_.version() != version_) {
        std::string text = "one of the variables needed for gradient computation has been modified by an inplace "
                           "operation: [" +
                           legacy_type_name(tensor_) + " " + to_string(tensor_.shape()) + "]";
        const Node* maker = is_output_ ? &owner : tensor_.grad_fn().get();
        if (maker) {
            const std::uint32_t nr = is_output_ ? output_nr_ : tensor_.impl()->output_nr;
            text += ", which is output " + std::to_string(nr) + " of " + std::string(maker->name()) + ",";
        }
        throw Error(text + " is at version " + std::to_string(tensor_.version()) + "; expected version " +
                    std::to_string(version_) +
                    " instead. Hint: enable anomaly detection to find the operation that failed to compute its "
                    "gradient, with torch.autograd.set_detect_anomaly(True).");
    }
    if (!is_output_) return tensor_;
    Tensor output = tensor_.detach();
    set_history(output, Ref<Node>(const_cast<Node*>(&owner)), output_nr_);
    return output;
}

} // namespace hs
