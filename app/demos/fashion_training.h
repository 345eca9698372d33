#pragma once

#include "app/demos/demo.h"
#include "app/demos/fashion_mnist.h"
#include "engine/nn/module.h"
#include "engine/optim/optimizer.h"
#include "engine/session/training.h"
#include "engine/tensor/generator.h"

#include <memory>
#include <string>
#include <vector>

namespace hs::app {

/// Trains a classifier on Fashion-MNIST: 64 pictures a step, in an order that the seed decides, a new one each epoch
/// (an incomplete last batch is left out). Over the first two epochs the learning rate falls linearly to a twentieth;
/// where a person sets it, it stays as set.
class FashionTraining final : public session::Training {
  public:
    struct Parts {
        std::string name;  ///< of the demo
        std::string model; ///< class name of the net
        std::unique_ptr<nn::Module> net;
        std::unique_ptr<optim::Optimizer> optimizer;
    };

    FashionTraining(Parts parts, std::shared_ptr<const FashionMnist> data, std::uint64_t seed, int threads);

    session::TrainingInfo info() const override;
    nn::Module& model() override { return *parts_.net; }
    optim::Optimizer& optimizer() override { return *parts_.optimizer; }
    session::StepOutcome step() override;
    double test_accuracy(const std::function<bool()>& go_on) override;
    Tensor last_input() const override { return batch_.images; }
    Tensor last_target() const override { return batch_.labels; }
    std::any position() const override { return place_; }
    void resume(const std::any& position) override { place_ = std::any_cast<const Place&>(position); }

  private:
    /// What is remembered between two steps. The order is shared with those that position() gave.
    struct Place {
        Generator order_generator;
        std::shared_ptr<const std::vector<std::int64_t>> order;
        std::int64_t step = 0;
        double own_learning_rate = 0; ///< what was set here last; another value is a person's
    };

    std::int64_t steps_per_epoch() const;
    void draw_batch();
    void lower_learning_rate();

    Parts parts_;
    const std::shared_ptr<const FashionMnist> data_;
    const int threads_;
    const double first_learning_rate_;
    Place place_;
    Batch batch_;
};

/// A MakeTraining that reads the data once and builds the net anew for each seed. `build` is called after the default
/// generator was seeded.
MakeTraining fashion_training(const DemoSetup& setup, FashionTraining::Parts (*build)());

/// The fraction of the rows of `scores` [n, classes] whose greatest element is at the label's place.
double accuracy_of(const Tensor& scores, const Tensor& labels);

} // namespace hs::app
