#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/warning.h"
#include "tests/engine/throws.h"

using namespace hs;
using hs::test::thrown;

namespace {

Tensor leaf(std::initializer_list<double> values) {
    return tensor(values, {.requires_grad = true});
}

std::vector<double> numbers(const Tensor& x) {
    return x.defined() ? x.to_vector<double>() : std::vector<double>{};
}

using Numbers = std::vector<double>;

} // namespace

/// Rules A, D to H of PyTorch's semantics; each test names those it checks.
class TestAutograd : public QObject {
    Q_OBJECT

  private slots:
    // Rules 1 to 11: leaves.
    void leaves() { // rules 1, 2
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 2.0;
        QVERIFY(x.is_leaf() && x.requires_grad());
        QVERIFY(!y.is_leaf() && y.requires_grad());
        QVERIFY((tensor({1}) * 2.0).is_leaf());
        QVERIFY(y.detach().is_leaf() && !y.detach().requires_grad());
    }
    void only_floating_tensors_require_grad() { // rule 3
        Tensor x = tensor({1}, {.dtype = Dtype::int64});
        QCOMPARE(thrown<Error>([&] { x.set_requires_grad(); }),
                 std::string("only Tensors of floating point dtype can require gradients"));
        QCOMPARE(thrown<Error>([] { ones({1}, {.dtype = Dtype::int64, .requires_grad = true}); }),
                 std::string("Only Tensors of floating point and complex dtype can require gradients"));
    }
    void flag_of_a_non_leaf() { // rule 4
        Tensor y = leaf({1}) * 2.0;
        y.set_requires_grad(true);
        QCOMPARE(
            thrown<Error>([&] { y.set_requires_grad(false); }),
            std::string("you can only change requires_grad flags of leaf variables. If you want to use a computed "
                        "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."));
    }
    void detach_shares_storage_and_version() { // rule 5
        const Tensor x = tensor({1, 2});
        Tensor d = x.detach();
        Tensor data = x.data_tensor();
        d.fill_(7);
        QCOMPARE(numbers(x), (Numbers{7, 7}));
        QCOMPARE(x.version(), 1u);
        data.fill_(3);
        QCOMPARE(numbers(x), (Numbers{3, 3}));
        QCOMPARE(x.version(), 1u);
    }
    void grad_of_a_non_leaf_warns() { // rule 6
        std::string text;
        const auto previous = set_warning_handler([&](const std::string& warning) { text = warning; });
        const Tensor y = leaf({1}) * 2.0;
        const bool defined = y.grad().defined();
        set_warning_handler(previous);
        QVERIFY(!defined);
        QVERIFY(text.starts_with("The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."));
    }
    void assigning_grad() { // rule 7
        const Tensor x = leaf({1, 2});
        QCOMPARE(thrown<Error>([&] {
                     x.set_grad(tensor({1, 2, 3}));
                 }),
                 std::string("attempting to assign a gradient of size '[3]' to a tensor of size '[2]'. Please ensure "
                             "that the gradient and the tensor are the same size"));
        QCOMPARE(thrown<Error>([&] { x.set_grad(x); }), std::string("can't assign Variable as its own grad"));
        x.set_grad(tensor({5, 6}));
        QCOMPARE(numbers(x.grad()), (Numbers{5, 6}));
        x.set_grad({});
        QVERIFY(!x.grad().defined());
    }

    // Rules 26 to 30: the graph.
    void nodes_and_edges() { // rules 26, 27, 28
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 3.0;
        const Tensor z = (y + x).sum();
        QCOMPARE(std::string(z.grad_fn()->name()), std::string("SumBackward0"));
        const Edge add = z.grad_fn()->edge(0);
        QCOMPARE(std::string(add.node->name()), std::string("AddBackward0"));
        QCOMPARE(add.node->edge_count(), std::size_t{2});
        QCOMPARE(std::string(add.node->edge(0).node->name()), std::string("MulBackward0"));
        QCOMPARE(std::string(add.node->edge(1).node->name()), std::string("AccumulateGrad"));
        QVERIFY(z.grad_fn()->sequence_nr() > add.node->sequence_nr());
        QVERIFY(y.grad_fn()->edge(0).node == add.node->edge(1).node); // one shared AccumulateGrad
        QVERIFY(y.grad_fn()->edge(1).node == nullptr);                // the number needs none
        const Tensor w = x + tensor({1, 1});
        QVERIFY(w.grad_fn()->edge(1).node == nullptr);
    }
    void no_grad_stops_recording() { // rule 30
        const Tensor x = leaf({1});
        {
            const NoGrad scope;
            QVERIFY((x * 2.0).is_leaf());
            const EnableGrad inner;
            QVERIFY(!(x * 2.0).is_leaf());
        }
        QVERIFY(grad_enabled());
    }

