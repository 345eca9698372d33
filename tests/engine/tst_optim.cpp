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

/// Optimizers and gradient clipping.
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
};

QTEST_APPLESS_MAIN(TestOptim)
#include "tst_optim.moc"
