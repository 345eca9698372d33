#include "app/demos/fashion_training.h"
#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/flatten.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"
#include "engine/ops/functional.h"
#include "engine/optim/adam.h"

namespace hs::app {

namespace {

/// A basic block (He et al. 2015): two 3x3 convolutions around which the input is added again.
class BasicBlock final : public nn::Module {
  public:
    BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
        : conv1_(add("conv1", nn::Conv2d(in, out, {.kernel_size = 3, .stride = stride, .padding = 1, .bias = false}))),
          bn1_(add("bn1", nn::BatchNorm2d(out))), relu1_(add("relu1", nn::ReLU())),
          conv2_(add("conv2", nn::Conv2d(out, out, {.kernel_size = 3, .padding = 1, .bias = false}))),
          bn2_(add("bn2", nn::BatchNorm2d(out))), shortcut_(add("shortcut", shortcut(in, out, stride))),
          relu2_(add("relu2", nn::ReLU())) {}

    Tensor forward(const Tensor& x) override {
        const Tensor residual = bn2_(conv2_(relu1_(bn1_(conv1_(x)))));
        return relu2_(residual + shortcut_(x));
    }

  private:
    /// Nothing, or what brings the input to the output's shape.
    static nn::Sequential shortcut(std::int64_t in, std::int64_t out, std::int64_t stride) {
        nn::Sequential path;
        if (in == out && stride == 1) return path;
        path.add("conv", nn::Conv2d(in, out, {.kernel_size = 1, .stride = stride, .bias = false}));
        path.add("bn", nn::BatchNorm2d(out));
        return path;
    }

    nn::Conv2d& conv1_;
    nn::BatchNorm2d& bn1_;
    nn::ReLU& relu1_;
    nn::Conv2d& conv2_;
    nn::BatchNorm2d& bn2_;
    nn::Sequential& shortcut_;
    nn::ReLU& relu2_;
};

/// A residual net of three stages for 28x28 pictures.
class ResNet final : public nn::Module {
  public:
    Tensor forward(const Tensor& images) override { return head_(stage3_(stage2_(stage1_(stem_(images))))); }

  private:
    static nn::Sequential stem() {
        nn::Sequential stem;
        stem.add("conv", nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1, .bias = false}));
        stem.add("bn", nn::BatchNorm2d(16));
        stem.add("relu", nn::ReLU());
        return stem;
    }
    static nn::Sequential head() {
        nn::Sequential head;
        head.add("pool", nn::AvgPool2d(7));
        head.add("flatten", nn::Flatten());
        head.add("fc", nn::Linear(64, FashionMnist::classes));
        return head;
    }

    nn::Sequential& stem_ = add("stem", stem());
    BasicBlock& stage1_ = add("stage1", BasicBlock(16, 16, 1));
    BasicBlock& stage2_ = add("stage2", BasicBlock(16, 32, 2));
    BasicBlock& stage3_ = add("stage3", BasicBlock(32, 64, 2));
    nn::Sequential& head_ = add("head", head());
};

FashionTraining::Parts build_resnet() {
    auto net = std::make_unique<ResNet>();
    auto optimizer = std::make_unique<optim::Adam>(net->parameters(), optim::AdamOptions{.lr = 4e-3});
    return {"fashion-resnet", "ResNet", std::move(net), std::move(optimizer)};
}

} // namespace

MakeTraining prepare_fashion_resnet(const DemoSetup& setup) {
    return fashion_training(setup, build_resnet);
}

} // namespace hs::app
