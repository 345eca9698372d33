#include "engine/hookscope.h"
#include "tests/engine/throws.h"

#include <cmath>
#include <limits>

using namespace hs;
using hs::test::thrown;

namespace {

constexpr TensorOptions float64{.dtype = Dtype::float64};

bool near(double a, double b) {
    return std::abs(a - b) <= 1e-10 * std::max(1.0, std::abs(b));
}

/// Whether the learning rates of twelve epochs are PyTorch 1.13's.
bool follows(const std::function<std::unique_ptr<optim::Scheduler>(optim::Optimizer&)>& make,
             const std::vector<double>& expected) {
    optim::Sgd sgd({zeros({1}).set_requires_grad()}, {.lr = 0.5, .momentum = 0.9});
    const std::unique_ptr<optim::Scheduler> scheduler = make(sgd);
    for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
        if (epoch > 0) scheduler->step();
        if (!near(sgd.learning_rate(), expected[epoch])) {
            qWarning("epoch %zu: %.17g, expected %.17g", epoch, sgd.learning_rate(), expected[epoch]);
            return false;
        }
    }
    return true;
}

Tensor with_gradient(std::initializer_list<double> gradient) {
    const Tensor parameter = zeros({static_cast<std::int64_t>(gradient.size())}, float64).set_requires_grad();
    parameter.mutable_grad() = tensor(gradient, float64);
    return parameter;
}

} // namespace

/// Schedulers of the learning rate.
class TestSchedulers : public QObject {
    Q_OBJECT

  private slots:
    void schedulers_move_every_group() {
        const Tensor a = with_gradient({1}), b = with_gradient({1});
        optim::Sgd sgd(std::vector<optim::Sgd::Group>{{{a}, {.lr = 1}}, {{b}, {.lr = 0.5}}});
        optim::LambdaLR scheduler(sgd, [](std::int64_t epoch) { return 1 / (1.0 + static_cast<double>(epoch)); });
        scheduler.step();
        QCOMPARE(sgd.learning_rate(0), 0.5);
        QCOMPARE(sgd.learning_rate(1), 0.25);
        optim::ReduceLROnPlateau plateau(sgd, {.factor = 0.5, .patience = 0});
        plateau.step(1);
        plateau.step(2);
        QCOMPARE(sgd.learning_rate(0), 0.25);
        QCOMPARE(sgd.learning_rate(1), 0.125);
    }

    void schedulers_share_the_initial_rate() {
        const Tensor a = with_gradient({1});
        optim::Sgd sgd({a}, {.lr = 0.1});
        const optim::ConstantLR warm_up(sgd, 0.5);
        QCOMPARE(sgd.learning_rate(), 0.05);
        const optim::LambdaLR same(sgd, [](std::int64_t) { return 1.0; });
        QCOMPARE(sgd.learning_rate(), 0.1);
        QVERIFY(sgd.to_string().find("\n    initial_lr: 0.1\n") != std::string::npos);
        optim::Sgd other({a});
        other.load_state_dict(sgd.state_dict());
        QCOMPARE(other.initial_learning_rate(0), 0.1);
    }

    void one_cycle_may_end_below_zero() {
        const Tensor a = with_gradient({1});
        optim::Sgd sgd({a}, {.momentum = 0.9});
        optim::OneCycleLR scheduler(sgd, {.max_lr = 1, .total_steps = 10, .linear = true});
        for (int i = 0; i < 10; ++i)
            scheduler.step();
        QVERIFY(std::abs(sgd.learning_rate() + 0.142852) < 1e-6); // PyTorch's too
    }

