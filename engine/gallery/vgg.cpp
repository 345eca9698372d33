#include "engine/gallery/vgg.h"

#include "engine/gallery/weights.h"
#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/linear.h"
#include "engine/ops/functional.h"

#include <array>

namespace hs::gallery {

namespace {

constexpr std::int64_t pooled = 7; // height and width of what the classifier sees

/// How many convolutions each stage has (the columns A, B, D and E of the paper's table 1).
std::array<int, 5> stages_of(int depth) {
    switch (depth) {
    case 11:
        return {1, 1, 2, 2, 2};
    case 13:
        return {2, 2, 2, 2, 2};
    case 16:
        return {2, 2, 3, 3, 3};
    case 19:
        return {2, 2, 4, 4, 4};
    default:
        throw ValueError("a VGG has 11, 13, 16 or 19 layers, not " + std::to_string(depth));
    }
}

nn::Sequential feature_layers(const VGGOptions& options, Generator& generator) {
    nn::Sequential layers;
    std::int64_t channels = options.in_channels, width = options.width;
    for (const int convolutions : stages_of(options.depth)) {
        for (int i = 0; i < convolutions; ++i) {
            layers.append(std::make_shared<nn::Conv2d>(channels, width,
                                                       nn::Conv2d::Options{.kernel_size = 3, .padding = 1}, generator));
            if (options.batch_norm) layers.append(std::make_shared<nn::BatchNorm2d>(width));
            layers.append(std::make_shared<nn::ReLU>(true));
            channels = width;
        }
        layers.append(std::make_shared<nn::MaxPool2d>(nn::MaxPool2d::Options{.kernel_size = 2, .stride = 2}));
        width = std::min(2 * width, 8 * options.width);
    }
    return layers;
}

nn::Sequential classifier_layers(const VGGOptions& options, Generator& generator) {
    return nn::Sequential(
        nn::Linear(8 * options.width * pooled * pooled, options.hidden_size, {}, generator), nn::ReLU(true),
        nn::Dropout(options.dropout), nn::Linear(options.hidden_size, options.hidden_size, {}, generator),
        nn::ReLU(true), nn::Dropout(options.dropout), nn::Linear(options.hidden_size, options.classes, {}, generator));
}

} // namespace

VGG::VGG(const VGGOptions& options, Generator& generator)
    : features(add("features", feature_layers(options, generator))),
      avgpool(add("avgpool", nn::AdaptiveAvgPool2d(nn::Pair(pooled, pooled)))),
      classifier(add("classifier", classifier_layers(options, generator))) {
    draw_convolutions(*this, generator);
    draw_linear_layers(*this, 0.01, generator);
}

Tensor VGG::forward(const Tensor& images) {
    return classifier(flatten(avgpool(features(images)), 1));
}

} // namespace hs::gallery
