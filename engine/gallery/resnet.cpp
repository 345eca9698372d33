#include "engine/gallery/resnet.h"

#include "engine/gallery/weights.h"
#include "engine/nn/flatten.h"
#include "engine/nn/init.h"
#include "engine/ops/functional.h"

namespace hs::gallery {

namespace {

constexpr std::int64_t expansion = 4; // of a bottleneck's width

nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, std::int64_t stride, Generator& generator) {
    return {in, out, {.kernel_size = 3, .stride = stride, .padding = 1, .bias = false}, generator};
}
nn::Conv2d conv1x1(std::int64_t in, std::int64_t out, std::int64_t stride, Generator& generator) {
    return {in, out, {.kernel_size = 1, .stride = stride, .bias = false}, generator};
}

nn::Conv2d first_convolution(const ResNetOptions& options, Generator& generator) {
    if (options.small_images) return conv3x3(options.in_channels, options.width, 1, generator);
    return {
        options.in_channels, options.width, {.kernel_size = 7, .stride = 2, .padding = 3, .bias = false}, generator};
}

std::shared_ptr<nn::Module> first_pooling(bool small_images) {
    if (small_images) return std::make_shared<nn::Identity>();
    return std::make_shared<nn::MaxPool2d>(nn::MaxPool2d::Options{.kernel_size = 3, .stride = 2, .padding = 1});
}

template <class Block>
nn::Sequential blocks(int count, std::int64_t in, std::int64_t width, std::int64_t out, std::int64_t stride,
                      Generator& generator) {
    nn::Sequential stage;
    for (int i = 0; i < count; ++i) {
        std::shared_ptr<nn::Module> downsample; // draws its weights before the block does
        if (stride != 1 || in != out)
            downsample = std::make_shared<nn::Sequential>(conv1x1(in, out, stride, generator), nn::BatchNorm2d(out));
        stage.append(std::make_shared<Block>(in, width, stride, std::move(downsample), generator));
        in = out;
        stride = 1;
    }
    return stage;
}

} // namespace

ResNetOptions resnet_options(int depth) {
    switch (depth) {
    case 18:
        return {.blocks = {2, 2, 2, 2}};
    case 34:
        return {.blocks = {3, 4, 6, 3}};
    case 50:
        return {.blocks = {3, 4, 6, 3}, .bottleneck = true};
    case 101:
        return {.blocks = {3, 4, 23, 3}, .bottleneck = true};
    case 152:
        return {.blocks = {3, 8, 36, 3}, .bottleneck = true};
    default:
        throw ValueError("a ResNet has 18, 34, 50, 101 or 152 layers, not " + std::to_string(depth));
    }
}

BasicBlock::BasicBlock(std::int64_t in_channels, std::int64_t width, std::int64_t stride,
                       std::shared_ptr<nn::Module> downsample, Generator& generator)
    : conv1(add("conv1", conv3x3(in_channels, width, stride, generator))), bn1(add("bn1", nn::BatchNorm2d(width))),
      relu(add("relu", nn::ReLU(true))), conv2(add("conv2", conv3x3(width, width, 1, generator))),
      bn2(add("bn2", nn::BatchNorm2d(width))) {
    if (downsample) downsample_ = add("downsample", std::move(downsample));
}

Tensor BasicBlock::forward(const Tensor& x) {
    const Tensor change = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(change + (downsample_ && *downsample_ ? (*downsample_)(x) : x));
}

Bottleneck::Bottleneck(std::int64_t in_channels, std::int64_t width, std::int64_t stride,
                       std::shared_ptr<nn::Module> downsample, Generator& generator)
    : conv1(add("conv1", conv1x1(in_channels, width, 1, generator))), bn1(add("bn1", nn::BatchNorm2d(width))),
      conv2(add("conv2", conv3x3(width, width, stride, generator))), bn2(add("bn2", nn::BatchNorm2d(width))),
      conv3(add("conv3", conv1x1(width, width * expansion, 1, generator))),
      bn3(add("bn3", nn::BatchNorm2d(width * expansion))), relu(add("relu", nn::ReLU(true))) {
    if (downsample) downsample_ = add("downsample", std::move(downsample));
}

Tensor Bottleneck::forward(const Tensor& x) {
    const Tensor change = bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x))))))));
    return relu(change + (downsample_ && *downsample_ ? (*downsample_)(x) : x));
}

ResNet::ResNet(const ResNetOptions& options, Generator& generator)
    : conv1(add("conv1", first_convolution(options, generator))), bn1(add("bn1", nn::BatchNorm2d(options.width))),
      relu(add("relu", nn::ReLU(true))),
      maxpool(add("maxpool", first_pooling(options.small_images))), layers{&add_stage(0, options, generator),
                                                                           &add_stage(1, options, generator),
                                                                           &add_stage(2, options, generator),
                                                                           &add_stage(3, options, generator)},
      avgpool(add("avgpool", nn::AdaptiveAvgPool2d(nn::Pair(1, 1)))),
      fc(add("fc",
             nn::Linear(8 * options.width * (options.bottleneck ? expansion : 1), options.classes, {}, generator))) {
    draw_convolutions(*this, generator);
    if (!options.zero_init_residual) return;
    for (const auto& [name, module] : named_modules()) {
        if (const auto* block = dynamic_cast<BasicBlock*>(module)) nn::init::zeros_(block->bn2.weight);
        if (const auto* block = dynamic_cast<Bottleneck*>(module)) nn::init::zeros_(block->bn3.weight);
    }
}

nn::Sequential& ResNet::add_stage(std::size_t stage, const ResNetOptions& options, Generator& generator) {
    const std::int64_t factor = options.bottleneck ? expansion : 1, width = options.width << stage;
    const std::int64_t in = stage == 0 ? options.width : width / 2 * factor;
    const auto make = options.bottleneck ? blocks<Bottleneck> : blocks<BasicBlock>;
    return add("layer" + std::to_string(stage + 1),
               make(options.blocks[stage], in, width, width * factor, stage == 0 ? 1 : 2, generator));
}

Tensor ResNet::forward(const Tensor& images) {
    Tensor x = maxpool(relu(bn1(conv1(images))));
    for (nn::Sequential* stage : layers)
        x = (*stage)(x);
    return fc(flatten(avgpool(x), 1));
}

} // namespace hs::gallery
