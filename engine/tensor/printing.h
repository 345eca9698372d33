#pragma once

#include "engine/tensor/tensor.h"

namespace hs {

/// `torch.FloatTensor`, `torch.LongTensor` (rule 16).
std::string legacy_type_name(const Tensor& tensor);

} // namespace hs
