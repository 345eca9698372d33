#include "engine/nn/linear.h"
#include "engine/optim/sgd.h"
#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

/// Section F, accumulation.
class TestRulesFAccumulation : public QObject {
    Q_OBJECT

  private slots:
    void rule_46_the_first_gradient_is_taken_over() {
        const Tensor x = leaf({1, 2});
        const void* arrived = nullptr;
        x.register_hook([&](const Tensor& gradient) {
            arrived = gradient.data<float>();
            return Tensor();
        });
        exp(x).sum().backward();
        QVERIFY(x.grad().data<float>() == arrived);
    }
    void rule_46_or_cloned_when_someone_holds_it() {
        const Tensor x = leaf({1, 2});
        Tensor held;
        x.register_hook([&](const Tensor& gradient) {
            held = gradient;
            return Tensor();
        });
        exp(x).sum().backward();
        QVERIFY(!x.grad().shares_storage(held));
        QCOMPARE(numbers(x.grad()), numbers(held));
    }
    void rule_46_strides_follow_the_leaf() {
        const Tensor x = leaf({1, 2, 3});
        x.sum().backward(); // the gradient arrives as an expanded view
        QCOMPARE(x.grad().strides(), Strides({1}));
        QCOMPARE(numbers(x.grad()), (Numbers{1, 1, 1}));
    }
    void rule_47_later_ones_are_added_in_place() {
        const Tensor x = leaf({1, 2});
        (x * 2.0).sum().backward();
        const Tensor first = x.grad();
        const std::uint32_t version = first.version();
        (x * 3.0).sum().backward();
        QVERIFY(first.is_same(x.grad()) && first.version() > version);
        QCOMPARE(numbers(first), (Numbers{5, 5}));
    }
    void rule_47_with_create_graph_they_are_replaced() {
        const Warnings warnings;
        const Tensor x = leaf({2});
        (x * x).sum().backward();
        const Tensor first = x.grad();
        (x * x).sum().backward({}, std::nullopt, true);
        QVERIFY(!first.is_same(x.grad()));
        QCOMPARE(numbers(first), (Numbers{4}));
        QCOMPARE(numbers(x.grad()), (Numbers{8}));
        QCOMPARE(node_of(x.grad()), std::string("AddBackward0"));
        x.set_grad({});
    }
    void rule_48_one_gradient_a_pass() {
        const Tensor x = leaf({2});
        Numbers seen;
        x.register_hook([&](const Tensor& gradient) {
            seen.push_back(gradient.item<double>());
            return Tensor();
        });
        const Tensor y = (x * 3.0 + x * 4.0).sum();
        y.backward();
        y.backward();
        QCOMPARE(seen, (Numbers{7, 7}));
        QCOMPARE(numbers(x.grad()), (Numbers{14}));
    }
    void rule_49_the_seed_of_a_leaf_is_copied() {
        const Tensor x = leaf({1});
        Tensor seed = tensor({4});
        x.backward(seed);
        seed.fill_(9);
        QCOMPARE(numbers(x.grad()), (Numbers{4}));
    }
    void rule_50_zero_grad() {
        nn::Linear layer(1, 1);
        const Tensor weight = layer.parameters()[0];
        layer(ones({1, 1})).sum().backward();
        layer.zero_grad(false);
        QCOMPARE(numbers(weight.grad()), (Numbers{0}));
        layer.zero_grad();
        QVERIFY(!weight.grad().defined());
    }
    void rule_50_zeros_still_decay() {
        Tensor x = leaf({1});
        optim::Sgd sgd({x}, {.lr = 1, .weight_decay = 0.5});
        sgd.step(); // no .grad: skipped
        QCOMPARE(numbers(x), (Numbers{1}));
        x.set_grad(tensor({0}));
        sgd.step();
        QCOMPARE(numbers(x), (Numbers{0.5}));
        sgd.zero_grad();
        QVERIFY(!x.grad().defined());
    }
};

QTEST_APPLESS_MAIN(TestRulesFAccumulation)
#include "tst_rules_f_accumulation.moc"
