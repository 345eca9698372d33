#pragma once

#include "engine/kernels/cpu/onednn/convolution.h"

#include <cstdint>

namespace hs {

enum class ConvolutionDirection : std::uint8_t { forward, backward_input, backward_weights };

/// The arrays of one execution, all channels-last but the weights and the bias. Of a gradient's direction, `source`,
/// `weights`, `bias` and `destination` are the gradients where they are what is computed.
struct ConvolutionArrays {
    const void* source;
    const void* weights;
    const void* bias; ///< null without
    const void* destination;
};

/// Runs a float32 convolution on oneDNN. Both layouts of `shape` must be nhwc. The primitive and all that belongs to
/// it is looked up among the last ones this thread has used, and made if it is new. Throws Error if oneDNN refuses.
void run_convolution(ConvolutionDirection direction, const ConvolutionShape& shape, const ConvolutionArrays& arrays);

/// How many primitives a thread keeps at most.
inline constexpr int convolution_cache_size = 256;

} // namespace hs
