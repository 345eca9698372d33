#pragma once

#include "engine/nn/container.h"
#include "engine/nn/pooling.h"

namespace hs::gallery {

struct VGGOptions {
    int depth = 16; ///< 11, 13, 16 or 19 layers with weights
    bool batch_norm = false;
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    double dropout = 0.5;
    std::int64_t width = 64;         ///< channels of the first stage; the others have 2, 4, 8 and 8 times as many
    std::int64_t hidden_size = 4096; ///< of the classifier's two layers
};

/// VGG (Simonyan and Zisserman 2014) with torchvision's names and first weights: [n, channels, 224, 224] to
/// [n, classes]; other sizes from 32 on do, too. Throws ValueError for another depth.
class VGG final : public nn::Module {
  public:
    explicit VGG(const VGGOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Sequential& features;
    nn::AdaptiveAvgPool2d& avgpool;
    nn::Sequential& classifier;
};

} // namespace hs::gallery
