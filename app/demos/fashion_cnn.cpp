#include "app/demos/fashion_training.h"
#include "engine/nn/activation.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/flatten.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"
#include "engine/optim/adam.h"

namespace hs::app {

namespace {

/// After LeNet-5 (LeCun et al. 1998), with ReLU and max pooling: 61,706 parameters.
class LeNet final : public nn::Module {
  public:
    Tensor forward(const Tensor& images) override { return head_(stage2_(stage1_(images))); }

  private:
    static nn::Sequential stage1() {
        nn::Sequential stage;
        stage.add("conv1", nn::Conv2d(1, 6, {.kernel_size = 5, .padding = 2}));
        stage.add("relu1", nn::ReLU());
        stage.add("pool1", nn::MaxPool2d(2));
        return stage;
    }
    static nn::Sequential stage2() {
        nn::Sequential stage;
        stage.add("conv2", nn::Conv2d(6, 16, {.kernel_size = 5}));
        stage.add("relu2", nn::ReLU());
        stage.add("pool2", nn::MaxPool2d(2));
        return stage;
    }
    static nn::Sequential head() {
        nn::Sequential head;
        head.add("flatten", nn::Flatten());
        head.add("fc1", nn::Linear(400, 120));
        head.add("relu3", nn::ReLU());
        head.add("fc2", nn::Linear(120, 84));
        head.add("relu4", nn::ReLU());
        head.add("fc3", nn::Linear(84, FashionMnist::classes));
        return head;
    }

    nn::Sequential& stage1_ = add("stage1", stage1());
    nn::Sequential& stage2_ = add("stage2", stage2());
    nn::Sequential& head_ = add("head", head());
};

FashionTraining::Parts build_cnn() {
    auto net = std::make_unique<LeNet>();
    // By experiment: with this rate and its fall the net passes 88 % in two epochs for every seed that was tried.
    auto optimizer = std::make_unique<optim::Adam>(net->parameters(), optim::AdamOptions{.lr = 4e-3});
    return {"fashion-cnn", "LeNet", std::move(net), std::move(optimizer)};
}

} // namespace

MakeTraining prepare_fashion_cnn(const DemoSetup& setup) {
    return fashion_training(setup, build_cnn);
}

} // namespace hs::app
