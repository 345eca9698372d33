#pragma once

#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"
#include "engine/ops/functional.h"
#include "engine/optim/sgd.h"
#include "engine/session/training.h"
#include "engine/tensor/generator.h"

#include <chrono>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

/// y = x * weight + bias, element by element over the last dimension; counts its calls in a buffer.
struct Scale : hs::nn::Module {
    hs::Tensor& weight;
    hs::Tensor& bias;
    hs::Tensor& calls;

    explicit Scale(const hs::Tensor& start)
        : weight(add_parameter("weight", start)), bias(add_parameter("bias", hs::zeros({start.size(0)}))),
          calls(register_buffer("calls", hs::zeros({1}))) {}
    std::string type_name() const override { return "Scale"; }
    std::string extra_repr() const override { return std::to_string(weight.numel()); }
    hs::Tensor forward(const hs::Tensor& x) override {
        {
            const hs::NoGrad scope;
            calls.add_(hs::ones({1}));
        }
        return x * weight + bias;
    }
};

struct Square : hs::nn::Module {
    double factor = 1;
    std::string type_name() const override { return "Square"; }
    hs::Tensor forward(const hs::Tensor& x) override { return x * x * hs::Scalar(factor); }
};

struct Block : hs::nn::Module {
    Square& square = add("square", Square());
    Scale& scale;

    explicit Block(const hs::Tensor& start) : scale(add("scale", Scale(start))) {}
    std::string type_name() const override { return "Block"; }
    hs::Tensor forward(const hs::Tensor& x) override { return scale(square(x)); }
};

/// first -> block(square -> scale); the root's output is the block's, which is that of block.scale.
struct SmallNet : hs::nn::Module {
    Scale& first;
    Block& block;

    SmallNet(const hs::Tensor& a, const hs::Tensor& b) : first(add("first", Scale(a))), block(add("block", Block(b))) {}
    std::string type_name() const override { return "SmallNet"; }
    hs::Tensor forward(const hs::Tensor& x) override { return block(first(x)); }
};

/// Learns y = 0 from random inputs [batch, width].
class SmallTraining : public hs::session::Training {
  public:
    static constexpr std::int64_t batch = 4;

    explicit SmallTraining(std::uint64_t seed, std::int64_t width = 3)
        : generator_(seed), net_(hs::rand({width}, generator_), hs::rand({width}, generator_)),
          optimizer_(net_.parameters(), {.lr = 0.01}) {}

    hs::session::TrainingInfo info() const override {
        hs::session::TrainingInfo about;
        about.name = "small";
        about.model = "SmallNet";
        about.batch_size = batch;
        about.steps_per_epoch = 10;
        return about;
    }
    hs::nn::Module& model() override { return net_; }
    hs::optim::Optimizer& optimizer() override { return optimizer_; }
    hs::session::StepOutcome step() override {
        if (before_step) before_step(*this);
        input_ = hs::rand({batch, net_.first.weight.numel()}, generator_);
        optimizer_.zero_grad();
        const hs::Tensor loss = hs::sum(net_(input_)) / hs::Scalar(static_cast<double>(input_.numel()));
        loss.backward();
        optimizer_.step();
        ++steps;
        return {loss.item<double>(), 0.5};
    }
    double test_accuracy(const std::function<bool()>& go_on) override { return test ? test(go_on) : -1; }
    hs::Tensor last_input() const override { return input_; }
    hs::Tensor last_target() const override { return target_; }
    std::optional<hs::Tensor> picture() override {
        const hs::NoGrad scope;
        return net_(hs::ones({2, net_.first.weight.numel()}));
    }

    std::any position() const override { return remembers ? std::any(std::pair(generator_, steps)) : std::any(); }
    void resume(const std::any& position) override {
        std::tie(generator_, steps) = std::any_cast<const std::pair<hs::Generator, std::int64_t>&>(position);
    }

    SmallNet& net() { return net_; }

    std::int64_t steps = 0; ///< finished
    bool remembers = true;  ///< says where it stands
    std::function<void(SmallTraining&)> before_step;
    std::function<double(const std::function<bool()>&)> test;

  private:
    hs::Generator generator_;
    SmallNet net_;
    hs::optim::Sgd optimizer_;
    hs::Tensor input_;
    hs::Tensor target_ = hs::zeros({batch}, {.dtype = hs::Dtype::int64});
};
