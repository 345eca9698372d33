#include "engine/graph/grad_mode.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "tests/rules/small_modules.h"

#include <cmath>

using namespace hs;
using namespace hs::test;

namespace {

Tensor leaf(double value, Dtype dtype = Dtype::float64) {
    return full({1}, value, {.dtype = dtype}).set_requires_grad();
}

void set_gradient(const Tensor& parameter, double value) {
    parameter.mutable_grad() = full({1}, value, parameter.options());
}

bool near(double a, double b) {
    return std::abs(a - b) < 1e-12;
}

} // namespace

/// Rules 123 to 127, and the hooks of optimizers.
///
/// Only in Python: a bare tensor, or other things than tensors, instead of a list of parameters (123).
class TestRulesOOptimizers : public QObject {
    Q_OBJECT

  private slots:
    void rule_123_constructors() {
        const auto value_error = [](const auto& body) { return thrown<ValueError>(body); };
        const Tensor x = leaf(1);
        QCOMPARE(value_error([] { optim::Sgd({}, {}); }), std::string("optimizer got an empty parameter list"));
        QCOMPARE(value_error([&] { optim::Sgd({x * 2.0}, {}); }), std::string("can't optimize a non-leaf Tensor"));
        const Tensor retained = x * 2.0;
        retained.retain_grad();
        QCOMPARE(optim::Sgd({retained}, {}).parameters().size(), std::size_t{1});
        QCOMPARE(value_error([&] {
                     optim::Sgd(std::vector<optim::Sgd::Group>{{{x}, {}}, {{x}, {}}});
                 }),
                 std::string("some parameters appear in more than one parameter group"));
        QCOMPARE(value_error([&] { optim::Sgd({x}, {.lr = -0.5}); }), std::string("Invalid learning rate: -0.5"));
        QCOMPARE(optim::Sgd({x}).learning_rate(), 1e-3);
    }
    void rule_123_a_parameter_twice_in_a_group() {
        const Tensor x = leaf(1);
        const Warnings warnings;
        optim::Sgd sgd({x, x}, {.lr = 1, .momentum = 0.9});
        QCOMPARE(warnings.texts,
                 (Names{"optimizer contains a parameter group with duplicate parameters; in future, this will cause "
                        "an error; see github.com/pytorch/pytorch/issues/40967 for more information"}));
        set_gradient(x, 1);
        sgd.step(); // 1 - 1 - 1.9: the second time goes on from the buffer of the first
        QVERIFY(near(x.item<double>(), -1.9));
    }
    void rule_123_parameters_without_gradient_are_skipped() {
        const Tensor x = leaf(1), y = leaf(1);
        optim::Sgd sgd({x, y}, {.lr = 1, .weight_decay = 0.5});
        set_gradient(y, 0);
        sgd.step();
        QCOMPARE(x.item<double>(), 1.0);
        QCOMPARE(y.item<double>(), 0.5);
    }
    void rule_124_sgd() {
        for (const bool maximize : {false, true}) {
            for (const bool nesterov : {false, true}) {
                const double dampening = nesterov ? 0 : 0.25;
                const Tensor x = leaf(1);
                optim::Sgd sgd({x}, {.lr = 0.1,
                                     .momentum = 0.5,
                                     .dampening = dampening,
                                     .weight_decay = 0.1,
                                     .nesterov = nesterov,
                                     .maximize = maximize});
                double p = 1, buffer = 0;
                for (int t = 0; t < 3; ++t) {
                    set_gradient(x, 3.0 - t);
                    sgd.step();
                    const double g = (maximize ? t - 3.0 : 3.0 - t) + 0.1 * p;
                    buffer = t == 0 ? g : 0.5 * buffer + (1 - dampening) * g;
                    p -= 0.1 * (nesterov ? g + 0.5 * buffer : buffer);
                    QVERIFY(near(x.item<double>(), p));
                }
            }
        }
    }
    void rule_125_adam() {
        for (const bool amsgrad : {false, true}) {
            const Tensor x = leaf(1);
            optim::Adam adam({x}, {.lr = 0.1, .weight_decay = 0.1, .amsgrad = amsgrad});
            double p = 1, m = 0, v = 0, greatest = 0;
            for (int t = 1; t <= 3; ++t) {
                set_gradient(x, 3.0 / t);
                adam.step();
                const double g = 3.0 / t + 0.1 * p;
                m += 0.1 * (g - m);
                v = 0.999 * v + 0.001 * g * g;
                greatest = std::max(greatest, v);
                const double root = std::sqrt(amsgrad ? greatest : v) / std::sqrt(1 - std::pow(0.999, t));
                p -= 0.1 / (1 - std::pow(0.9, t)) * m / (root + 1e-8);
                QVERIFY(near(x.item<double>(), p));
            }
            const Tensor step = adam.state_dict().state.at(0).at("step");
            QCOMPARE(step.dtype(), Dtype::float32);
            QVERIFY(step.shape().empty());
            QCOMPARE(step.item<double>(), 3.0);
        }
    }
    void rule_126_state_dict() {
        const Tensor a = leaf(1), b = leaf(2), c = leaf(3);
        optim::Adam adam(std::vector<optim::Adam::Group>{{{a, b}, {}}, {{c}, {.lr = 0.5}}});
        QVERIFY(adam.state_dict().state.empty());
        set_gradient(a, 1);
        set_gradient(c, 1);
        adam.step();
        const optim::OptimizerState state = adam.state_dict();
        QCOMPARE(state.param_groups[0].params, (std::vector<std::size_t>{0, 1}));
        QCOMPARE(state.param_groups[1].params, (std::vector<std::size_t>{2}));
        QCOMPARE(std::get<double>(state.param_groups[1].options.at("lr")), 0.5);
        QCOMPARE(state.state.size(), std::size_t{2});
        QVERIFY(state.state.contains(0) && state.state.contains(2));
    }
    void rule_126_loading() {
        const Tensor x = leaf(1), y = leaf(1, Dtype::float32), z = leaf(1);
        optim::Adam from({x}, {.lr = 0.5}), to({y});
        set_gradient(x, 1);
        from.step();
        to.load_state_dict(from.state_dict());
        const auto loaded = to.state_dict().state.at(0);
        QCOMPARE(loaded.at("exp_avg").dtype(), Dtype::float32); // the parameter's
        QCOMPARE(loaded.at("exp_avg").item<float>(), 0.1F);
        QCOMPARE(loaded.at("step").dtype(), Dtype::float32);
        QCOMPARE(to.learning_rate(), 0.5);
        set_gradient(x, 1);
        from.step(); // does not change what was loaded
        QCOMPARE(to.state_dict().state.at(0).at("exp_avg").item<float>(), 0.1F);
        optim::Adam groups(std::vector<optim::Adam::Group>{{{x}, {}}, {{z}, {}}}), more({x, z});
        QCOMPARE(thrown<ValueError>([&] { to.load_state_dict(groups.state_dict()); }),
                 std::string("loaded state dict has a different number of parameter groups"));
        QCOMPARE(thrown<ValueError>([&] { to.load_state_dict(more.state_dict()); }),
                 std::string("loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                             "group"));
    }
    void rule_127_printing() {
        const Tensor x = leaf(1);
        QCOMPARE(
            optim::Sgd({x}).to_string(),
            std::string("SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
                        "    fused: None\n    lr: 0.001\n    maximize: False\n    momentum: 0\n    nesterov: "
                        "False\n    weight_decay: 0\n)"));
        QCOMPARE(optim::AdamW({x}).to_string(),
                 std::string("AdamW (\nParameter Group 0\n    amsgrad: False\n    betas: (0.9, 0.999)\n    capturable: "
                             "False\n    decoupled_weight_decay: True\n    differentiable: False\n    eps: 1e-08\n    "
                             "foreach: None\n    fused: None\n    lr: 0.001\n    maximize: False\n    weight_decay: "
                             "0.01\n)"));
    }

    // Hooks of optimizers.
    void hooks_around_a_step() {
        const Tensor x = leaf(1);
        optim::Sgd sgd({x}, {.lr = 1});
        Names order;
        const auto note = [&](const char* name) {
            return
                [&order, name, x](optim::Optimizer&) { order.push_back(name + (" " + std::to_string(x.item<int>()))); };
        };
        sgd.register_step_pre_hook(note("pre"));
        sgd.register_step_post_hook(note("post"));
        const ScopedHook pre(optim::register_optimizer_step_pre_hook(note("global pre")));
        const ScopedHook post(optim::register_optimizer_step_post_hook(note("global post")));
        const NoGrad scope;
        const Tensor loss = sgd.step([&] {
            order.push_back(grad_enabled() ? "closure with gradients" : "closure");
            set_gradient(x, 3);
            return full({}, 4);
        });
        QCOMPARE(order, (Names{"global pre 1", "pre 1", "closure with gradients", "post -2", "global post -2"}));
        QCOMPARE(loss.item<int>(), 4);
        QVERIFY(!grad_enabled());
    }
    void hooks_around_the_state() {
        const Tensor x = leaf(1);
        optim::Sgd sgd({x}, {.lr = 1});
        Names order;
        const auto note = [&](const char* name) {
            return [&order, name](optim::Optimizer&, auto&...) { order.push_back(name); };
        };
        sgd.register_state_dict_pre_hook(note("save pre"));
        sgd.register_state_dict_post_hook(
            [](optim::Optimizer&, optim::OptimizerState& state) { state.param_groups[0].options["lr"] = 0.25; });
        sgd.register_state_dict_post_hook(note("save post"), true);
        sgd.register_load_state_dict_pre_hook(
            [](optim::Optimizer&, optim::OptimizerState& state) { state.param_groups[0].options["momentum"] = 0.5; });
        sgd.register_load_state_dict_pre_hook(note("load pre"), true);
        sgd.register_load_state_dict_post_hook(note("load post"));
        const optim::OptimizerState state = sgd.state_dict();
        QCOMPARE(sgd.learning_rate(), 1.0);
        sgd.load_state_dict(state);
        QCOMPARE(sgd.learning_rate(), 0.25);
        QCOMPARE(sgd.momentum().value(), 0.5);
        QCOMPARE(std::get<double>(state.param_groups[0].options.at("momentum")), 0.0);
        QCOMPARE(order, (Names{"save pre", "save post", "load pre", "load post"}));
    }
};

QTEST_APPLESS_MAIN(TestRulesOOptimizers)
#include "tst_rules_o_optimizers.moc"
