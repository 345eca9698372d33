#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

#include <string>

namespace hs {

/// The shape in words, for error texts.
std::string describe(const ConvolutionShape& shape);

/// Throws Error, with the shape in its text, for what is no convolution.
void check(const ConvolutionShape& shape);

} // namespace hs
