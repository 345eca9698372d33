#include "engine/gallery/catalogue.h"
#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/flatten.h"
#include "engine/nn/init.h"
#include "engine/nn/linear.h"
#include "engine/ops/functional.h"
#include "engine/optim/adam.h"
#include "engine/optim/adaptive.h"
#include "engine/optim/sgd.h"
#include "engine/session/past.h"
#include "engine/session/session.h"
#include "engine/session/training.h"
#include "tests/engine/sanitized.h"
#include "tests/session/compare_traces.h"

#include <QtTest>

#include <random>

using namespace hs;
using namespace hs::session;

namespace {

constexpr std::size_t plenty = std::size_t{3} << 29;

/// Learns to give zeros, from inputs that a generator of its own makes up.
class MadeUpTraining final : public Training {
  public:
    using Input = std::function<Tensor(Generator&)>;

    MadeUpTraining(std::shared_ptr<nn::Module> net, std::unique_ptr<optim::Optimizer> optimizer, Input input)
        : net_(std::move(net)), optimizer_(std::move(optimizer)), input_of_(std::move(input)), generator_(5) {}

    TrainingInfo info() const override { return {}; }
    nn::Module& model() override { return *net_; }
    optim::Optimizer& optimizer() override { return *optimizer_; }
    StepOutcome step() override {
        input_ = input_of_(generator_);
        optimizer_->zero_grad();
        const Tensor output = (*net_)(input_);
        const Tensor loss = mean(output * output);
        loss.backward();
        optimizer_->step();
        return {loss.item<double>(), 0};
    }
    double test_accuracy(const std::function<bool()>&) override { return -1; }
    Tensor last_input() const override { return input_; }
    Tensor last_target() const override { return {}; }
    std::any position() const override { return generator_; }
    void resume(const std::any& position) override { generator_ = std::any_cast<const Generator&>(position); }

  private:
    std::shared_ptr<nn::Module> net_;
    std::unique_ptr<optim::Optimizer> optimizer_;
    Input input_of_;
    Generator generator_;
    Tensor input_;
};

std::unique_ptr<Session> session_of(const std::function<std::unique_ptr<Training>()>& make, int threads = 2) {
    Session::Options options;
    options.threads = threads;
    auto session = std::make_unique<Session>(
        [make](std::uint64_t seed) {
            manual_seed(seed);
            return make();
        },
        options);
    session->past().set_budget(plenty);
    return session;
}

PastStep go_to(Session& session, std::int64_t step) {
    const std::uint64_t request = session.past().go_to(step);
    PastStep answer;
    const bool came = QTest::qWaitFor(
        [&] {
            answer = session.past().newest();
            return answer.request == request && answer.state != PastStep::State::working;
        },
        300'000);
    return came ? answer : PastStep();
}

/// Runs `count` steps with all their values, then goes back to each of them, the newest first, and on again. In a
/// sentence, what was not the same.
std::string runs_again(Session& session, int count) {
    std::vector<std::shared_ptr<const trace::Trace>> live;
    for (int i = 0; i < count; ++i) {
        session.step();
        if (!session.wait_until_stopped(300)) return "a step takes too long";
        if (session.status().state == session::State::failed) return session.status().message;
        live.push_back(session.trace());
    }
    std::vector<int> order;
    for (int i = count; i-- > 0;)
        order.push_back(i);
    if (count > 1) order.push_back(count - 1);
    for (const int step : order) {
        const PastStep again = go_to(session, step);
        const std::string place = "step " + std::to_string(step) + ": ";
        if (!again.trace) return place + again.message;
        int compared = 0;
        const std::string wrong = difference(*live[static_cast<std::size_t>(step)], *again.trace, compared);
        if (!wrong.empty()) return place + wrong;
        if (compared < 5) return place + "no bytes to compare";
        // Any moment of the one is that of the other.
        std::mt19937 random(static_cast<unsigned>(step));
        const auto& before = live[static_cast<std::size_t>(step)];
        const std::size_t position = random() % (before->events.size() + 1);
        const auto a = trace::at_moment(before, position);
        const auto b = trace::at_moment(again.trace, position);
        if (!same_moment(*a, *b)) return place + "moment " + std::to_string(position) + " is another one";
    }
    return {};
}

/// Above this a step takes seconds, and one is enough.
constexpr std::int64_t many_parameters = 15'000'000;
constexpr std::int64_t many_where_threads_are_watched = 1'000'000;
#ifdef __SANITIZE_ADDRESS__
constexpr bool memory_is_watched = true;
#else
constexpr bool memory_is_watched = false;
#endif

} // namespace

class TestReplay : public QObject {
    Q_OBJECT

