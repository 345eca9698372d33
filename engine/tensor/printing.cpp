#include "engine/tensor/printing.h"

namespace hs {

std::string legacy_type_name(const Tensor& tensor) {
    const std::string device = tensor.device().type == DeviceType::cuda ? "cuda." : "";
    return "torch." + device + std::string(scalar_type_name(tensor.dtype())) + "Tensor";
}

} // namespace hs
