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

/// Eight steps of an optimizer on sum of [1, 2, -1] sin(t p) + p^2 from [1, -2, 0.5].
template <class Made, class Options>
std::vector<double> after_steps(const Options& options) {
    const Tensor p = tensor({1, -2, 0.5}, {.dtype = Dtype::float64, .requires_grad = true});
    Made optimizer({p}, options);
    for (int t = 1; t <= 8; ++t) {
        optimizer.zero_grad();
        (sin(p * t) * tensor({1, 2, -1}, float64) + p * p).sum().backward();
        optimizer.step();
    }
    return p.to_vector<double>();
}

template <class Made>
using OptionsOf = std::remove_cvref_t<decltype(std::declval<const Made&>().options())>;

/// What PyTorch 1.13 has after the same steps; of NAdam, whose product of momenta 1.13 takes one factor too far,
/// what 2.x's formula gives in plain numbers.
template <class Made>
void check(const OptionsOf<Made>& options, const std::vector<double>& expected) {
    const std::vector<double> p = after_steps<Made>(options);
    for (std::size_t i = 0; i < expected.size(); ++i)
        QVERIFY2(near(p[i], expected[i]), std::to_string(p[i]).c_str());
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

/// Every optimizer with what makes it keep the most, on `parameters`.
std::vector<std::unique_ptr<optim::Optimizer>> all_optimizers(const std::function<Tensor()>& parameter) {
    std::vector<std::unique_ptr<optim::Optimizer>> all;
    const auto add = [&]<class Made, class Options>(std::type_identity<Made>, const Options& options) {
        all.push_back(std::make_unique<Made>(std::vector{parameter()}, options));
    };
    add(std::type_identity<optim::Sgd>(), optim::SgdOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true});
    add(std::type_identity<optim::Adam>(), optim::AdamOptions{.lr = 0.1, .amsgrad = true});
    add(std::type_identity<optim::AdamW>(), optim::AdamWOptions{.lr = 0.1});
    add(std::type_identity<optim::RMSprop>(), optim::RMSpropOptions{.lr = 0.1, .momentum = 0.5, .centered = true});
    add(std::type_identity<optim::Adagrad>(), optim::AdagradOptions{.lr = 0.1, .lr_decay = 0.1});
    add(std::type_identity<optim::Adadelta>(), optim::AdadeltaOptions{});
    add(std::type_identity<optim::NAdam>(), optim::NAdamOptions{.lr = 0.1});
    add(std::type_identity<optim::RAdam>(), optim::RAdamOptions{.lr = 0.1});
    return all;
}

void take_steps(optim::Optimizer& optimizer, int from, int to) {
    const Tensor& p = optimizer.parameters().front();
    for (int t = from; t < to; ++t) {
        optimizer.zero_grad();
        (sin(p * t) * tensor({1, 2, -1}, float64) + p * p).sum().backward();
        optimizer.step();
    }
}

} // namespace

/// Optimizers, schedulers, gradient clipping, initial values.
class TestOptim : public QObject {
    Q_OBJECT

