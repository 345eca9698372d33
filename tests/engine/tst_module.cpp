#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/container.h"
#include "engine/nn/flatten.h"
#include "engine/ops/functional.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "tests/engine/throws.h"

#include <cmath>

using namespace hs;
using hs::test::thrown;

namespace {

/// y = weight * x, with a buffer.
struct Scale : nn::Module {
    explicit Scale(double value = 2) : weight(register_parameter("weight", full({1}, value))) {
        register_buffer("seen", zeros({1}));
        register_buffer("scratch", zeros({1}), false);
    }
    Tensor forward(const Tensor& x) override { return x * weight; }
    Tensor& weight;
};

struct Net : nn::Module {
    Scale& first = add("first", Scale(2));
    nn::Sequential& rest = add("rest", nn::Sequential(Scale(3), Scale(4)));
    Tensor forward(const Tensor& x) override { return rest(first(x)); }
};

std::vector<std::string> names(const nn::NamedTensors& tensors) {
    std::vector<std::string> result;
    for (const auto& [name, tensor] : tensors)
        result.push_back(name);
    return result;
}

using Names = std::vector<std::string>;

} // namespace

/// Rules I to L and O of PyTorch's semantics.
class TestModule : public QObject {
    Q_OBJECT

  private slots:
    void traversal() { // rules 81, 82
        Net net;
        QCOMPARE(names(net.named_parameters()), (Names{"first.weight", "rest.0.weight", "rest.1.weight"}));
        QCOMPARE(names(net.named_buffers()).size(), std::size_t{6});
        Names modules, visited;
        for (const auto& [name, module] : net.named_modules())
            modules.push_back(name);
        QCOMPARE(modules, (Names{"", "first", "rest", "rest.0", "rest.1"}));
        net.apply([&](nn::Module& module) { visited.push_back(module.type_name()); });
        QCOMPARE(visited, (Names{"Scale", "Scale", "Scale", "Sequential", "Net"}));
        QCOMPARE(net.parameter_count(), std::int64_t{3});
        QVERIFY(&net.get_submodule("rest.1") == net.named_modules()[4].second);
        QCOMPARE(thrown<AttributeError>([&] { net.get_submodule("rest.zzz"); }),
                 std::string("Sequential has no attribute `zzz`"));
        QCOMPARE(thrown<AttributeError>([&] { net.get_submodule("first.weight"); }),
                 std::string("`weight` is not an nn.Module"));
    }
    void shared_parameters_are_listed_once() { // rule 81
        nn::Module module;
        const Tensor shared = ones({1});
        module.register_parameter("a", shared);
        module.register_parameter("b", shared);
        QCOMPARE(names(module.named_parameters()), (Names{"a"}));
        QCOMPARE(names(module.state_dict()), (Names{"a", "b"})); // rule 101
    }
    void bad_names() { // rules 73, 75, 76
        nn::Module module;
        QCOMPARE(thrown<KeyError>([&] { module.add("a.b", nn::Identity()); }),
                 std::string("module name can't contain \".\", got: a.b"));
        QCOMPARE(thrown<KeyError>([&] { module.register_parameter("", ones({1})); }),
                 std::string("parameter name can't be empty string \"\""));
        module.register_parameter("w", ones({1}));
        QCOMPARE(thrown<KeyError>([&] { module.register_buffer("w", ones({1})); }),
                 std::string("attribute 'w' already exists"));
        QVERIFY(thrown<ValueError>([&] {
                    module.register_parameter("p", module.parameters()[0] * 2.0);
                }).starts_with("Cannot assign non-leaf Tensor to parameter 'p'."));
    }
    void modes() { // rules 84, 85
        Net net;
        net.eval();
        QVERIFY(!net.first.is_training() && !net.rest.is_training());
        net.train();
        QVERIFY(net.rest.is_training());
        net.to(Dtype::float64);
        QCOMPARE(net.first.weight.dtype(), Dtype::float64);
        QCOMPARE(thrown<TypeError>([&] { net.to(Dtype::int64); }),
                 std::string("nn.Module.to only accepts floating point or complex dtypes, but got desired "
                             "dtype=torch.int64"));
        QCOMPARE(thrown<NotImplementedError>([] { nn::Module()(ones({1})); }),
                 std::string("Module [Module] is missing the required \"forward\" function"));
    }
    void zero_grad() { // rule 50
        Net net;
        net(ones({1})).sum().backward();
        const Tensor gradient = net.first.weight.grad();
        net.zero_grad(false);
        QVERIFY(gradient.is_same(net.first.weight.grad()));
        QCOMPARE(gradient.item<double>(), 0.0);
        net.zero_grad();
        QVERIFY(!net.first.weight.grad().defined());
    }
    void printing() { // rules 115, 116
        QCOMPARE(nn::Sequential().to_string(), std::string("Sequential()"));
        QCOMPARE(Net().to_string(),
                 std::string("Net(\n  (first): Scale()\n  (rest): Sequential(\n    (0): Scale()\n    "
                             "(1): Scale()\n  )\n)"));
        nn::ModuleList list;
        list.append(Scale());
        list.append(Scale());
        list.append(nn::Flatten());
        QCOMPARE(list.to_string(), std::string("ModuleList(\n  (0-1): 2 x Scale()\n  (2): Flatten(start_dim=1, "
                                               "end_dim=-1)\n)"));
    }

