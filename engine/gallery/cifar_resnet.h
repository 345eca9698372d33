#pragma once

#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"

namespace hs::gallery {

struct CifarResNetOptions {
    int depth = 20; ///< layers with weights: 2 and a multiple of 6, in the paper 20, 32, 44, 56 and 110
    std::int64_t in_channels = 3;
    std::int64_t classes = 10;
    std::int64_t width = 16; ///< channels of the first stage; the others have 2 and 4 times as many
    /// Where a block changes the shape, its input goes around it through a 1x1 convolution `downsample` (the paper's
    /// option B), else every second pixel with zeros for the channels that are new (option A, which the paper uses
    /// here).
    bool projection = false;
};

/// The residual nets for images of 32x32 (He et al. 2015, section 4.2): [n, channels, 32, 32] to [n, classes]. Names
/// and first weights are those of torchvision's ResNet; but the last layer is called `linear` where the shortcuts are
/// padded, and `fc` where they are projections, as in the weights that are published of either. Throws ValueError for a
/// depth that no such net has.
class CifarResNet final : public nn::Module {
  public:
    explicit CifarResNet(const CifarResNetOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Conv2d& conv1;
    nn::BatchNorm2d& bn1;
    nn::ReLU& relu;
    nn::Sequential& layer1;
    nn::Sequential& layer2;
    nn::Sequential& layer3;
    nn::AdaptiveAvgPool2d& avgpool;
    nn::Child<nn::Linear> linear;
};

} // namespace hs::gallery
