#include "engine/gallery/mobilenet.h"

#include "engine/gallery/weights.h"
#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/linear.h"
#include "engine/ops/functional.h"

#include <algorithm>

namespace hs::gallery {

namespace {

constexpr std::int64_t first_channels = 32, last_channels = 1280;

/// The nearest multiple of 8 that is not more than a tenth below.
std::int64_t rounded(double channels) {
    const std::int64_t nearest = std::max<std::int64_t>(8, static_cast<std::int64_t>(channels + 4) / 8 * 8);
    return static_cast<double>(nearest) < 0.9 * channels ? nearest + 8 : nearest;
}

nn::Sequential block_layers(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion,
                            Generator& generator) {
    const std::int64_t inside = in * expansion;
    nn::Sequential layers;
    const auto append = [&](std::int64_t from, Conv2dNormActivation::Options options) {
        layers.append(std::make_shared<Conv2dNormActivation>(from, inside, options, generator));
    };
    if (expansion != 1) append(in, {.kernel_size = 1});
    append(inside, {.stride = stride, .groups = inside});
    layers.append(
        std::make_shared<nn::Conv2d>(inside, out, nn::Conv2d::Options{.kernel_size = 1, .bias = false}, generator));
    layers.append(std::make_shared<nn::BatchNorm2d>(out));
    return layers;
}

std::int64_t last_width(const MobileNetV2Options& options) {
    return rounded(static_cast<double>(last_channels) * std::max(1.0, options.width));
}

nn::Sequential feature_layers(const MobileNetV2Options& options, Generator& generator) {
    nn::Sequential layers;
    std::int64_t channels = rounded(static_cast<double>(first_channels) * options.width);
    layers.append(std::make_shared<Conv2dNormActivation>(options.in_channels, channels,
                                                         Conv2dNormActivation::Options{.stride = 2}, generator));
    for (const MobileNetV2Options::Stage& stage : options.stages) {
        const std::int64_t out = rounded(static_cast<double>(stage.channels) * options.width);
        for (int i = 0; i < stage.blocks; ++i) {
            layers.append(std::make_shared<InvertedResidual>(channels, out, i == 0 ? stage.stride : 1, stage.expansion,
                                                             generator));
            channels = out;
        }
    }
    layers.append(std::make_shared<Conv2dNormActivation>(channels, last_width(options),
                                                         Conv2dNormActivation::Options{.kernel_size = 1}, generator));
    return layers;
}

} // namespace

Conv2dNormActivation::Conv2dNormActivation(std::int64_t in_channels, std::int64_t out_channels, Options options,
                                           Generator& generator) {
    append(std::make_shared<nn::Conv2d>(in_channels, out_channels,
                                        nn::Conv2d::Options{.kernel_size = options.kernel_size,
                                                            .stride = options.stride,
                                                            .padding = (options.kernel_size - 1) / 2,
                                                            .groups = options.groups,
                                                            .bias = false},
                                        generator));
    append(std::make_shared<nn::BatchNorm2d>(out_channels));
    append(std::make_shared<nn::ReLU6>(true));
}

InvertedResidual::InvertedResidual(std::int64_t in_channels, std::int64_t out_channels, std::int64_t stride,
                                   std::int64_t expansion, Generator& generator)
    : conv(add("conv", block_layers(in_channels, out_channels, stride, expansion, generator))),
      adds_input_(stride == 1 && in_channels == out_channels) {}

Tensor InvertedResidual::forward(const Tensor& x) {
    return adds_input_ ? x + conv(x) : conv(x);
}

MobileNetV2::MobileNetV2(const MobileNetV2Options& options, Generator& generator)
    : features(add("features", feature_layers(options, generator))),
      classifier(add("classifier", nn::Sequential(nn::Dropout(options.dropout),
                                                  nn::Linear(last_width(options), options.classes, {}, generator)))) {
    draw_convolutions(*this, generator);
    draw_linear_layers(*this, 0.01, generator);
}

Tensor MobileNetV2::forward(const Tensor& images) {
    return classifier(flatten(adaptive_avg_pool2d(features(images), {1, 1}), 1));
}

} // namespace hs::gallery