  private slots:
    void optimizers_reach_what_pytorch_reaches() {
        check<optim::AdamW>({.lr = 0.1, .weight_decay = 0.01},
                            {0.6963992699673183, -1.4191713852048153, 0.11108034882582887});
        check<optim::AdamW>({.lr = 0.1, .weight_decay = 0.1, .amsgrad = true},
                            {0.678831982423338, -1.2840511006876316, 0.10899344056850982});
        check<optim::AdamW>({.lr = 0.1, .weight_decay = 0.01, .maximize = true},
                            {1.5761935335437254, -2.5995772862973303, 1.0248276108630447});
        check<optim::RMSprop>({.lr = 0.1}, {0.2731482426989533, 0.7832540904547189, -0.15800834666002378});
        check<optim::RMSprop>({.lr = 0.1, .weight_decay = 0.1, .momentum = 0.5, .centered = true},
                              {0.27878592020855114, 0.3584894746338245, 1.3467711424686575});
        check<optim::Adagrad>({.lr = 0.1}, {0.6707574585536499, -1.7366330807123735, 0.17552623617481422});
        check<optim::Adagrad>({.lr = 0.1, .lr_decay = 0.1, .weight_decay = 0.1, .initial_accumulator_value = 0.2},
                              {0.7511936786408779, -1.7588445995037583, 0.20217987743244592});
        check<optim::Adadelta>({}, {0.9811184357902787, -1.9820098905493222, 0.4469044470814356});
        check<optim::Adadelta>({.lr = 0.5, .rho = 0.8, .weight_decay = 0.1},
                               {0.9935081324127004, -1.993522078298916, 0.4842097497965303});
        check<optim::NAdam>({.lr = 0.1}, {0.5485012236997582, -1.6392972077572727, 0.27037854910087217});
        check<optim::NAdam>({.lr = 0.1, .weight_decay = 0.1, .momentum_decay = 0.01},
                            {0.5462325079100189, -1.6263143768892059, 0.27113516848315855});
        check<optim::RAdam>({.lr = 0.1}, {0.041171486829341956, 0.15028391109783026, 0.25840386522555486});
        check<optim::RAdam>({.lr = 0.1, .weight_decay = 0.1},
                            {-0.05922375392914466, 0.13769956573583123, 0.25724796743818834});
    }
    void weight_decay_of_the_parameter_itself() {
        // Without a gradient there is nothing but the decay: p (1 - lr weight_decay).
        const auto after_a_step = [](auto&& optimizer, const Tensor& p) {
            p.mutable_grad() = zeros({1}, float64);
            optimizer.step();
            return p.item<double>();
        };
        const auto one = [] { return ones({1}, float64).set_requires_grad(); };
        const Tensor a = one(), b = one(), c = one();
        QVERIFY(near(after_a_step(optim::AdamW({a}, {.lr = 0.1, .weight_decay = 0.5}), a), 0.95));
        QVERIFY(
            near(after_a_step(optim::NAdam({b}, {.lr = 0.1, .weight_decay = 0.5, .decoupled_weight_decay = true}), b),
                 0.95));
        QVERIFY(
            near(after_a_step(optim::RAdam({c}, {.lr = 0.1, .weight_decay = 0.5, .decoupled_weight_decay = true}), c),
                 0.95));
    }
    void maximize_turns_the_gradient_round() {
        const auto first = [](auto&& optimizer, const Tensor& p) {
            p.mutable_grad() = ones({1}, float64);
            optimizer.step();
            return p.item<double>();
        };
        const auto zero = [] { return zeros({1}, float64).set_requires_grad(); };
        const Tensor a = zero(), b = zero(), c = zero(), d = zero();
        QVERIFY(first(optim::RMSprop({a}, {.maximize = true}), a) > 0);
        QVERIFY(first(optim::Adagrad({b}, {.maximize = true}), b) > 0);
        QVERIFY(first(optim::Adadelta({c}, {.maximize = true}), c) > 0);
        QVERIFY(first(optim::NAdam({d}, {.maximize = true}), d) > 0);
    }
    void bad_options() {
        const Tensor p = zeros({1}).set_requires_grad();
        const auto text = [](auto body) { return thrown<ValueError>(body); };
        QCOMPARE(text([&] { optim::AdamW({p}, {.beta1 = 1}); }), std::string("Invalid beta parameter at index 0: 1.0"));
        QCOMPARE(text([&] { optim::RAdam({p}, {.beta2 = -0.5}); }),
                 std::string("Invalid beta parameter at index 1: -0.5"));
        QCOMPARE(text([&] { optim::RMSprop({p}, {.alpha = -1}); }), std::string("Invalid alpha value: -1.0"));
        QCOMPARE(text([&] { optim::RMSprop({p}, {.eps = -1}); }), std::string("Invalid epsilon value: -1.0"));
        QCOMPARE(text([&] { optim::Adagrad({p}, {.lr_decay = -1}); }), std::string("Invalid lr_decay value: -1.0"));
        QCOMPARE(text([&] { optim::Adadelta({p}, {.rho = 1.5}); }), std::string("Invalid rho value: 1.5"));
        QCOMPARE(text([&] { optim::NAdam({p}, {.momentum_decay = -1}); }),
                 std::string("Invalid momentum_decay value: -1.0"));
        QCOMPARE(text([&] { optim::NAdam({p}, {.weight_decay = -1}); }),
                 std::string("Invalid weight_decay value: -1.0"));
    }

    void groups_have_options_of_their_own() {
        const Tensor a = with_gradient({1}), b = with_gradient({1}), c = with_gradient({1});
        optim::Sgd sgd(std::vector<optim::Sgd::Group>{{{a}, {.lr = 0.5}}, {{b}, {.lr = 0.25, .weight_decay = 1}}});
        sgd.add_param_group({{c}, {.lr = 0.125}});
        sgd.step();
        QCOMPARE(a.item<double>(), -0.5);
        QCOMPARE(b.item<double>(), -0.25);
        QCOMPARE(c.item<double>(), -0.125);
        QCOMPARE(sgd.group_count(), std::size_t{3});
        QCOMPARE(sgd.learning_rate(2), 0.125);
        sgd.set_learning_rate(1, 1);
        QCOMPARE(sgd.learning_rate(), 0.5);
        QCOMPARE(sgd.learning_rate(1), 1.0);
        sgd.set_learning_rate(2);
        QCOMPARE(sgd.learning_rate(0) + sgd.learning_rate(1) + sgd.learning_rate(2), 6.0);
        sgd.zero_grad();
        QVERIFY(!c.grad().defined());
    }

