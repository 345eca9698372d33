#pragma once

#include "engine/kernels/cpu/image_layout.h"
#include "engine/tensor/tensor.h"

/// Image tensors [n, c, h, w] whose bytes lie channels-last behind PyTorch's strides (Storage::layout).
namespace hs {

/// Whether plain and channels-last bytes of such an image batch are the same.
bool same_in_both_layouts(const Tensor& images);

/// `images`, which must be contiguous float32, with bytes that raw_data() reads channels-last: itself or a copy.
Tensor as_channels_last(const Tensor& images);

/// Declares that a kernel is about to write the fresh tensor `images` channels-last, through mutable_raw_data().
void declare_channels_last(const Tensor& images);

} // namespace hs
