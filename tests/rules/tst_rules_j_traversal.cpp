#include "engine/graph/grad_mode.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/linear.h"
#include "engine/optim/sgd.h"
#include "tests/rules/small_modules.h"

using namespace hs;
using namespace hs::test;

namespace {

/// Holds one module, and one parameter, under two names.
struct Shared : nn::Module {
    Shared() {
        const auto child = std::make_shared<Scale>();
        add("a", child);
        add("b", child);
        const Tensor parameter = nn::parameter(ones({1}));
        register_parameter("p", parameter);
        register_parameter("q", parameter);
    }
};

} // namespace

/// Rules 81 to 87.
///
/// Only in Python: train() with something that is not a bool (85), which does not compile here.
class TestRulesJTraversal : public QObject {
    Q_OBJECT

  private slots:
    void rule_81_depth_first_in_order_of_registration() {
        Net net;
        QCOMPARE(names(net.named_modules()), (Names{"", "first", "rest", "rest.0", "rest.1"}));
        QCOMPARE(names(net.named_children()), (Names{"first", "rest"}));
        QCOMPARE(names(net.named_parameters()), (Names{"first.weight", "rest.0.weight", "rest.1.weight"}));
        net.add_parameter("own", ones({1}));
        QCOMPARE(names(net.named_parameters()), (Names{"own", "first.weight", "rest.0.weight", "rest.1.weight"}));
        QCOMPARE(names(net.named_parameters({.recurse = false})), (Names{"own"}));
        QCOMPARE(names(net.rest->named_buffers({.prefix = "x"})),
                 (Names{"x.0.seen", "x.0.scratch", "x.1.seen", "x.1.scratch"}));
        QCOMPARE(names(net.rest->named_modules({.prefix = "x"})), (Names{"x", "x.0", "x.1"}));
        QCOMPARE(net.children().size(), std::size_t{2});
        QCOMPARE(net.modules().size(), std::size_t{5});
        QCOMPARE(net.parameters().size(), std::size_t{4});
        QCOMPARE(net.buffers().size(), std::size_t{6});
        QCOMPARE(net.parameter_count(), std::int64_t{4});
    }
    void rule_81_duplicates_only_under_the_first_name() {
        Shared module;
        QCOMPARE(names(module.named_modules()), (Names{"", "a"}));
        QCOMPARE(names(module.named_modules({.remove_duplicate = false})), (Names{"", "a", "b"}));
        QCOMPARE(names(module.named_children()), (Names{"a"}));
        QCOMPARE(names(module.named_parameters()), (Names{"p", "a.weight"}));
        QCOMPARE(names(module.named_parameters({.remove_duplicate = false})),
                 (Names{"p", "q", "a.weight", "b.weight"}));
        QCOMPARE(names(module.named_buffers({.remove_duplicate = false})),
                 (Names{"a.seen", "a.scratch", "b.seen", "b.scratch"}));
    }
    void rule_82_apply_visits_children_first() {
        Net net;
        Names visited;
        nn::Module& returned = net.apply([&](nn::Module& module) { visited.push_back(module.type_name()); });
        QCOMPARE(visited, (Names{"Scale", "Scale", "Scale", "Sequential", "Net"}));
        QVERIFY(&returned == &net);
        visited.clear();
        Shared().apply([&](nn::Module& module) { visited.push_back(module.type_name()); });
        QCOMPARE(visited, (Names{"Scale", "Shared"}));
    }
    void rule_83_parameters_stay_and_buffers_are_new() {
        Net net;
        optim::Sgd sgd(net.parameters(), {.lr = 1});
        net(ones({1})).sum().backward();
        const Tensor parameter = net.first->weight, gradient = parameter.grad();
        const Tensor buffer = net.first->get_buffer("seen");
        net.to(Dtype::float64);
        QVERIFY(net.first->weight.is_same(parameter) && parameter.grad().is_same(gradient));
        QCOMPARE(parameter.dtype(), Dtype::float64);
        QCOMPARE(gradient.dtype(), Dtype::float64);
        QVERIFY(parameter.requires_grad() && parameter.is_leaf());
        QVERIFY(!net.first->get_buffer("seen").is_same(buffer));
        QCOMPARE(buffer.dtype(), Dtype::float32);
        sgd.step();
        QCOMPARE(net.first->weight.item<double>(), 2.0 - 12.0);
    }
    void rule_83_any_function() {
        Net net;
        Names order;
        net.add_parameter("own", ones({1}));
        net.apply_to_tensors([&](const Tensor& tensor) {
            order.push_back(std::to_string(tensor.item<int>()));
            return tensor * 2.0;
        });
        QCOMPARE(order, (Names{"2", "0", "0", "3", "0", "0", "4", "0", "0", "1"}));
        QCOMPARE(net.first->weight.item<int>(), 4);
        QVERIFY(net.first->weight.is_leaf());
        net.apply_to_tensors([](const Tensor& tensor) { return tensor + 1.0; }, false);
        QCOMPARE(net.first->weight.item<int>(), 4);
        QCOMPARE(net.get_parameter("own").item<int>(), 3);
    }
    void rule_84_conversion_of_floating_members_only() {
        nn::BatchNorm1d norm(2);
        const auto dtypes = [&] { return std::pair(norm.weight.dtype(), norm.num_batches_tracked.dtype()); };
        using Both = std::pair<Dtype, Dtype>;
        QVERIFY(&norm.double_() == &norm);
        QCOMPARE(dtypes(), (Both{Dtype::float64, Dtype::int64}));
        norm.half();
        QCOMPARE(dtypes(), (Both{Dtype::float16, Dtype::int64}));
        norm.bfloat16();
        QCOMPARE(dtypes(), (Both{Dtype::bfloat16, Dtype::int64}));
        norm.float_();
        QCOMPARE(dtypes(), (Both{Dtype::float32, Dtype::int64}));
        norm.to(Dtype::float64);
        QCOMPARE(dtypes(), (Both{Dtype::float64, Dtype::int64}));
        norm.to(Device{});
        QCOMPARE(dtypes(), (Both{Dtype::float64, Dtype::int64}));
        norm.to(Device{}, Dtype::float32);
        QCOMPARE(dtypes(), (Both{Dtype::float32, Dtype::int64}));
        norm.to(ones({1}, {.dtype = Dtype::float64}));
        QCOMPARE(dtypes(), (Both{Dtype::float64, Dtype::int64}));
        QCOMPARE(norm.running_mean.dtype(), Dtype::float64);
    }
    void rule_84_integer_targets() {
        Net net;
        const std::string text = "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                                 "dtype=torch.int64";
        QCOMPARE(thrown<TypeError>([&] { net.to(Dtype::int64); }), text);
        QCOMPARE(thrown<TypeError>([&] { net.to(Device{}, Dtype::int64); }), text);
        QCOMPARE(thrown<TypeError>([&] { net.to(ones({1}, {.dtype = Dtype::int64})); }), text);
        QCOMPARE(net.first->weight.dtype(), Dtype::float32);
    }
    void rule_84_type_converts_all() {
        nn::BatchNorm1d norm(2);
        norm.type(Dtype::float64);
        QCOMPARE(norm.num_batches_tracked.dtype(), Dtype::float64);
        norm.type("torch.FloatTensor");
        QCOMPARE(norm.weight.dtype(), Dtype::float32);
        QCOMPARE(norm.num_batches_tracked.dtype(), Dtype::float32);
        QCOMPARE(thrown<ValueError>([&] { norm.type("torch.FooTensor"); }),
                 std::string("invalid type: 'torch.FooTensor'"));
        QCOMPARE(thrown<Error>([&] { norm.type(Dtype::int64); }),
                 std::string("data set to a tensor that requires gradients must be floating point or complex dtype"));
    }
    void rule_85_modes() {
        Net net;
        QVERIFY(net.is_training());
        QVERIFY(&net.eval() == &net);
        for (nn::Module* module : net.modules())
            QVERIFY(!module->is_training());
        QVERIFY(grad_enabled());
        QVERIFY(net(ones({1})).requires_grad());
        net.rest->train();
        QVERIFY(!net.is_training() && !net.first->is_training() && net.get_submodule("rest.1").is_training());
        net.train(true);
        QVERIFY(net.first->is_training());
    }
    void rule_85_requires_grad_of_all_parameters() { // train() and eval() have nothing to do with it
        Net net;
        net.requires_grad_(false).train();
        for (const Tensor& parameter : net.parameters())
            QVERIFY(!parameter.requires_grad());
        QVERIFY(!net(ones({1})).requires_grad());
        net.requires_grad_().eval();
        QVERIFY(net.first->weight.requires_grad());
    }
    void rule_86_a_module_without_forward() {
        QCOMPARE(thrown<NotImplementedError>([] { nn::Module()(ones({1})); }),
                 std::string("Module [Module] is missing the required \"forward\" function"));
        QCOMPARE(thrown<NotImplementedError>([] { nn::ModuleList()(ones({1})); }),
                 std::string("Module [ModuleList] is missing the required \"forward\" function"));
    }
    void rule_87_without_cuda() {
        Net net;
        const std::string text = "Torch not compiled with CUDA enabled";
        QCOMPARE(thrown<AssertionError>([&] { net.cuda(); }), text);
        QCOMPARE(thrown<AssertionError>([&] { net.to(Device{DeviceType::cuda, 0}); }), text);
        QVERIFY(&net.cpu() == &net);
    }
};

QTEST_APPLESS_MAIN(TestRulesJTraversal)
#include "tst_rules_j_traversal.moc"
