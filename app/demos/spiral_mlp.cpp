#include "app/demos/demo.h"
#include "app/demos/fashion_training.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/activation.h"
#include "engine/nn/linear.h"
#include "engine/ops/functional.h"
#include "engine/optim/adam.h"

#include <cmath>
#include <numbers>

namespace hs::app {

namespace {

constexpr std::int64_t points = 2048;
constexpr std::int64_t points_a_step = 64;
constexpr std::int64_t picture_side = 96;
constexpr double picture_reach = 1.2; ///< the picture shows -1.2 to 1.2 on both axes
constexpr double turns = 1.5;
constexpr double noise = 0.03;

struct Points {
    Tensor places; ///< [points, 2]
    Tensor arms;   ///< [points], 0 or 1
};

/// Two arms, each `turns` around the origin out to radius 1, the second half a turn behind the first.
Points draw_points(Generator& generator) {
    Points drawn{empty({points, 2}), empty({points}, {.dtype = Dtype::int64})};
    auto* place = drawn.places.mutable_data<float>();
    auto* arm = drawn.arms.mutable_data<std::int64_t>();
    for (std::int64_t i = 0; i < points; ++i) {
        const double along = std::sqrt(generator.uniform_double());
        const double angle = along * turns * 2 * std::numbers::pi + static_cast<double>(i % 2) * std::numbers::pi;
        *place++ = static_cast<float>(along * std::cos(angle) + noise * generator.normal());
        *place++ = static_cast<float>(along * std::sin(angle) + noise * generator.normal());
        *arm++ = i % 2;
    }
    return drawn;
}

Tensor picture_places() {
    Tensor places = empty({picture_side * picture_side, 2});
    auto* place = places.mutable_data<float>();
    const auto coordinate = [](std::int64_t pixel) {
        return static_cast<float>(picture_reach * (2 * (static_cast<double>(pixel) + 0.5) / picture_side - 1));
    };
    for (std::int64_t y = 0; y < picture_side; ++y) {
        for (std::int64_t x = 0; x < picture_side; ++x) {
            *place++ = coordinate(x);
            *place++ = -coordinate(y);
        }
    }
    return places;
}

class Mlp final : public nn::Module {
  public:
    Tensor forward(const Tensor& x) override { return fc3_(tanh2_(fc2_(tanh1_(fc1_(x))))); }

  private:
    nn::Linear& fc1_ = add("fc1", nn::Linear(2, 32));
    nn::Tanh& tanh1_ = add("tanh1", nn::Tanh());
    nn::Linear& fc2_ = add("fc2", nn::Linear(32, 32));
    nn::Tanh& tanh2_ = add("tanh2", nn::Tanh());
    nn::Linear& fc3_ = add("fc3", nn::Linear(32, 2));
};

class SpiralTraining final : public session::Training {
  public:
    SpiralTraining(std::uint64_t seed, int threads)
        : place_{Generator(seed), {}, 0}, train_(draw_points(place_.generator)), test_(draw_points(place_.generator)),
          optimizer_(net_.parameters(), {.lr = 1e-2}), threads_(threads) {}

    session::TrainingInfo info() const override {
        return {.name = "spiral-mlp",
                .model = "Mlp",
                .class_names = {"first arm", "second arm"},
                .batch_size = points_a_step,
                .steps_per_epoch = points / points_a_step,
                .threads = threads_};
    }
    nn::Module& model() override { return net_; }
    optim::Optimizer& optimizer() override { return optimizer_; }
    Tensor last_input() const override { return input_; }
    Tensor last_target() const override { return target_; }
    std::any position() const override { return place_; }
    void resume(const std::any& position) override { place_ = std::any_cast<const Place&>(position); }

    session::StepOutcome step() override {
        const std::int64_t batch = place_.step % (points / points_a_step);
        if (batch == 0) {
            const Tensor order = randperm(points, place_.generator);
            place_.order = std::make_shared<const std::vector<std::int64_t>>(order.to_vector<std::int64_t>());
        }
        draw_batch(std::span(*place_.order).subspan(batch * points_a_step, points_a_step));
        ++place_.step;
        optimizer_.zero_grad();
        const Tensor scores = net_(input_);
        const Tensor loss = cross_entropy(scores, target_);
        loss.backward();
        optimizer_.step();
        return {loss.item<double>(), accuracy_of(scores, target_)};
    }

    double test_accuracy(const std::function<bool()>& /*go_on*/) override {
        const NoGrad unrecorded;
        return accuracy_of(net_(test_.places), test_.arms);
    }

    /// How sure the net is of the second arm, 0 to 1, over the plane.
    std::optional<Tensor> picture() override {
        const NoGrad unrecorded;
        const std::vector<float> scores = net_.forward(places_).to_vector<float>();
        Tensor picture = empty({picture_side, picture_side});
        auto* pixel = picture.mutable_data<float>();
        for (std::size_t i = 0; i < scores.size(); i += 2)
            *pixel++ = 1 / (1 + std::exp(scores[i] - scores[i + 1]));
        return picture;
    }

  private:
    /// What is remembered between two steps. The order is shared with those that position() gave.
    struct Place {
        Generator generator;
        std::shared_ptr<const std::vector<std::int64_t>> order;
        std::int64_t step = 0;
    };

    void draw_batch(std::span<const std::int64_t> indices) {
        input_ = empty({points_a_step, 2});
        target_ = empty({points_a_step}, {.dtype = Dtype::int64});
        auto* place = input_.mutable_data<float>();
        auto* arm = target_.mutable_data<std::int64_t>();
        for (const std::int64_t index : indices) {
            *place++ = train_.places.data<float>()[2 * index];
            *place++ = train_.places.data<float>()[2 * index + 1];
            *arm++ = train_.arms.data<std::int64_t>()[index];
        }
    }

    Place place_;
    const Points train_;
    const Points test_;
    const Tensor places_ = picture_places();
    Mlp net_;
    optim::Adam optimizer_;
    const int threads_;
    Tensor input_;
    Tensor target_;
};

} // namespace

MakeTraining prepare_spiral_mlp(const DemoSetup& setup) {
    return [threads = setup.threads](std::uint64_t seed) -> std::unique_ptr<session::Training> {
        manual_seed(seed);
        return std::make_unique<SpiralTraining>(seed, threads);
    };
}

} // namespace hs::app
