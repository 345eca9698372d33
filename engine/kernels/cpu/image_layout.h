#pragma once

#include <cstdint>

namespace hs {

/// How a batch of images lies in memory: planes of one channel, or all channels of a pixel together (channels-last).
enum class ImageLayout : std::uint8_t { nchw, nhwc };

} // namespace hs