    void forward_hooks() { // rules 88, 89, 90
        Scale scale;
        Names order;
        const ScopedHook global(
            nn::global_module_hooks().forward_pre.add([&](nn::Module&, const Tensors&) -> nn::HookResult {
                order.push_back("global pre");
                return std::nullopt;
            }));
        scale.register_forward_pre_hook([&](nn::Module&, const Tensors& in) -> nn::HookResult {
            order.push_back("pre");
            return Tensors{in[0] + 1.0};
        });
        scale.register_forward_pre_hook([&](nn::Module&, const Tensors&) { order.push_back("first pre"); }, true);
        scale.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) -> nn::HookResult {
            order.push_back("forward " + std::to_string(in[0].item<int>()) + " " + std::to_string(out[0].item<int>()));
            return Tensors{out[0] * 10.0};
        });
        QCOMPARE(scale(tensor({4})).item<int>(), 100);
        QCOMPARE(order, (Names{"global pre", "first pre", "pre", "forward 5 10"}));
        QCOMPARE(scale.forward(tensor({4})).item<int>(), 8);
    }
    void backward_hooks() { // rules 92, 94, 97
        Net net;
        Names order;
        const auto text = [](const Tensor& g) { return g.defined() ? std::to_string(g.item<int>()) : "None"; };
        const Tensor x = tensor({1}, {.requires_grad = true});
        net.rest.register_full_backward_pre_hook([&](nn::Module&, const Tensors& out) -> nn::HookResult {
            order.push_back("rest pre " + text(out[0]));
            return Tensors{out[0] * 10.0};
        });
        net.rest.register_full_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) -> nn::HookResult {
            order.push_back("rest " + text(in[0]) + " " + text(out[0]));
            return Tensors{in[0] * 2.0};
        });
        net.first.register_full_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            order.push_back("first " + text(in[0]) + " " + text(out[0]));
        });
        net(x).sum().backward();
        QCOMPARE(order, (Names{"rest pre 1", "rest 120 10", "first 480 240"}));
        QCOMPARE(x.grad().item<int>(), 480);
        QCOMPARE(net.rest.parameters()[1].grad().item<int>(), 60);
    }
    void backward_hooks_without_input_gradient() { // rule 95
        Scale scale;
        Names order;
        scale.register_full_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            order.push_back(std::string(in[0].defined() ? "some" : "None") + " " + std::to_string(out[0].item<int>()));
        });
        scale(ones({1})).sum().backward();
        QCOMPARE(order, (Names{"None 1"}));
        Scale other;
        other.register_full_backward_hook(
            [](nn::Module&, const Tensors&, const Tensors&) -> nn::HookResult { return Tensors{ones({1})}; });
        QVERIFY(thrown<Error>([&] {
                    other(ones({1})).sum().backward();
                }).starts_with("Backward hook for Modules where no input requires gradient"));
    }
    void bad_backward_hooks() { // rule 97
        Scale scale;
        scale.register_full_backward_hook([](nn::Module&, const Tensors&, const Tensors&) -> nn::HookResult {
            return Tensors{ones({1}), ones({1})};
        });
        const Tensor x = tensor({1}, {.requires_grad = true});
        QCOMPARE(thrown<Error>([&] { scale(x).sum().backward(); }),
                 std::string("Backward hook returned an invalid number of grad_input, got 2, but expected 1"));
    }

    void state_dicts() { // rules 78, 101, 104, 105, 106, 109
        Net net, other;
        nn::NamedTensors state = net.state_dict();
        QCOMPARE(names(state),
                 (Names{"first.weight", "first.seen", "rest.0.weight", "rest.0.seen", "rest.1.weight", "rest.1.seen"}));
        state[0].second.fill_(7);
        QCOMPARE(net.first.weight.item<int>(), 7); // shares storage
        QCOMPARE(nn::to_string(other.load_state_dict(state)), std::string("<All keys matched successfully>"));
        QCOMPARE(other.first.weight.item<int>(), 7);
        state[0].first = "first.wait";
        state[2].second = ones({2});
        QCOMPARE(
            thrown<Error>([&] { other.load_state_dict(state); }),
            std::string("Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: \"first.weight\". "
                        "\n\tUnexpected key(s) in state_dict: \"first.wait\". \n\tsize mismatch for rest.0.weight: "
                        "copying a param with shape torch.Size([2]) from checkpoint, the shape in current model is "
                        "torch.Size([1])."));
    }

    void sgd_follows_its_formula() { // rule 124
        Scale scale(1);
        optim::Sgd sgd(scale.parameters(), {.lr = 0.1, .momentum = 0.5, .weight_decay = 0.1});
        double weight = 1, buffer = 0;
        for (int i = 0; i < 3; ++i) {
            sgd.zero_grad();
            scale(tensor({3})).sum().backward();
            sgd.step();
            const double gradient = 3 + 0.1 * weight;
            buffer = i == 0 ? gradient : 0.5 * buffer + gradient;
            weight -= 0.1 * buffer;
        }
        QVERIFY(std::abs(scale.weight.item<double>() - weight) < 1e-6);
    }
    void adam_follows_its_formula() { // rule 125
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            Scale scale(1);
            scale.to(dtype);
            optim::Adam adam(scale.parameters(), {.lr = 0.1, .amsgrad = true});
            double weight = 1, m = 0, v = 0, greatest = 0;
            for (int t = 1; t <= 3; ++t) {
                adam.zero_grad();
                scale(tensor({3.0 / t}, {.dtype = dtype})).sum().backward();
                adam.step();
                m += 0.1 * (3.0 / t - m);
                v = 0.999 * v + 0.001 * 9.0 / (t * t);
                greatest = std::max(greatest, v);
                weight -=
                    0.1 / (1 - std::pow(0.9, t)) * m / (std::sqrt(greatest) / std::sqrt(1 - std::pow(0.999, t)) + 1e-8);
            }
            QVERIFY(std::abs(scale.weight.item<double>() - weight) < 1e-5);
        }
    }
    void bad_optimizers() { // rule 123
        QCOMPARE(thrown<ValueError>([] { optim::Sgd({}, {}); }), std::string("optimizer got an empty parameter list"));
        const Tensor x = tensor({1}, {.requires_grad = true});
        QCOMPARE(thrown<ValueError>([&] { optim::Sgd({x * 2.0}, {}); }),
                 std::string("can't optimize a non-leaf Tensor"));
        QCOMPARE(thrown<ValueError>([&] {
                     optim::Sgd({x, x}, {});
                 }),
                 std::string("some parameters appear in more than one parameter group"));
        QCOMPARE(thrown<ValueError>([&] { optim::Sgd({x}, {.lr = -1}); }), std::string("Invalid learning rate: -1.0"));
    }
};

QTEST_APPLESS_MAIN(TestModule)
#include "tst_module.moc"
