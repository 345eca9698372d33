#pragma once

#include "engine/nn/container.h"

#include <vector>

namespace hs::gallery {

struct MLPOptions {
    std::int64_t inputs = 784;
    std::vector<std::int64_t> widths = {256, 128, 10}; ///< of all layers; the last is the output's
    bool gelu = false;                                 ///< between layers, instead of ReLU
    double dropout = 0;                                ///< behind each layer
};

/// Linear layers with an activation between them (Rumelhart et al. 1986), under the names of torchvision's MLP: `0`,
/// `3`, `6`, ... are linear. [n, inputs] to [n, widths.back()]. Layers start as PyTorch's do. Throws ValueError where
/// no width is given.
class MLP : public nn::Sequential {
  public:
    explicit MLP(const MLPOptions& options = {}, Generator& generator = default_generator());
};

} // namespace hs::gallery
