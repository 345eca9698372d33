#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

namespace {

/// A tensor hook that notes the gradient's first element under a name.
auto noting(Texts& log, std::string name) {
    return [&log, name = std::move(name)](const Tensor& gradient) {
        log.push_back(name + " " + std::to_string(gradient.to_vector<std::int64_t>()[0]));
        return Tensor();
    };
}

} // namespace

/// Section H, tensor and node hooks. What only Python can have: hooks that return no tensor, or are not callable
/// (rule 58), handles as context managers (68; here ScopedHook), pickling (70).
class TestRulesHHooks : public QObject {
    Q_OBJECT

  private slots:
    void rule_58_register_hook() {
        QCOMPARE(thrown<Error>([] { tensor({1}).register_hook([](const Tensor& g) { return g; }); }),
                 std::string("cannot register a hook on a tensor that doesn't require gradient"));
        const Tensor x = leaf({1});
        Numbers seen;
        x.register_hook([](const Tensor& g) { return g * 10.0; });
        x.register_hook([&](const Tensor& g) {
            seen = numbers(g);
            return Tensor();
        });
        (x * 2.0).sum().backward();
        QCOMPARE(seen, (Numbers{20}));
        QCOMPARE(numbers(x.grad()), (Numbers{20}));
    }
    void rule_58_what_a_hook_may_not_return() {
        const Tensor x = leaf({1});
        RemovableHandle handle = x.register_hook([](const Tensor&) { return ones({2}); });
        QVERIFY(thrown<Error>([&] { (x * 1.0).sum().backward(); }).ends_with("has changed the size of value"));
        handle.remove();
        x.register_hook([](const Tensor& g) { return g.to(Dtype::float64); });
        QVERIFY(thrown<Error>([&] {
                    (x * 1.0).sum().backward();
                }).ends_with("has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)"));
    }
    void rule_59_the_order_at_a_tensor() {
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        Texts order;
        y.retain_grad();
        y.register_hook([&](const Tensor& g) {
            order.push_back("y " + std::to_string(g.item<int>()));
            return g * 10.0;
        });
        y.grad_fn()->register_prehook([&](std::span<const Tensor> g) {
            order.push_back("pre " + std::to_string(g[0].item<int>()) + ", retained " +
                            std::to_string(y.grad().item<int>()));
            return std::optional<Tensors>();
        });
        y.grad_fn()->register_hook([&](std::span<const Tensor> in, std::span<const Tensor>) {
            order.push_back("post " + std::to_string(in[0].item<int>()));
            return std::optional<Tensors>();
        });
        x.register_hook(noting(order, "x"));
        x.register_post_accumulate_grad_hook(
            [&](const Tensor& leaf) { order.push_back("accumulated " + std::to_string(leaf.grad().item<int>())); });
        const auto accumulator = gradient_edge(x).node;
        accumulator->register_hook([&](std::span<const Tensor>, std::span<const Tensor>) {
            order.emplace_back("post of x");
            return std::optional<Tensors>();
        });
        y.sum().backward();
        QCOMPARE(order, (Texts{"y 1", "pre 10, retained 10", "post 20", "x 20", "accumulated 20", "post of x"}));
    }
    void rule_60_retain_grad_sees_what_hooks_made_of_it() {
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        y.retain_grad(); // before the hook
        y.register_hook([](const Tensor& g) { return g * 10.0; });
        y.grad_fn()->register_prehook(
            [](std::span<const Tensor> g) { return std::optional<Tensors>(Tensors{g[0] * 100.0}); });
        y.sum().backward();
        QCOMPARE(numbers(y.grad()), (Numbers{10}));
        QCOMPARE(numbers(x.grad()), (Numbers{2000}));
    }
    void rule_61_retain_grad() {
        const Tensor x = leaf({1});
        x.retain_grad();
        QVERIFY(!x.retains_grad());
        QCOMPARE(thrown<Error>([] { tensor({1}).retain_grad(); }),
                 std::string("can't retain_grad on Tensor that has requires_grad=False"));
        Tensor y = x * 2.0;
        y.retain_grad();
        y.retain_grad();
        QVERIFY(y.retains_grad());
        const Tensor z = (y * 3.0).sum();
        z.backward({}, true);
        z.backward();
        QCOMPARE(numbers(y.grad()), (Numbers{6}));
    }
    void rule_61_follows_the_new_version() {
        const Tensor x = leaf({1, 2});
        Tensor y = x * 2.0;
        y.retain_grad();
        y.mul_(Scalar(3));
        (y * 5.0).sum().backward();
        QCOMPARE(numbers(y.grad()), (Numbers{5, 5}));
        const Tensor base = x * 2.0;
        const Tensor part = base[1];
        base.retain_grad();
        part.detach(); // a view that nothing writes to changes nothing
        Tensor(base[0]).mul_(Scalar(3));
        (base * 7.0).sum().backward();
        QCOMPARE(numbers(base.grad()), (Numbers{7, 7}));
        Tensor changed = x * 2.0;
        const Tensor view = slice(changed, 0, 0, 1);
        view.retain_grad();
        changed.mul_(Scalar(3));
        (view * 2.0).sum().backward();
        QCOMPARE(numbers(view.grad()), (Numbers{2}));
    }
    void rule_62_hooks_stay_with_their_node() {
        const Tensor x = leaf({1});
        Texts log;
        Tensor y = x * 1.0;
        y.register_hook(noting(log, "old"));
        y.mul_(Scalar(3));
        y.register_hook(noting(log, "new"));
        y.sum().backward();
        QCOMPARE(log, (Texts{"new 1", "old 3"}));
    }
    void rule_63_tensor_hooks_run_in_grad_too() {
        const Tensor x = leaf({1});
        Texts log;
        const Tensor y = x * 2.0;
        y.register_hook(noting(log, "y"));
        y.grad_fn()->register_hook([&](std::span<const Tensor>, std::span<const Tensor>) {
            log.emplace_back("node");
            return std::optional<Tensors>();
        });
        x.register_hook([](const Tensor& g) { return g * 10.0; });
        autograd::grad({y.sum()}, {y}, {}, {.retain_graph = true});
        QCOMPARE(log, (Texts{"y 1"}));
        QCOMPARE(numbers(autograd::grad({y.sum()}, {x})[0]), (Numbers{20}));
        QCOMPARE(log, (Texts{"y 1", "y 1", "node"}));
    }
    void rule_64_a_tensor_on_the_way_comes_before_its_hooks() {
        const Tensor a = leaf({1});
        const Tensor b = a * 2.0;
        b.register_hook([](const Tensor& g) { return g * 10.0; });
        const Tensors both = autograd::grad({b.sum()}, {a, b}, {}, {.retain_graph = true});
        QCOMPARE(numbers(both[0]), (Numbers{20}));
        QCOMPARE(numbers(both[1]), (Numbers{1}));
        QCOMPARE(numbers(autograd::grad({b.sum()}, {b})[0]), (Numbers{10}));
    }
    void rule_65_leaf_hooks_see_the_pass_not_the_sum() {
        const Tensor x = leaf({1});
        Texts log;
        x.register_hook([&](const Tensor& g) {
            log.push_back(std::to_string(g.item<int>()) + (x.grad().defined() ? " later" : " first"));
            return Tensor();
        });
        for (int i = 0; i < 2; ++i)
            (x * 3.0).sum().backward();
        QCOMPARE(log, (Texts{"3 first", "3 later"}));
    }
    void rule_66_post_accumulate_hooks() {
        QCOMPARE(thrown<Error>([] { (leaf({1}) * 1.0).register_post_accumulate_grad_hook([](const Tensor&) {}); }),
                 std::string("post accumulate grad hooks cannot be registered on non-leaf tensors"));
        const Tensor x = leaf({1});
        Numbers seen;
        x.register_post_accumulate_grad_hook([&](const Tensor& leaf) {
            seen.push_back(leaf.grad().item<double>());
            leaf.set_grad({});
        });
        for (int i = 0; i < 2; ++i)
            (x * 3.0).sum().backward();
        QCOMPARE(seen, (Numbers{3, 3}));
        QVERIFY(!x.grad().defined());
    }
    void rule_67_node_hooks_replace() {
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        y.grad_fn()->register_prehook(
            [](std::span<const Tensor> g) { return std::optional<Tensors>(Tensors{g[0] * 5.0}); });
        y.grad_fn()->register_hook([](std::span<const Tensor> in, std::span<const Tensor> out) {
            return std::optional<Tensors>(Tensors{in[0] + out[0], Tensor()});
        });
        y.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{15}));
        const Tensor z = x * 2.0;
        z.grad_fn()->register_prehook([](std::span<const Tensor>) { return std::optional<Tensors>(Tensors{}); });
        QVERIFY(thrown<TypeError>([&] {
                    z.sum().backward();
                }).ends_with("has returned an incorrect number of values (got 0, but expected 1)"));
    }
    void rule_68_handles() {
        RemovableHandle late;
        std::uint64_t first_id = 0;
        {
            const Tensor x = leaf({1});
            const RemovableHandle first = x.register_hook([](const Tensor&) { return Tensor(); });
            first_id = first.id();
            late = x.register_hook([](const Tensor&) { return Tensor(); });
        }
        QVERIFY(late.id() > first_id);
        late.remove(); // the owner is gone
        late.remove();
        const Tensor y = leaf({1});
        int calls = 0;
        {
            const ScopedHook hook(y.register_hook([&](const Tensor&) {
                ++calls;
                return Tensor();
            }));
            (y * 1.0).sum().backward();
        }
        (y * 1.0).sum().backward();
        QCOMPARE(calls, 1);
    }
    void rule_69_hooks_are_called_from_a_snapshot() {
        const Tensor x = leaf({1});
        Texts log;
        RemovableHandle second;
        x.register_hook([&](const Tensor&) {
            log.emplace_back("first");
            second.remove();
            x.register_hook(noting(log, "added"));
            return Tensor();
        });
        second = x.register_hook(noting(log, "second"));
        (x * 1.0).sum().backward();
        QCOMPARE(log, (Texts{"first", "second 1"}));
        (x * 1.0).sum().backward();
        QCOMPARE(log, (Texts{"first", "second 1", "first", "added 1"}));
    }
};

QTEST_APPLESS_MAIN(TestRulesHHooks)
#include "tst_rules_h_hooks.moc"
