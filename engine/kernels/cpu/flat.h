#pragma once

#include "engine/tensor/tensor.h"

#include <initializer_list>

namespace hs {

/// Whether an elementwise kernel may run over the bytes of `inputs` and `output` as they lie, element by element: all
/// have the same shape and are contiguous, either plainly or all channels-last. The output, which is fresh or one of
/// the inputs, then takes over the inputs' layout. raw_data() is to be used after it says true.
bool flat_layout(std::initializer_list<const Tensor*> inputs, const Tensor& output);

} // namespace hs
