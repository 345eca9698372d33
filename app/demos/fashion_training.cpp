#include "app/demos/fashion_training.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

#include <algorithm>
#include <numeric>

namespace hs::app {

namespace {

constexpr std::int64_t batch_size = 64;
constexpr std::int64_t test_batch_size = 250;
constexpr int falling_epochs = 2;
constexpr double last_fraction = 0.05;

} // namespace

double accuracy_of(const Tensor& scores, const Tensor& labels) {
    // Read here rather than by argmax(): what is only told to a person should not appear among the model's operations.
    const std::vector<float> rows = scores.to_vector<float>();
    const std::vector<std::int64_t> wanted = labels.to_vector<std::int64_t>();
    const auto width = static_cast<std::ptrdiff_t>(scores.size(1));
    std::int64_t right = 0;
    auto row = rows.begin();
    for (const std::int64_t label : wanted) {
        right += std::max_element(row, row + width) - row == label;
        row += width;
    }
    return static_cast<double>(right) / static_cast<double>(wanted.size());
}

FashionTraining::FashionTraining(Parts parts, std::shared_ptr<const FashionMnist> data, std::uint64_t seed, int threads)
    : parts_(std::move(parts)), data_(std::move(data)), threads_(threads),
      first_learning_rate_(parts_.optimizer->learning_rate()), place_{Generator(seed), nullptr, 0,
                                                                      first_learning_rate_} {
    if (data_->train().count() < batch_size) throw ValueError("the training set has less than 64 pictures");
}

std::int64_t FashionTraining::steps_per_epoch() const {
    return data_->train().count() / batch_size;
}

session::TrainingInfo FashionTraining::info() const {
    return {.name = parts_.name,
            .model = parts_.model,
            .class_names = FashionMnist::class_names(),
            .batch_size = batch_size,
            .steps_per_epoch = steps_per_epoch(),
            .threads = threads_};
}

void FashionTraining::draw_batch() {
    const std::int64_t batch = place_.step % steps_per_epoch();
    if (batch == 0) {
        const Tensor order = randperm(data_->train().count(), place_.order_generator);
        place_.order = std::make_shared<const std::vector<std::int64_t>>(order.to_vector<std::int64_t>());
    }
    batch_ = FashionMnist::batch(data_->train(), std::span(*place_.order).subspan(batch * batch_size, batch_size));
}

void FashionTraining::lower_learning_rate() {
    optim::Optimizer& optimizer = *parts_.optimizer;
    if (optimizer.learning_rate() != place_.own_learning_rate) return;
    const double done = static_cast<double>(place_.step) / static_cast<double>(falling_epochs * steps_per_epoch());
    place_.own_learning_rate = first_learning_rate_ * std::max(last_fraction, 1 - done);
    optimizer.set_learning_rate(place_.own_learning_rate);
}

session::StepOutcome FashionTraining::step() {
    draw_batch();
    lower_learning_rate();
    parts_.optimizer->zero_grad();
    const Tensor scores = (*parts_.net)(batch_.images);
    const Tensor loss = cross_entropy(scores, batch_.labels);
    loss.backward();
    parts_.optimizer->step();
    ++place_.step;
    return {loss.item<double>(), accuracy_of(scores, batch_.labels)};
}

double FashionTraining::test_accuracy(const std::function<bool()>& go_on) {
    const NoGrad unrecorded;
    const LabelledImages& images = data_->test();
    nn::Module& net = *parts_.net;
    const bool was_training = net.is_training();
    net.eval();
    double right = 0;
    std::vector<std::int64_t> indices;
    for (std::int64_t first = 0; first < images.count() && right >= 0; first += test_batch_size) {
        indices.resize(static_cast<std::size_t>(std::min(test_batch_size, images.count() - first)));
        std::iota(indices.begin(), indices.end(), first);
        const Batch batch = FashionMnist::batch(images, indices);
        right += accuracy_of(net(batch.images), batch.labels) * static_cast<double>(indices.size());
        if (!go_on()) right = -1;
    }
    net.train(was_training);
    return right < 0 ? -1 : right / static_cast<double>(images.count());
}

MakeTraining fashion_training(const DemoSetup& setup, FashionTraining::Parts (*build)()) {
    auto data = std::make_shared<std::shared_ptr<const FashionMnist>>();
    return [setup, build, data](std::uint64_t seed) -> std::unique_ptr<session::Training> {
        if (!*data) *data = std::make_shared<const FashionMnist>(setup.data);
        manual_seed(seed);
        return std::make_unique<FashionTraining>(build(), *data, seed, setup.threads);
    };
}

} // namespace hs::app
