#pragma once

#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"

#include <array>

namespace hs::gallery {

struct ResNetOptions {
    std::array<int, 4> blocks = {2, 2, 2, 2}; ///< in each stage
    bool bottleneck = false; ///< blocks of 1x1, 3x3 and 1x1 that give four times as many channels, else of two 3x3
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    std::int64_t width = 64;         ///< channels of the first stage; each next one has twice as many
    bool small_images = false;       ///< for 32x32: a first convolution of 3x3 with stride 1, and no pooling behind it
    bool zero_init_residual = false; ///< each block starts as the identity
};
/// Of the paper's nets. depth: 18, 34, 50, 101 or 152; throws ValueError for another one.
ResNetOptions resnet_options(int depth);

/// Two 3x3 convolutions around which the input, brought to the output's shape by `downsample` if there is one, is added
/// again.
class BasicBlock final : public nn::Module {
  public:
    BasicBlock(std::int64_t in_channels, std::int64_t width, std::int64_t stride,
               std::shared_ptr<nn::Module> downsample, Generator& generator);
    Tensor forward(const Tensor& x) override;

    nn::Conv2d& conv1;
    nn::BatchNorm2d& bn1;
    nn::ReLU& relu;
    nn::Conv2d& conv2;
    nn::BatchNorm2d& bn2;

  private:
    std::optional<nn::Child<nn::Module>> downsample_;
};

/// The same with a 3x3 convolution of `width` channels between two of 1x1, of which the last gives 4 * width.
class Bottleneck final : public nn::Module {
  public:
    Bottleneck(std::int64_t in_channels, std::int64_t width, std::int64_t stride,
               std::shared_ptr<nn::Module> downsample, Generator& generator);
    Tensor forward(const Tensor& x) override;

    nn::Conv2d& conv1;
    nn::BatchNorm2d& bn1;
    nn::Conv2d& conv2;
    nn::BatchNorm2d& bn2;
    nn::Conv2d& conv3;
    nn::BatchNorm2d& bn3;
    nn::ReLU& relu;

  private:
    std::optional<nn::Child<nn::Module>> downsample_;
};

/// A residual net (He et al. 2015) with torchvision's names and first weights: [n, channels, 224, 224] to [n, classes];
/// other sizes do, too.
class ResNet final : public nn::Module {
  public:
    explicit ResNet(const ResNetOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Conv2d& conv1;
    nn::BatchNorm2d& bn1;
    nn::ReLU& relu;
    nn::Module& maxpool;
    std::array<nn::Sequential*, 4> layers; ///< `layer1` to `layer4`
    nn::AdaptiveAvgPool2d& avgpool;
    nn::Child<nn::Linear> fc;

  private:
    nn::Sequential& add_stage(std::size_t stage, const ResNetOptions& options, Generator& generator);
};

} // namespace hs::gallery
