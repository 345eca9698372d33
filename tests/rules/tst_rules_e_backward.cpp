#include "engine/autograd/custom_function.h"
#include "engine/graph/anomaly_mode.h"
#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

namespace {

/// Returns what it is told to as its gradients, and remembers what it got.
struct Scripted : autograd::Function {
    explicit Scripted(Tensors gradients_, bool materialize_ = true)
        : gradients(std::move(gradients_)), materialize(materialize_) {}
    std::string name() const override { return "Scripted"; }
    Tensors forward(autograd::FunctionContext& context, const Tensors& inputs) const override {
        context.set_materialize_grads(materialize);
        return {inputs[0] * 2.0, inputs[0] * 3.0};
    }
    Tensors backward(autograd::FunctionContext&, const Tensors& grads) const override {
        got = grads;
        return gradients;
    }
    Tensors gradients;
    bool materialize;
    mutable Tensors got;
};

} // namespace

/// Section E, backward and grad.
class TestRulesEBackward : public QObject {
    Q_OBJECT

  private slots:
    void rule_32_an_implicit_seed_needs_one_element() {
        const Tensor x = leaf({1, 2});
        QCOMPARE(thrown<Error>([&] { (x * 2.0).backward(); }),
                 std::string("grad can be implicitly created only for scalar outputs"));
        const Tensor y = leaf({3});
        reshape(y * 2.0, {1, 1, 1}).backward();
        QCOMPARE(numbers(y.grad()), (Numbers{2}));
    }
    void rule_33_a_root_without_history() {
        QCOMPARE(thrown<Error>([] { tensor({1}).backward(); }),
                 std::string("element 0 of tensors does not require grad and does not have a grad_fn"));
        const Tensor x = leaf({1});
        QCOMPARE(thrown<Error>([&] {
                     autograd::backward({x * 2.0, tensor({1})});
                 }),
                 std::string("element 1 of tensors does not require grad and does not have a grad_fn"));
    }
    void rule_34_the_seed_has_the_shape_of_the_output() {
        const Tensor x = leaf({1, 2});
        QCOMPARE(
            thrown<Error>([&] {
                (x * 2.0).backward(tensor({1, 2, 3}));
            }),
            std::string("Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape "
                        "of torch.Size([2])."));
        (x * 2.0).backward(tensor({1, 10}, {.dtype = Dtype::float64}));
        QCOMPARE(numbers(x.grad()), (Numbers{2, 20}));
        QCOMPARE(x.grad().dtype(), Dtype::float32);
    }
    void rule_35_saved_tensors_are_freed() {
        const Tensor x = leaf({2});
        const Tensor y = (x * x).sum();
        y.backward();
        QCOMPARE(thrown<Error>([&] { y.backward(); }),
                 std::string("Trying to backward through the graph a second time (or directly access saved tensors "
                             "after they have already been freed). Saved intermediate values of the graph are freed "
                             "when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
                             "backward through the graph a second time or if you need to access saved tensors after "
                             "calling backward."));
        const Tensor z = (x * 2.0 + x).sum(); // keeps no tensor: may be walked again
        z.backward();
        z.backward();
        QCOMPARE(numbers(x.grad()), (Numbers{4 + 3 + 3}));
    }
    void rule_35_retain_graph_defaults_to_create_graph() {
        const Tensor x = leaf({2});
        const Tensor y = (x * x).sum();
        y.backward({}, true);
        autograd::grad({y}, {x}, {}, {.create_graph = true});
        y.backward();
        QCOMPARE(numbers(x.grad()), (Numbers{8}));
        QVERIFY(thrown<Error>([&] { y.backward(); }).starts_with("Trying to backward"));
    }
    void rule_36_highest_sequence_number_first() {
        Texts order;
        const ScopedHook hook(autograd::node_hooks().before.add(
            [&](const Node& node, std::span<const Tensor>) { order.emplace_back(node.name()); }));
        const Tensor x = leaf({2});
        const Tensor a = x * 3.0;
        const Tensor b = neg(x);
        const Tensor c = leaf({1});
        const Tensor sum = a + b;
        const Tensor late = exp(c);
        (sum + late).sum().backward();
        QCOMPARE(order, (Texts{"SumBackward0", "AddBackward0", "ExpBackward0", "AccumulateGrad", "AddBackward0",
                               "NegBackward0", "MulBackward0", "AccumulateGrad"}));
    }
    void rule_37_gradients_are_added_as_they_arrive() {
        Numbers sums;
        const ScopedHook hook(autograd::node_hooks().grad_sum.add(
            [&](const Node&, std::size_t, const Tensor& sum) { sums.push_back(sum.item<double>()); }));
        const Tensor x = leaf({2});
        const Tensor y = x * 1.0;
        const Tensor a = y * 3.0, b = y * 5.0, c = y * 7.0;
        (a + b + c).sum().backward();
        QCOMPARE(sums, (Numbers{12, 15})); // c's node runs first, then b's, then a's
    }
    void rule_38_gradients_are_fitted_to_the_input() {
        const Tensor x = leaf({1, 2, 3});
        (ones({4, 3}) * x).sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{4, 4, 4}));
        const Tensor d = leaf({1}, Dtype::float64);
        (d.to(Dtype::float32) * 2.0).sum().backward();
        QCOMPARE(d.grad().dtype(), Dtype::float64);
    }
    void rule_38_gradients_that_do_not_fit() {
        const Tensor x = leaf({1, 2});
        const auto run = [&](const Tensors& gradients) {
            autograd::apply(std::make_shared<Scripted>(gradients), {x})[0].sum().backward();
        };
        QCOMPARE(thrown<Error>([&] { run({ones({3})}); }),
                 std::string("Function ScriptedBackward returned an invalid gradient at index 0 - got [3] but expected "
                             "shape compatible with [2]"));
        QCOMPARE(
            thrown<Error>([&] { run({}); }),
            std::string("function ScriptedBackward returned an incorrect number of gradients (expected 1, got 0)"));
        QCOMPARE(
            thrown<Error>([&] {
                run({ones({2}), ones({2})});
            }),
            std::string("function ScriptedBackward returned an incorrect number of gradients (expected 1, got 2)"));
        run({ones({2}), Tensor(), Tensor()}); // more undefined ones do no harm
        QCOMPARE(numbers(x.grad()), (Numbers{1, 1}));
    }
    void rule_39_outputs_that_nothing_used() {
        const Tensor x = leaf({1, 2});
        const auto zeros_for_it = std::make_shared<Scripted>(Tensors{ones({2})});
        autograd::apply(zeros_for_it, {x})[1].sum().backward();
        QCOMPARE(numbers(zeros_for_it->got[0]), (Numbers{0, 0}));
        QCOMPARE(numbers(zeros_for_it->got[1]), (Numbers{1, 1}));
        const auto nothing = std::make_shared<Scripted>(Tensors{Tensor()}, false);
        const Tensor y = leaf({1});
        autograd::apply(nothing, {y})[1].sum().backward();
        QVERIFY(!nothing->got[0].defined());
        QVERIFY(!y.grad().defined()); // undefined passes through AccumulateGrad
    }
    void rule_39_a_missing_gradient_cannot_be_replaced() {
        const Tensor x = leaf({1});
        const Tensor y = autograd::apply(std::make_shared<Scripted>(Tensors{Tensor()}), {x})[0];
        bool defined = true;
        RemovableHandle handle = x.register_hook([&](const Tensor& gradient) {
            defined = gradient.defined();
            return Tensor();
        });
        y.sum().backward({}, true);
        QVERIFY(!defined);
        handle.remove();
        x.register_hook([](const Tensor&) { return ones({1}); });
        QCOMPARE(thrown<Error>([&] { y.sum().backward(); }),
                 std::string("can't replace a None gradient with a non-None value"));
    }
    void rule_40_an_exception_stops_the_pass() {
        const Tensor x = leaf({1}), w = leaf({1});
        const Tensor y = x * 2.0;
        RemovableHandle handle = y.register_hook([](const Tensor&) -> Tensor { throw ValueError("stop here"); });
        const Tensor late = exp(w); // runs before y's node
        QCOMPARE(thrown<ValueError>([&] { (y + late).sum().backward({}, true); }), std::string("stop here"));
        QVERIFY(w.grad().defined() && !x.grad().defined());
        handle.remove();
        y.sum().backward(); // the graph is as before
        QCOMPARE(numbers(x.grad()), (Numbers{2}));
    }
    void rule_41_grad_leaves_grad_alone() {
        const Tensor x = leaf({3});
        const Tensor y = leaf({1});
        const Tensor inner = x * x;
        inner.retain_grad();
        const Tensor z = inner.sum();
        QCOMPARE(numbers(autograd::grad({z}, {x}, {}, {.retain_graph = true})[0]), (Numbers{6}));
        QVERIFY(!x.grad().defined());
        QCOMPARE(numbers(inner.grad()), (Numbers{1}));
        QCOMPARE(thrown<Error>([&] { autograd::grad({z}, {y}, {}, {.retain_graph = true}); }),
                 std::string("One of the differentiated Tensors appears to not have been used in the graph. Set "
                             "allow_unused=True if this is the desired behavior."));
        QVERIFY(!autograd::grad({z}, {y}, {}, {.retain_graph = true, .allow_unused = true})[0].defined());
        QCOMPARE(numbers(autograd::grad({z}, {y}, {}, {.retain_graph = true, .materialize_grads = true})[0]),
                 (Numbers{0}));
        QCOMPARE(thrown<Error>([&] { autograd::grad({z}, {tensor({1})}); }),
                 std::string("One of the differentiated Tensors does not require grad"));
        QCOMPARE(thrown<ValueError>([&] { autograd::grad({z}, {}); }), std::string("grad requires non-empty inputs."));
    }
    void rule_42_backward_to_inputs_only() {
        const Tensor x = leaf({3});
        const Tensor w = leaf({5});
        const Tensor y = x * w;
        (y * 2.0).sum().backward({}, std::nullopt, false, Tensors{x, y});
        QCOMPARE(numbers(x.grad()), (Numbers{10}));
        QCOMPARE(numbers(y.grad()), (Numbers{2}));
        QVERIFY(!w.grad().defined());
        QCOMPARE(thrown<Error>([&] { (x * 2.0).sum().backward({}, std::nullopt, false, Tensors{}); }),
                 std::string("'inputs' argument to backward() cannot be empty."));
    }
    void rule_43_only_nodes_on_a_path_run() {
        Texts order;
        const ScopedHook hook(autograd::node_hooks().before.add(
            [&](const Node& node, std::span<const Tensor>) { order.emplace_back(node.name()); }));
        const Tensor x = leaf({3}), w = leaf({4});
        const Tensor y = x * 2.0;
        const Tensor z = (exp(y) + sin(w)).sum();
        autograd::grad({z}, {y});
        QCOMPARE(order, (Texts{"SumBackward0", "AddBackward0", "ExpBackward0"}));
    }
    void rule_44_create_graph_warns_of_a_cycle() {
        const Warnings warnings;
        const Tensor x = leaf({3});
        (x * x).sum().backward({}, std::nullopt, true);
        QCOMPARE(warnings.texts().size(), std::size_t{1});
        QVERIFY(
            warnings.texts()[0].starts_with("Using backward() with create_graph=True will create a reference cycle"));
        QVERIFY(x.grad().requires_grad());
        x.set_grad({});
    }
    void rule_45_anomaly_mode() {
        const Warnings warnings;
        const Tensor x = leaf({-1});
        const DetectAnomaly scope;
        const std::string text = "Function 'SqrtBackward0' returned nan values in its 0th output.";
        QCOMPARE(thrown<Error>([&] { sqrt(x).sum().backward(); }), text);
        QCOMPARE(warnings.texts(), (Texts{"Error detected in SqrtBackward0. Traceback of forward call that caused the "
                                          "error:\n  sqrt(self: float32 [1])"}));
        const DetectAnomaly lenient(true, false);
        sqrt(x).sum().backward();
        QVERIFY(std::isnan(numbers(x.grad())[0]));
    }
    void rule_45_graphs_from_before() {
        const Warnings warnings;
        const Tensor y = sqrt(leaf({-1})).sum();
        const DetectAnomaly scope;
        QVERIFY(thrown<Error>([&] { y.backward(); }).starts_with("Function 'SqrtBackward0'"));
        QCOMPARE(warnings.texts(), (Texts{"Error detected in SqrtBackward0. No forward pass information available. "
                                          "Enable detect anomaly during forward pass for more information."}));
    }
};

QTEST_APPLESS_MAIN(TestRulesEBackward)
#include "tst_rules_e_backward.moc"