  private slots:
    void gallery_data() {
        QTest::addColumn<int>("i");
        for (std::size_t i = 0; i < gallery::models().size(); ++i) {
            // Of this family, whose members have more than a hundred million weights and the same layers, one.
            const std::string& name = gallery::models()[i].name;
            if (name.starts_with("vgg") && name != "vgg11_bn") continue;
            QTest::newRow(gallery::models()[i].name.c_str()) << static_cast<int>(i);
        }
    }
    void gallery() {
        QFETCH(int, i);
        const gallery::Model& model = gallery::models()[static_cast<std::size_t>(i)];
        const bool large = model.parameter_count > many_parameters;
        const bool slow = test::threads_are_watched && model.parameter_count > many_where_threads_are_watched;
        if (slow || (large && memory_is_watched)) QSKIP("Too slow under a sanitizer");
        const auto session = session_of([&model, large] {
            std::shared_ptr<nn::Module> net;
            if (large) {
                // Weights that nobody drew: hundreds of millions of numbers would take most of the time.
                const nn::init::Skip scope;
                net = model.make(default_generator());
                for (const Tensor& parameter : net->parameters()) {
                    auto* values = parameter.mutable_data<float>();
                    for (std::int64_t k = 0; k < parameter.numel(); ++k)
                        values[k] = static_cast<float>(k * 7919 % 1009 - 504) * 2e-5f;
                }
            } else {
                net = model.make(default_generator());
            }
            const auto parameters = net->parameters();
            auto sgd =
                std::make_unique<optim::Sgd>(parameters, optim::SgdOptions{.lr = 1e-3, .momentum = large ? 0.0 : 0.9});
            return std::make_unique<MadeUpTraining>(net, std::move(sgd), [&model](Generator& generator) {
                return gallery::example_input(model, generator);
            });
        });
        const std::string wrong = runs_again(*session, large ? 1 : 3);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void optimizers_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad"})
            QTest::newRow(name) << QString(name);
    }
    /// With dropout, which draws from the default generator, and batch norm, which keeps buffers.
    void optimizers() {
        QFETCH(QString, name);
        const auto optimizer_for = [name](const std::vector<Tensor>& all) -> std::unique_ptr<optim::Optimizer> {
            if (name == "sgd") return std::make_unique<optim::Sgd>(all, optim::SgdOptions{.lr = 0.01});
            if (name == "momentum")
                return std::make_unique<optim::Sgd>(all, optim::SgdOptions{.lr = 0.01, .momentum = 0.9});
            if (name == "adam") return std::make_unique<optim::Adam>(all, optim::AdamOptions{.lr = 0.01});
            if (name == "adamw") return std::make_unique<optim::AdamW>(all);
            if (name == "rmsprop") return std::make_unique<optim::RMSprop>(all);
            return std::make_unique<optim::Adagrad>(all);
        };
        for (const int threads : {1, 2}) {
            const auto session = session_of(
                [optimizer_for] {
                    auto net = std::make_shared<nn::Sequential>(
                        nn::Conv2d(3, 16, {.kernel_size = 3, .padding = 1}), nn::BatchNorm2d(16), nn::ReLU(),
                        nn::Dropout(0.4), nn::Conv2d(16, 8, {.kernel_size = 3, .stride = 2}), nn::Flatten(),
                        nn::Linear(8 * 5 * 5, 7), nn::Dropout(0.1));
                    auto optimizer = optimizer_for(net->parameters());
                    return std::make_unique<MadeUpTraining>(net, std::move(optimizer), [](Generator& generator) {
                        return randn({4, 3, 12, 12}, generator);
                    });
                },
                threads);
            const std::string wrong = runs_again(*session, 6);
            QVERIFY2(wrong.empty(), wrong.c_str());
        }
    }

    /// Gradients that are left from the step before belong to what a step starts from.
    void gradients_that_gather() {
        struct Gathering final : Training {
            nn::Linear net{4, 3};
            optim::Sgd sgd{net.parameters(), {.lr = 0.1}};
            int steps = 0;

            TrainingInfo info() const override { return {}; }
            nn::Module& model() override { return net; }
            optim::Optimizer& optimizer() override { return sgd; }
            StepOutcome step() override {
                if (steps++ % 4 == 0) sgd.zero_grad(steps > 1);
                const Tensor loss = mean(net(randn({2, 4}, default_generator())));
                loss.backward();
                if (steps == 3) net.weight.set_requires_grad(false);
                if (steps == 6) net.weight.set_requires_grad(true);
                net.train(steps % 2 == 0);
                sgd.step();
                return {loss.item<double>(), 0};
            }
            double test_accuracy(const std::function<bool()>&) override { return -1; }
            Tensor last_input() const override { return {}; }
            Tensor last_target() const override { return {}; }
            std::any position() const override { return steps; }
            void resume(const std::any& position) override { steps = std::any_cast<int>(position); }
        };
        const auto session = session_of([] { return std::make_unique<Gathering>(); });
        const std::string wrong = runs_again(*session, 9);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
