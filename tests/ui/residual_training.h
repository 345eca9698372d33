#pragma once

#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/flatten.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"
#include "engine/ops/functional.h"
#include "engine/optim/sgd.h"
#include "engine/session/training.h"
#include "engine/tensor/generator.h"

#include <array>
#include <string>
#include <vector>

/// Adds its input to what two convolutions make of it.
struct ResidualBlock : hs::nn::Module {
    hs::nn::Conv2d& conv1;
    hs::nn::BatchNorm2d& bn1;
    hs::nn::ReLU& relu;
    hs::nn::Conv2d& conv2;

    explicit ResidualBlock(std::int64_t width)
        : conv1(add("conv1", hs::nn::Conv2d(width, width, {.kernel_size = 3, .padding = 1, .bias = false}))),
          bn1(add("bn1", hs::nn::BatchNorm2d(width))), relu(add("relu", hs::nn::ReLU())),
          conv2(add("conv2", hs::nn::Conv2d(width, width, {.kernel_size = 3, .padding = 1}))) {}
    hs::Tensor forward(const hs::Tensor& x) override { return hs::relu(conv2(relu(bn1(conv1(x)))) + x); }
};

/// A residual net of `blocks` blocks, and a penalty on its first weight: one leaf that takes two gradients.
struct ResidualNet : hs::nn::Module {
    hs::nn::Conv2d& stem = add("stem", hs::nn::Conv2d(1, 4, {.kernel_size = 3, .padding = 1}));
    hs::nn::Linear& fc = add("fc", hs::nn::Linear(4, 3));
    std::vector<ResidualBlock*> blocks;

    explicit ResidualNet(int count) {
        for (int i = 0; i < count; ++i)
            blocks.push_back(&static_cast<ResidualBlock&>(add("block" + std::to_string(i + 1), ResidualBlock(4))));
    }
    hs::Tensor forward(const hs::Tensor& x) override {
        hs::Tensor h = stem(x);
        for (ResidualBlock* block : blocks)
            h = (*block)(h);
        return fc(hs::mean(hs::flatten(h, 2), std::array<std::int64_t, 1>{2}));
    }
};

class ResidualTraining : public hs::session::Training {
  public:
    explicit ResidualTraining(std::uint64_t seed, int blocks)
        : generator_(seed), net_(blocks), optimizer_(net_.parameters(), {.lr = 0.01}) {}

    hs::session::TrainingInfo info() const override {
        hs::session::TrainingInfo about;
        about.name = "residual";
        about.model = "ResidualNet";
        about.batch_size = 4;
        about.steps_per_epoch = 10;
        return about;
    }
    hs::nn::Module& model() override { return net_; }
    hs::optim::Optimizer& optimizer() override { return optimizer_; }
    hs::session::StepOutcome step() override {
        input_ = hs::rand({4, 1, 8, 8}, generator_);
        optimizer_.zero_grad();
        const hs::Tensor penalty = hs::sum(net_.stem.parameters()[0] * net_.stem.parameters()[0]);
        const hs::Tensor out = net_(input_);
        const hs::Tensor loss = hs::sum(out * out) + penalty * hs::Scalar(0.1);
        loss.backward();
        optimizer_.step();
        return {loss.item<double>(), 0.5};
    }
    double test_accuracy(const std::function<bool()>&) override { return -1; }
    hs::Tensor last_input() const override { return input_; }
    hs::Tensor last_target() const override { return target_; }

  private:
    hs::Generator generator_;
    ResidualNet net_;
    hs::optim::Sgd optimizer_;
    hs::Tensor input_;
    hs::Tensor target_ = hs::zeros({4}, {.dtype = hs::Dtype::int64});
};