    void schedulers_follow_pytorch() {
        QVERIFY(follows([](optim::Optimizer& o) { return std::make_unique<optim::StepLR>(o, 3, 0.5); },
                        {0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625, 0.03125}));
        QVERIFY(follows(
            [](optim::Optimizer& o) {
                return std::make_unique<optim::MultiStepLR>(o, std::vector<std::int64_t>{2, 5, 5}, 0.1);
            },
            {0.5, 0.5, 0.05, 0.05, 0.05, 0.0005000000000000001, 0.0005000000000000001, 0.0005000000000000001,
             0.0005000000000000001, 0.0005000000000000001, 0.0005000000000000001, 0.0005000000000000001,
             0.0005000000000000001}));
        QVERIFY(follows([](optim::Optimizer& o) { return std::make_unique<optim::ExponentialLR>(o, 0.9); },
                        {0.5, 0.45, 0.405, 0.36450000000000005, 0.32805000000000006, 0.2952450000000001,
                         0.2657205000000001, 0.23914845000000007, 0.21523360500000008, 0.19371024450000007,
                         0.17433922005000008, 0.15690529804500009, 0.14121476824050008}));
        QVERIFY(follows([](optim::Optimizer& o) { return std::make_unique<optim::CosineAnnealingLR>(o, 5, 0.1); },
                        {0.5, 0.46180339887498956, 0.3618033988749896, 0.2381966011250106, 0.13819660112501056, 0.1,
                         0.13819660112501053, 0.23819660112501062, 0.3618033988749897, 0.4618033988749899,
                         0.5000000000000004, 0.46180339887499, 0.3618033988749898}));
        QVERIFY(follows(
            [](optim::Optimizer& o) {
                return std::make_unique<optim::LambdaLR>(
                    o, [](std::int64_t epoch) { return 1 / (1 + static_cast<double>(epoch)); });
            },
            {0.5, 0.25, 0.16666666666666666, 0.125, 0.1, 0.08333333333333333, 0.07142857142857142, 0.0625,
             0.05555555555555555, 0.05, 0.045454545454545456, 0.041666666666666664, 0.038461538461538464}));
        QVERIFY(follows([](optim::Optimizer& o) { return std::make_unique<optim::LinearLR>(o, 0.25, 1, 4); },
                        {0.125, 0.21875, 0.3125, 0.40625, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}));
        QVERIFY(follows([](optim::Optimizer& o) { return std::make_unique<optim::ConstantLR>(o, 0.5, 3); },
                        {0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}));
        QVERIFY(follows(
            [](optim::Optimizer& o) {
                return std::make_unique<optim::OneCycleLR>(o, optim::OneCycleOptions{.max_lr = 1, .total_steps = 14});
            },
            {0.040000000000000036, 0.253326288150591, 0.703688047535243, 0.9907769345935507, 0.9836474969297887,
             0.9190443762697106, 0.8117456539497631, 0.6726838364805451, 0.5160277246826726, 0.35773877573965707,
             0.21394481417223551, 0.0992967918932656, 0.025476024606159702}));
        QVERIFY(follows(
            [](optim::Optimizer& o) {
                return std::make_unique<optim::OneCycleLR>(
                    o,
                    optim::OneCycleOptions{
                        .max_lr = 1, .total_steps = 13, .linear = true, .cycle_momentum = false, .three_phase = true});
            },
            {0.04, 0.37103448275862067, 0.7020689655172414, 0.9668965517241379, 0.6358620689655172, 0.30482758620689654,
             0.038709806451612906, 0.03225883870967742, 0.025807870967741932, 0.01935690322580645, 0.012905935483870964,
             0.006454967741935477, 3.9999999999970615e-06}));
    }
    void one_cycle_moves_the_momentum() {
        const Tensor p = zeros({1}).set_requires_grad();
        const std::vector<double> expected{0.95,
                                           0.92777851165098,
                                           0.8808658283817454,
                                           0.8509607359798385,
                                           0.8516352568480485,
                                           0.858095594755408,
                                           0.8688255099070633,
                                           0.8827317472789346,
                                           0.8983974211214172,
                                           0.9142263793315516,
                                           0.9286058330061084,
                                           0.9400706810933978,
                                           0.9474527873505334};
        optim::Sgd sgd({p}, {.lr = 0.5, .momentum = 0.9});
        optim::OneCycleLR scheduler(sgd, {.max_lr = 1, .total_steps = 14});
        optim::Adam adam({p});
        const optim::OneCycleLR of_adam(adam, {.max_lr = 1, .total_steps = 14});
        QVERIFY(near(*adam.momentum(), 0.95) && near(adam.options().beta1, 0.95));
        for (std::size_t step = 0; step < expected.size(); ++step) {
            QVERIFY(near(*sgd.momentum(), expected[step]));
            scheduler.step();
        }
        scheduler.step();
        QCOMPARE(thrown<ValueError>([&] { scheduler.step(); }),
                 std::string("Tried to step 15 times. The specified number of total steps is 14"));
        optim::Adagrad adagrad({p});
        QCOMPARE(thrown<ValueError>([&] { optim::OneCycleLR(adagrad, {.max_lr = 1, .total_steps = 14}); }),
                 std::string("optimizer must support momentum or beta1 with `cycle_momentum` option enabled"));
    }
    void plateau() {
        const std::vector<double> metrics{3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1};
        const std::vector<double> expected{0.5,   0.5,   0.5,   0.5,    0.25,   0.25,  0.25,
                                           0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625};
        const Tensor p = zeros({1}).set_requires_grad();
        optim::Sgd sgd({p}, {.lr = 0.5});
        optim::ReduceLROnPlateau scheduler(sgd, {.factor = 0.5, .patience = 1, .cooldown = 1, .min_lr = 0.05});
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            scheduler.step(metrics[i]);
            QVERIFY(near(sgd.learning_rate(), expected[i + 1]));
        }
        optim::Sgd other({p}, {.lr = 1});
        optim::ReduceLROnPlateau upwards(
            other, {.maximize = true, .factor = 0.5, .patience = 0, .threshold = 0.5, .absolute_threshold = true});
        for (const double metric : {1.0, 1.6, 2.0})
            upwards.step(metric);
        QCOMPARE(other.learning_rate(), 0.5); // the last was no progress of 0.5
        QCOMPARE(thrown<ValueError>([&] { optim::ReduceLROnPlateau(sgd, {.factor = 1}); }),
                 std::string("Factor should be < 1.0."));
    }
    void a_rate_set_by_hand_goes_on() {
        const Tensor p = zeros({1}).set_requires_grad();
        optim::Sgd sgd({p}, {.lr = 1});
        optim::ExponentialLR scheduler(sgd, 0.5);
        sgd.set_learning_rate(8);
        scheduler.step();
        QCOMPARE(sgd.learning_rate(), 4.0);
        QCOMPARE(scheduler.last_epoch(), std::int64_t{1});
    }
};

QTEST_APPLESS_MAIN(TestSchedulers)
#include "tst_schedulers.moc"