    // Rules 32 to 45: backward and grad.
    void seeds() { // rules 32, 33, 34
        const Tensor x = leaf({1, 2});
        QCOMPARE(thrown<Error>([&] { (x * 2.0).backward(); }),
                 std::string("grad can be implicitly created only for scalar outputs"));
        QCOMPARE(thrown<Error>([] { tensor({1}).backward(); }),
                 std::string("element 0 of tensors does not require grad and does not have a grad_fn"));
        QCOMPARE(
            thrown<Error>([&] {
                (x * 2.0).backward(tensor({1, 2, 3}));
            }),
            std::string("Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape "
                        "of torch.Size([2])."));
        (x * 2.0).backward(tensor({1, 10}));
        QCOMPARE(numbers(x.grad()), (Numbers{2, 20}));
    }
    void second_backward() { // rule 35
        const Tensor x = leaf({2});
        const Tensor y = (x * x).sum();
        y.backward();
        QVERIFY(thrown<Error>([&] {
                    y.backward();
                }).starts_with("Trying to backward through the graph a second time (or directly access saved tensors"));
        const Tensor z = (x * 2.0 + x).sum(); // saves no tensor: may be walked again
        z.backward();
        z.backward();
        QCOMPARE(numbers(x.grad()), (Numbers{4 + 3 + 3}));
        const Tensor kept = (x * x).sum();
        kept.backward({}, true);
        kept.backward();
        QCOMPARE(numbers(x.grad()), (Numbers{18}));
    }
    void order_of_execution() { // rules 36, 37
        std::vector<std::string> order;
        const auto handle = autograd::node_hooks().before.add(
            [&](const Node& node, std::span<const Tensor>) { order.emplace_back(node.name()); });
        int sums = 0;
        const auto sum_handle =
            autograd::node_hooks().grad_sum.add([&](const Node&, std::size_t, const Tensor&) { ++sums; });
        const Tensor x = leaf({2});
        const Tensor a = x * 3.0;
        const Tensor b = neg(x);
        (a + b).sum().backward();
        RemovableHandle(handle).remove();
        RemovableHandle(sum_handle).remove();
        QCOMPARE(order, (std::vector<std::string>{"SumBackward0", "AddBackward0", "NegBackward0", "MulBackward0",
                                                  "AccumulateGrad"}));
        QCOMPARE(sums, 1);
    }
    void gradients_are_reduced_to_the_input() { // rule 38
        const Tensor x = leaf({1, 2, 3});
        (ones({4, 3}) * x).sum().backward();
        QCOMPARE(x.grad().shape(), Shape({3}));
        QCOMPARE(numbers(x.grad()), (Numbers{4, 4, 4}));
        const Tensor d = tensor({1}, {.dtype = Dtype::float64, .requires_grad = true});
        (d.to(Dtype::float32) * 2.0).sum().backward();
        QCOMPARE(d.grad().dtype(), Dtype::float64);
    }
    void grad_leaves_grad_alone() { // rule 41
        const Tensor x = leaf({3});
        const Tensor y = leaf({1});
        const Tensor z = (x * x).sum();
        QCOMPARE(numbers(autograd::grad({z}, {x}, {}, {.retain_graph = true})[0]), (Numbers{6}));
        QVERIFY(!x.grad().defined());
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
    void grad_of_an_inner_tensor() { // rules 41, 43
        int accumulated = 0;
        const auto handle = autograd::node_hooks().before.add(
            [&](const Node& node, std::span<const Tensor>) { accumulated += node.name() == "AccumulateGrad"; });
        const Tensor x = leaf({3});
        const Tensor y = x * 2.0;
        const Tensor z = (y * y).sum();
        const Tensors gradients = autograd::grad({z}, {y, x});
        RemovableHandle(handle).remove();
        QCOMPARE(numbers(gradients[0]), (Numbers{12}));
        QCOMPARE(numbers(gradients[1]), (Numbers{24}));
        QCOMPARE(accumulated, 0);
    }
    void backward_to_inputs_only() { // rule 42
        const Tensor x = leaf({3});
        const Tensor w = leaf({5});
        const Tensor y = x * w;
        (y * 2.0).sum().backward({}, std::nullopt, false, {x, y});
        QCOMPARE(numbers(x.grad()), (Numbers{10}));
        QCOMPARE(numbers(y.grad()), (Numbers{2}));
        QVERIFY(!w.grad().defined());
    }
    void higher_derivatives() {
        const Tensor x = leaf({2});
        const Tensor y = (x * x * x).sum();
        const Tensor first = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
        const Tensor second = autograd::grad({first.sum()}, {x}, {}, {.create_graph = true})[0];
        const Tensor third = autograd::grad({second.sum()}, {x})[0];
        QCOMPARE(numbers(first), (Numbers{12}));
        QCOMPARE(numbers(second), (Numbers{12}));
        QCOMPARE(numbers(third), (Numbers{6}));
    }
    void nested_passes() { // a hook that runs backward over the same graph
        const Tensor x = leaf({2});
        const Tensor y = x * x;
        Numbers inner;
        y.register_hook([&](const Tensor&) {
            if (inner.empty()) { // the inner pass meets this hook again
                inner = {0};
                inner = numbers(autograd::grad({y}, {x}, {ones({1})}, {.retain_graph = true})[0]);
            }
            return Tensor();
        });
        (y * 3.0).sum().backward();
        QCOMPARE(inner, (Numbers{4}));
        QCOMPARE(numbers(x.grad()), (Numbers{12}));
    }

    // Rules 46 to 50: accumulation.
    void accumulation() { // rules 46, 47, 48
        const Tensor x = leaf({1, 2});
        (x * 2.0).sum().backward();
        const Tensor first = x.grad();
        (x * 3.0).sum().backward();
        QVERIFY(first.is_same(x.grad()));
        QCOMPARE(numbers(x.grad()), (Numbers{5, 5}));
    }
    void seed_of_a_leaf_is_copied() { // rule 49
        const Tensor x = leaf({1});
        Tensor seed = tensor({4});
        x.backward(seed);
        seed.fill_(9);
        QCOMPARE(numbers(x.grad()), (Numbers{4}));
    }

    // Rules 51 to 57: in place.
    void versions() { // rules 51, 52
        const Tensor x = leaf({2});
        Tensor y = x * 2.0;
        const Tensor z = y * y;
        y.add_(ones({1}));
        QCOMPARE(y.version(), 1u);
        QCOMPARE(thrown<Error>([&] { z.sum().backward(); }),
                 std::string("one of the variables needed for gradient computation has been modified by an inplace "
                             "operation: [torch.FloatTensor [1]], which is output 0 of AddBackward0, is at version 1; "
                             "expected version 0 instead. Hint: enable anomaly detection to find the operation that "
                             "failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."));
    }
    void leaf_in_place() { // rule 53
        Tensor x = leaf({1});
        QCOMPARE(thrown<Error>([&] { x.add_(ones({1})); }),
                 std::string("a leaf Variable that requires grad is being used in an in-place operation."));
        const NoGrad scope;
        x.add_(ones({1}));
        QCOMPARE(numbers(x), (Numbers{2}));
    }
    void in_place_on_a_non_leaf() { // rule 54
        const Tensor x = leaf({3});
        Tensor y = x * 2.0;
        y.mul_(Scalar(5.0));
        QCOMPARE(std::string(y.grad_fn()->name()), std::string("MulBackward0"));
        y.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{10}));
    }
    void expanded_in_place() { // rule 57
        Tensor x = expand(ones({1}), {3});
        QVERIFY(thrown<Error>([&] { x.fill_(1); })
                    .starts_with("unsupported operation: more than one element of the written-to tensor refers to a "
                                 "single memory location."));
    }
    void in_place_casting() { // rule 22
        Tensor x = tensor({1}, {.dtype = Dtype::int64});
        QCOMPARE(thrown<Error>([&] { x.add_(tensor({1.5})); }),
                 std::string("result type Float can't be cast to the desired output type Long"));
    }

    // Rules 58 to 69: hooks.
    void tensor_hooks() { // rules 58, 59, 60, 65, 69
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        std::vector<std::string> order;
        y.retain_grad();
        y.register_hook([&](const Tensor& g) {
            order.push_back("y " + std::to_string(g.item<int>()));
            return g * 10.0;
        });
        y.grad_fn()->register_prehook([&](std::span<const Tensor> g) {
            order.push_back("pre " + std::to_string(g[0].item<int>()));
            return std::optional<Tensors>();
        });
        y.grad_fn()->register_hook([&](std::span<const Tensor> in, std::span<const Tensor>) {
            order.push_back("post " + std::to_string(in[0].item<int>()));
            return std::optional<Tensors>();
        });
        x.register_hook([&](const Tensor& g) {
            order.push_back("x " + std::to_string(g.item<int>()));
            return Tensor();
        });
        x.register_post_accumulate_grad_hook(
            [&](const Tensor& leaf) { order.push_back("accumulated " + std::to_string(leaf.grad().item<int>())); });
        y.sum().backward({}, true);
        QCOMPARE(order, (std::vector<std::string>{"y 1", "pre 10", "post 20", "x 20", "accumulated 20"}));
        QCOMPARE(numbers(y.grad()), (Numbers{10}));
    }
    void hooks_can_be_removed() { // rules 68, 69
        const Tensor x = leaf({1});
        int calls = 0;
        RemovableHandle handle = x.register_hook([&](const Tensor&) {
            ++calls;
            handle.remove();
            return Tensor();
        });
        (x * 1.0).sum().backward();
        (x * 1.0).sum().backward();
        handle.remove();
        QCOMPARE(calls, 1);
    }
    void bad_hooks() { // rules 58, 61, 66
        QCOMPARE(thrown<Error>([] { tensor({1}).register_hook([](const Tensor& g) { return g; }); }),
                 std::string("cannot register a hook on a tensor that doesn't require gradient"));
        QCOMPARE(thrown<Error>([] { tensor({1}).retain_grad(); }),
                 std::string("can't retain_grad on Tensor that has requires_grad=False"));
        QCOMPARE(thrown<Error>([] { (leaf({1}) * 1.0).register_post_accumulate_grad_hook([](const Tensor&) {}); }),
                 std::string("post accumulate grad hooks cannot be registered on non-leaf tensors"));
        const Tensor x = leaf({1});
        x.register_hook([](const Tensor&) { return ones({2}); });
        QVERIFY(thrown<Error>([&] { (x * 1.0).sum().backward(); }).ends_with("has changed the size of value"));
    }
    void a_throwing_hook_stops_the_pass() { // rule 40
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        RemovableHandle handle = y.register_hook([](const Tensor&) -> Tensor { throw ValueError("stop here"); });
        QCOMPARE(thrown<ValueError>([&] { y.sum().backward({}, true); }), std::string("stop here"));
        handle.remove();
        y.sum().backward(); // the graph is as before
        QCOMPARE(numbers(x.grad()), (Numbers{2}));
    }
    void operation_hooks() {
        std::vector<std::string> calls;
        const ScopedHook hook(op_hooks().after.add([&](const OpCall& call) {
            calls.push_back(call.op.name() + (call.in_backward ? " in backward" : call.node ? " recorded" : ""));
        }));
        const Tensor x = leaf({2});
        (x * x).sum().backward();
        QVERIFY(calls.size() > 3);
        QCOMPARE(calls[0], std::string("mul recorded"));
        QCOMPARE(calls[1], std::string("sum recorded"));
        QCOMPARE(calls[2], std::string("expand in backward"));
    }

    void long_chains_do_not_recurse() {
        const Tensor x = leaf({1});
        Tensor y = x;
        const Tensor one = ones({1});
        for (int i = 0; i < 300'000; ++i)
            y = y + one;
        y.backward();
        y = Tensor();
        QCOMPARE(numbers(x.grad()), (Numbers{1}));
    }
};

QTEST_APPLESS_MAIN(TestAutograd)
#include "tst_autograd.moc"
