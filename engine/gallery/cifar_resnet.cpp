#include "engine/gallery/cifar_resnet.h"

#include "engine/gallery/resnet.h"
#include "engine/gallery/weights.h"
#include "engine/ops/functional.h"

namespace hs::gallery {

namespace {

/// Every second pixel, and zeros for the channels that are new.
class PaddedShortcut final : public nn::Module {
  public:
    explicit PaddedShortcut(std::int64_t new_channels) : new_channels_(new_channels) {}
    Tensor forward(const Tensor& x) override {
        const Tensor rows = slice(x, 2, std::nullopt, std::nullopt, 2);
        const Tensor pixels = slice(rows, 3, std::nullopt, std::nullopt, 2);
        const std::int64_t before = new_channels_ / 2;
        return constant_pad_nd(pixels, {0, 0, 0, 0, before, new_channels_ - before});
    }
    std::string extra_repr() const override { return "new_channels=" + std::to_string(new_channels_); }

  private:
    std::int64_t new_channels_;
};

std::shared_ptr<nn::Module> shortcut(std::int64_t in, std::int64_t out, bool projection, Generator& generator) {
    if (!projection) return std::make_shared<PaddedShortcut>(out - in);
    return std::make_shared<nn::Sequential>(
        nn::Conv2d(in, out, {.kernel_size = 1, .stride = 2, .bias = false}, generator), nn::BatchNorm2d(out));
}

/// All blocks of one stage, of which the first halves the image where the number of channels grows.
nn::Sequential stage(const CifarResNetOptions& options, std::int64_t in, std::int64_t out, Generator& generator) {
    nn::Sequential blocks;
    for (int i = 0; i < (options.depth - 2) / 6; ++i) {
        const bool grows = in != out;
        blocks.append(std::make_shared<BasicBlock>(
            in, out, grows ? 2 : 1, grows ? shortcut(in, out, options.projection, generator) : nullptr, generator));
        in = out;
    }
    return blocks;
}

const CifarResNetOptions& checked(const CifarResNetOptions& options) {
    if (options.depth < 8 || options.depth % 6 != 2)
        throw ValueError("a CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, ...), not " +
                         std::to_string(options.depth));
    return options;
}

} // namespace

CifarResNet::CifarResNet(const CifarResNetOptions& options, Generator& generator)
    : conv1(add("conv1", nn::Conv2d(checked(options).in_channels, options.width,
                                    {.kernel_size = 3, .padding = 1, .bias = false}, generator))),
      bn1(add("bn1", nn::BatchNorm2d(options.width))), relu(add("relu", nn::ReLU(true))),
      layer1(add("layer1", stage(options, options.width, options.width, generator))),
      layer2(add("layer2", stage(options, options.width, 2 * options.width, generator))),
      layer3(add("layer3", stage(options, 2 * options.width, 4 * options.width, generator))),
      avgpool(add("avgpool", nn::AdaptiveAvgPool2d(nn::Pair(1, 1)))),
      linear(add(options.projection ? "fc" : "linear", nn::Linear(4 * options.width, options.classes, {}, generator))) {
    draw_convolutions(*this, generator);
}

Tensor CifarResNet::forward(const Tensor& images) {
    return linear(flatten(avgpool(layer3(layer2(layer1(relu(bn1(conv1(images))))))), 1));
}

} // namespace hs::gallery
