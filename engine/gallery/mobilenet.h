#pragma once

#include "engine/nn/container.h"

#include <vector>

namespace hs::gallery {

struct MobileNetV2Options {
    /// Blocks that are alike: by how much each widens its input inside, the channels it gives, their number, and the
    /// stride of the first.
    struct Stage {
        std::int64_t expansion, channels;
        int blocks;
        std::int64_t stride;
    };
    std::vector<Stage> stages = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    double width = 1; ///< times the channels, rounded to multiples of 8
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    double dropout = 0.2;
};

/// A convolution that keeps the image's size but for its stride, batch norm, and ReLU6.
class Conv2dNormActivation final : public nn::Sequential {
  public:
    struct Options {
        std::int64_t kernel_size = 3;
        std::int64_t stride = 1;
        std::int64_t groups = 1;
    };
    Conv2dNormActivation(std::int64_t in_channels, std::int64_t out_channels, Options options, Generator& generator);
};

/// Widens, convolves each channel by itself, and narrows without an activation; where the shape stays, the input is
/// added again.
class InvertedResidual final : public nn::Module {
  public:
    InvertedResidual(std::int64_t in_channels, std::int64_t out_channels, std::int64_t stride, std::int64_t expansion,
                     Generator& generator);
    Tensor forward(const Tensor& x) override;

    nn::Sequential& conv;

  private:
    bool adds_input_;
};

/// MobileNetV2 (Sandler et al. 2018) with torchvision's names and first weights: [n, channels, 224, 224] to
/// [n, classes]; other sizes do, too.
class MobileNetV2 final : public nn::Module {
  public:
    explicit MobileNetV2(const MobileNetV2Options& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Sequential& features;
    nn::Sequential& classifier;
};

} // namespace hs::gallery