    void a_group_that_is_refused_is_not_there() {
        const Tensor a = with_gradient({1}), b = with_gradient({1});
        optim::Sgd sgd({a});
        const std::string twice = "some parameters appear in more than one parameter group";
        QCOMPARE(thrown<ValueError>([&] { sgd.add_param_group({{b, a}, {}}); }), twice);
        QCOMPARE(thrown<ValueError>([&] {
                     sgd.add_param_group({{b}, {.lr = -1}});
                 }),
                 std::string("Invalid learning rate: -1.0"));
        QCOMPARE(sgd.group_count(), std::size_t{1});
        QCOMPARE(sgd.parameters().size(), std::size_t{1});
        QCOMPARE(thrown<ValueError>([] { optim::Adam(std::vector<optim::Adam::Group>()); }),
                 std::string("optimizer got an empty parameter list"));
    }

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

    void printed_as_pytorch_prints_them() {
        const Tensor a = with_gradient({1}), b = with_gradient({1});
        const optim::Sgd sgd({a}, {.lr = 0.1, .momentum = 0.9});
        QCOMPARE(sgd.to_string(), std::string("SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n"
                                              "    foreach: None\n    fused: None\n    lr: 0.1\n    maximize: False\n"
                                              "    momentum: 0.9\n    nesterov: False\n    weight_decay: 0\n)"));
        const optim::Adam adam(std::vector<optim::Adam::Group>{{{a}, {}}, {{b}, {.lr = 1, .amsgrad = true}}});
        const std::string head = "    betas: (0.9, 0.999)\n    capturable: False\n    decoupled_weight_decay: False\n"
                                 "    differentiable: False\n"
                                 "    eps: 1e-08\n    foreach: None\n    fused: None\n";
        QCOMPARE(
            adam.to_string(),
            "Adam (\nParameter Group 0\n    amsgrad: False\n" + head +
                "    lr: 0.001\n    maximize: False\n    weight_decay: 0\n\nParameter Group 1\n    amsgrad: True\n" +
                head + "    lr: 1.0\n    maximize: False\n    weight_decay: 0\n)");
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

    void adamw_decays_without_being_told() {
        const Tensor a = with_gradient({0});
        nn::init::ones_(a);
        optim::AdamW({a}, {.lr = 0.5}).step();
        QVERIFY(near(a.item<double>(), 0.995));
    }

    void training_goes_on_from_a_state_dict() {
        const auto fresh = [] { return tensor({1, -2, 0.5}, {.dtype = Dtype::float64, .requires_grad = true}); };
        const auto through = all_optimizers(fresh), until = all_optimizers(fresh);
        for (std::size_t i = 0; i < through.size(); ++i) {
            take_steps(*through[i], 1, 7);
            take_steps(*until[i], 1, 4);
            const optim::OptimizerState state = until[i]->state_dict();
            const Tensor p = until[i]->parameters().front().detach().clone().set_requires_grad();
            const auto after = all_optimizers([&] { return p; });
            take_steps(*until[i], 4, 5); // what was saved stays as it was
            after[i]->set_learning_rate(9);
            after[i]->load_state_dict(state);
            take_steps(*after[i], 4, 7);
            QVERIFY2(p.to_vector<double>() == through[i]->parameters().front().to_vector<double>(),
                     through[i]->type_name().c_str());
        }
    }

    void state_is_cast_to_the_parameter() {
        const Tensor a = with_gradient({1, 2}), b = zeros({2}).set_requires_grad();
        optim::Adam from({a}), to({b});
        QVERIFY(from.state_dict().state.empty());
        from.step();
        const optim::OptimizerState state = from.state_dict();
        QCOMPARE(state.state.at(0).at("step").dtype(), Dtype::float32);
        QCOMPARE(state.state.at(0).at("step").item<double>(), 1.0);
        QVERIFY(!state.state.at(0).contains("max_exp_avg_sq"));
        to.load_state_dict(state);
        QCOMPARE(to.state_dict().state.at(0).at("exp_avg").dtype(), Dtype::float32);
        QCOMPARE(to.state_dict().state.at(0).at("exp_avg").to_vector<float>(), (std::vector<float>{0.1F, 0.2F}));
    }

    void state_dicts_that_do_not_fit() {
        const Tensor a = with_gradient({1, 2}), b = with_gradient({1, 2});
        optim::Adam adam({a}, {.lr = 0.25});
        adam.step();
        const optim::OptimizerState good = adam.state_dict();
        const auto text = [&](const std::function<void(optim::OptimizerState&)>& spoil) {
            optim::OptimizerState state = good;
            state.param_groups.front().options["lr"] = 0.5;
            spoil(state);
            return thrown<ValueError>([&] { adam.load_state_dict(state); });
        };
        QCOMPARE(text([](auto& state) { state.param_groups.emplace_back(); }),
                 std::string("loaded state dict has a different number of parameter groups"));
        QCOMPARE(text([](auto& state) { state.param_groups.front().params.push_back(1); }),
                 std::string("loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                             "group"));
        QCOMPARE(text([](auto& state) { state.state[0]["exp_avg"] = zeros({3}); }),
                 std::string("loaded state dict has 'exp_avg' of shape [3] for a parameter of shape [2]"));
        QCOMPARE(text([](auto& state) { state.state[0]["step"] = zeros({3}); }),
                 std::string("loaded state dict has 'step' of shape [3] for a parameter of shape [2]"));
        QCOMPARE(text([](auto& state) { state.state[0]["step"] = full({}, -1); }),
                 std::string("loaded state dict has a 'step' that is out of range"));
        QCOMPARE(text([](auto& state) { state.param_groups.front().options["betas"] = true; }),
                 std::string("loaded state dict has no fitting value for the option 'betas'"));
        QCOMPARE(text([](auto& state) { state.param_groups.front().options["eps"] = -1.0; }),
                 std::string("Invalid epsilon value: -1.0"));
        QCOMPARE(adam.learning_rate(), 0.25);
        QVERIFY(adam.state_dict().state.at(0).at("exp_avg").to_vector<double>() ==
                good.state.at(0).at("exp_avg").to_vector<double>());
        // What is missing begins anew, and what is unknown is left alone.
        optim::OptimizerState partial = good;
        partial.state[0].erase("exp_avg_sq");
        partial.state[0]["else"] = zeros({7});
        partial.state[9]["step"] = full({}, 1);
        adam.load_state_dict(partial);
        adam.step();
        QCOMPARE(adam.state_dict().state.at(0).at("step").item<double>(), 2.0);
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

    void clipping_by_norm() {
        const Tensor a = with_gradient({3, 0}), b = with_gradient({4}), none = zeros({1}).set_requires_grad();
        QVERIFY(near(nn::clip_grad_norm_({a, none, b}, 1).item<double>(), 5));
        QVERIFY(std::abs(a.grad().to_vector<double>()[0] - 0.6) < 1e-6);
        QVERIFY(std::abs(b.grad().item<double>() - 0.8) < 1e-6);
        const Tensor c = with_gradient({3, -4});
        QVERIFY(near(nn::clip_grad_norm_({c}, 10, std::numeric_limits<double>::infinity()).item<double>(), 4));
        QCOMPARE(c.grad().to_vector<double>(), (std::vector<double>{3, -4})); // within the bound: not touched
        QVERIFY(near(nn::clip_grad_norm_({c}, 10, 1).item<double>(), 7));
        QCOMPARE(nn::clip_grad_norm_({none}, 1).item<double>(), 0.0);
        const Tensor bad = with_gradient({std::numeric_limits<double>::quiet_NaN()});
        QCOMPARE(thrown<Error>([&] { nn::clip_grad_norm_({bad}, 1, 2, true); }),
                 std::string("The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot "
                             "be clipped. To disable this error and scale the gradients by the non-finite norm anyway, "
                             "set `error_if_nonfinite=False`"));
    }
    void clipping_by_value() {
        const Tensor a = with_gradient({3, -0.5, -4});
        const Tensor same = a.grad();
        nn::clip_grad_value_({a}, 1);
        QCOMPARE(a.grad().to_vector<double>(), (std::vector<double>{1, -0.5, -1}));
        QVERIFY(same.is_same(a.grad()));
    }

    void gains() {
        QCOMPARE(nn::init::calculate_gain("conv2d"), 1.0);
        QCOMPARE(nn::init::calculate_gain("tanh"), 5.0 / 3);
        QVERIFY(near(nn::init::calculate_gain("leaky_relu", 0.2), std::sqrt(2 / 1.04)));
        QCOMPARE(thrown<ValueError>([] { nn::init::calculate_gain("foo"); }),
                 std::string("Unsupported nonlinearity foo"));
    }
    void spread_of_initial_values() {
        Generator generator(1);
        const Tensor w = zeros({50, 40, 5}, float64); // fan_in 200, fan_out 250
        const auto deviation = [&] { return std_deviation(w).item<double>(); };
        nn::init::kaiming_normal_(w, {.mode = "fan_out", .nonlinearity = "relu"}, generator);
        QVERIFY(std::abs(deviation() / std::sqrt(2.0 / 250) - 1) < 0.03);
        nn::init::kaiming_uniform_(w, {.a = 1}, generator);
        QVERIFY(std::abs(max(abs(w)).item<double>() / std::sqrt(3.0 / 200) - 1) < 0.01);
        nn::init::xavier_normal_(w, 2, generator);
        QVERIFY(std::abs(deviation() / (2 * std::sqrt(2.0 / 450)) - 1) < 0.03);
        nn::init::trunc_normal_(w, 1, 2, 0, 4, generator);
        QVERIFY(min(w).item<double>() >= 0 && max(w).item<double>() <= 4);
        // Of a normal distribution cut at -0.5 and 1.5 deviations: mean + std (f(-0.5) - f(1.5)) / mass.
        QVERIFY(std::abs(w.mean().item<double>() - (1 + 2 * (0.3520653 - 0.1295176) / 0.6246553)) < 0.03);
        QCOMPARE(thrown<ValueError>([&] { nn::init::kaiming_uniform_(w, {.mode = "x"}); }),
                 std::string("Mode x not supported, please use one of ['fan_in', 'fan_out']"));
    }
    void orthogonal_rows_or_columns() {
        Generator generator(2);
        const Tensor wide = zeros({3, 2, 4}, float64), tall = zeros({6, 3}, float64);
        nn::init::orthogonal_(wide, 2, generator);
        nn::init::orthogonal_(tall, 1, generator);
        const Tensor rows = reshape(wide, {3, 8});
        QVERIFY(max(abs(matmul(rows, rows.t()) - eye(3, float64) * 4.0)).item<double>() < 1e-12);
        QVERIFY(max(abs(matmul(tall.t(), tall) - eye(3, float64))).item<double>() < 1e-12);
        QCOMPARE(thrown<ValueError>([] { nn::init::orthogonal_(zeros({2})); }),
                 std::string("Only tensors with 2 or more dimensions are supported"));
    }
    void sparsity_beyond_the_column() {
        const Tensor all = ones({4, 4});
        nn::init::sparse_(all, 1.5);
        QCOMPARE(all.to_vector<double>(), std::vector<double>(16, 0));
        QCOMPARE(thrown<ValueError>([&] { nn::init::sparse_(all, std::nan("")); }),
                 std::string("cannot convert float NaN to integer"));
        const Tensor empty_kernel = ones({2, 2, 0});
        nn::init::dirac_(empty_kernel);
        QCOMPARE(empty_kernel.numel(), 0);
    }

    void plain_initial_values() {
        const Tensor w = zeros({2, 3});
        nn::init::eye_(w);
        QCOMPARE(w.to_vector<double>(), (std::vector<double>{1, 0, 0, 0, 1, 0}));
        nn::init::ones_(w);
        QCOMPARE(w.sum().item<double>(), 6.0);
        nn::init::zeros_(w);
        QCOMPARE(w.sum().item<double>(), 0.0);
        const Tensor kernel = zeros({4, 2, 3});
        nn::init::dirac_(kernel, 2);
        nn::Conv1d conv(4, 4, {.kernel_size = 3, .padding = 1, .groups = 2, .bias = false});
        conv.weight.detach().copy_(kernel);
        Generator generator(3);
        const Tensor x = rand({1, 4, 5}, generator);
        QCOMPARE(conv(x).to_vector<double>(), x.to_vector<double>()); // the identity
        QCOMPARE(thrown<ValueError>([&] { nn::init::dirac_(kernel, 3); }),
                 std::string("dim 0 must be divisible by groups"));
        const Tensor sparse = zeros({10, 4});
        nn::init::sparse_(sparse, 0.35, 1, generator);
        const std::vector<double> zeros_a_column = to(eq(sparse, 0), Dtype::float32).sum().to_vector<double>();
        QCOMPARE(zeros_a_column[0], 16.0); // ceil(3.5) in each of four
    }
};

QTEST_APPLESS_MAIN(TestOptim)
#include "tst_optim.moc"
