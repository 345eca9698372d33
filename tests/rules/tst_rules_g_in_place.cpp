#include "engine/autograd/gradcheck.h"
#include "engine/nn/activation.h"
#include "engine/ops/in_place.h"
#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

namespace {

const std::string no_grad_view =
    "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case "
    "is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace "
    "either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want "
    "the inplace to be tracked).";

Tensor six(bool requires_grad = true) {
    return tensor({0, 1, 2, 3, 4, 5}, {.dtype = Dtype::float64, .requires_grad = requires_grad});
}

} // namespace

/// Section G, in-place operations, views, versions; and rule 93, which is about views, too.
class TestRulesGInPlace : public QObject {
    Q_OBJECT

    using Change = std::function<Tensor(const Tensors&)>;

  private slots:
    void rule_51_versions() {
        Tensor x = tensor({1, 2});
        Tensor view = x[0];
        const Tensor detached = x.detach();
        {
            const NoGrad scope;
            x.add_(ones({2}));
        }
        view.fill_(3);
        x.zero_();
        x.copy_(ones({2}));
        in_place(x, [](const Tensor& self) { return exp(self); });
        for (const Tensor& each : {x, view, detached})
            QCOMPARE(each.version(), 5u);
    }
    void rule_52_a_saved_tensor_was_changed() {
        const Tensor x = leaf({2});
        Tensor y = exp(x);
        const Tensor z = y * 2.0;
        y.add_(ones({1}));
        QCOMPARE(thrown<Error>([&] { z.sum().backward(); }),
                 std::string("one of the variables needed for gradient computation has been modified by an inplace "
                             "operation: [torch.FloatTensor [1]], which is output 0 of ExpBackward0, is at version 1; "
                             "expected version 0 instead. Hint: enable anomaly detection to find the operation that "
                             "failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."));
    }
    void rule_52_of_a_leaf() {
        const Tensor x = leaf({2});
        Tensor plain = tensor({3});
        const Tensor z = x * plain;
        plain.fill_(1);
        QVERIFY(thrown<Error>([&] { z.sum().backward(); })
                    .starts_with("one of the variables needed for gradient computation has been modified by an inplace "
                                 "operation: [torch.FloatTensor [1]] is at version 1; expected version 0 instead."));
    }
    void rule_52_an_unsaved_tensor_may_change() {
        const Tensor x = leaf({2});
        Tensor y = x * 3.0;
        const Tensor z = y + 1.0;
        y.fill_(0);
        z.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{3}));
    }
    void rule_53_a_leaf_in_place() {
        Tensor x = leaf({1, 2});
        const std::string text = "a leaf Variable that requires grad is being used in an in-place operation.";
        QCOMPARE(thrown<Error>([&] { x.add_(ones({2})); }), text);
        QCOMPARE(thrown<Error>([&] { x.zero_(); }), text);
        QCOMPARE(thrown<Error>([&] { x.copy_(ones({2})); }), text);
        QCOMPARE(thrown<Error>([&] { x.mul_(Scalar(2)); }), text);
        QCOMPARE(thrown<Error>([&] { x[0].fill_(1); }),
                 std::string("a view of a leaf Variable that requires grad is being used in an in-place operation."));
        const NoGrad scope;
        x.add_(ones({2}));
        x[0].fill_(7);
        QCOMPARE(numbers(x), (Numbers{7, 3}));
    }
    void rule_54_a_non_leaf_gets_a_new_node() {
        const Tensor x = leaf({3});
        Tensor y = x * 2.0;
        y.mul_(Scalar(5.0));
        QCOMPARE(node_of(y), std::string("MulBackward0"));
        QCOMPARE(next_of(y), (Texts{"MulBackward0", "none"}));
        y.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{10}));
        Tensor zeroed = x * 2.0, filled = x * 2.0, copied = x * 2.0;
        QCOMPARE(node_of(zeroed.zero_()), std::string("ZeroBackward0"));
        QCOMPARE(node_of(filled.fill_(1)), std::string("FillBackward2"));
        QCOMPARE(node_of(copied.copy_(x)), std::string("CopyBackwards"));
        QCOMPARE(next_of(copied), (Texts{"MulBackward0", "AccumulateGrad"}));
    }
    void rule_54_a_view_rebases_its_base() {
        const Tensor x = six();
        Tensor base = x * 1.0;
        Tensor part = slice(base, 0, 1, 3);
        const Tensor other = view(base, {2, 3});
        part.mul_(Scalar(2.0));
        QCOMPARE(node_of(base), std::string("CopySlices"));
        QCOMPARE(next_of(base), (Texts{"MulBackward0", "none"}));
        for (const Tensor& each : {part, other}) {
            QCOMPARE(node_of(each), std::string("AsStridedBackward0"));
            QVERIFY(each.grad_fn()->edge(0).node == base.grad_fn().get());
        }
        base.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{1, 2, 2, 1, 1, 1}));
    }
    void rule_54_a_base_that_needed_no_gradient() {
        const Tensor p = leaf({2});
        Tensor base = zeros({3});
        Tensor part = slice(base, 0, 1);
        Tensor inner = slice(part, 0, 1);
        QVERIFY(inner.base().is_same(base));
        inner.copy_(p);
        QVERIFY(base.requires_grad() && part.requires_grad());
        QCOMPARE(next_of(base), (Texts{"none", "AccumulateGrad"}));
        QCOMPARE(node_of(part), std::string("AsStridedBackward0"));
        (base * tensor({1, 2, 3})).sum().backward();
        QCOMPARE(numbers(p.grad()), (Numbers{3}));
    }
    void rule_54_a_view_of_a_changed_base() {
        const Tensor p = leaf({2});
        Tensor base = ones({3});
        const Tensor part = base[1];
        base.mul_(p);
        QVERIFY(part.requires_grad());
        QCOMPARE(node_of(part), std::string("AsStridedBackward0"));
        part.backward();
        QCOMPARE(numbers(p.grad()), (Numbers{1}));
    }
    void rule_54_bytes_are_taken_over() {
        const Tensor x = leaf({-1, 2, -3, 4});
        Tensor y = x * 1.0;
        const Tensor part = slice(y, 0, 1, 3);
        const Tensor before = y.detach().clone();
        in_place(y, [](const Tensor& self) { return relu(self); });
        QCOMPARE(numbers(y), (Numbers{0, 2, 0, 4}));
        QCOMPARE(numbers(part), (Numbers{2, 0}));
        QCOMPARE(numbers(before), (Numbers{-1, 2, -3, 4}));
        Tensor copy = y.detach();
        copy.add_(ones({4})); // shares the elements still
        QCOMPARE(numbers(part), (Numbers{3, 1}));
        QVERIFY(thrown<Error>([&] { y.sum().backward(); }).starts_with("one of the variables needed for gradient"));
    }
    void rule_54_a_base_with_an_offset() {
        const Tensor w = leaf({1, 1});
        Tensor base = slice(tensor({1, 2, 3, 4}), 0, 2).detach();
        const Tensor part = base[0];
        base.mul_(w);
        part.sum().backward();
        QCOMPARE(numbers(w.grad()), (Numbers{3, 0}));
    }
    void rule_54_views_from_before() {
        Tensor base = zeros({3});
        Tensor early = slice(base, 0, 0, 2);
        base.add_(leaf({1, 2, 3}));
        QVERIFY(early.requires_grad());
        QCOMPARE(thrown<Error>([&] { early.mul_(Scalar(2)); }), // as PyTorch: its node was not made yet
                 std::string("a leaf Variable that requires grad is being used in an in-place operation."));
        QCOMPARE(node_of(early), std::string("AsStridedBackward0"));
        early.mul_(Scalar(2));
        QCOMPARE(numbers(base), (Numbers{2, 4, 3}));
    }
    void rule_54_gradients_data() {
        QTest::addColumn<TestRulesGInPlace::Change>("change");
        const auto add = [](const char* name, const Change& change) { QTest::newRow(name) << change; };
        add("from one part to another", [](const Tensors& in) {
            Tensor base = in[0] * 2.0;
            slice(base, 0, 1, 4).copy_(slice(base, 0, 0, 3).clone() * slice(in[1], 0, 0, 3));
            return base * base;
        });
        add("of a transposed view", [](const Tensors& in) {
            const Tensor base = view(in[0] * 1.0, {2, 3});
            Tensor turned = base.t();
            turned.mul_(view(in[1], {3, 2}));
            return base * base;
        });
        add("twice", [](const Tensors& in) {
            const Tensor base = in[0] * in[1];
            Tensor a = slice(base, 0, 0, 4), b = slice(base, 0, 2, 6);
            a.mul_(slice(in[1], 0, 0, 4));
            b.add_(slice(in[0], 0, 1, 5), 3);
            return base * in[0];
        });
        add("through a kept result", [](const Tensors& in) {
            const Tensor base = in[0] * 1.0;
            Tensor part = slice(base, 0, 2, 5);
            in_place(part, [](const Tensor& self) { return sigmoid(self); });
            return base * in[1];
        });
        add("fill and broadcast", [](const Tensors& in) {
            const Tensor base = view(in[0] * 1.0, {3, 2});
            Tensor first = base[0];
            first.fill_(2);
            Tensor last = base[2];
            last.copy_(in[1][0]);
            return base * view(in[1], {3, 2});
        });
        add("a composite operation", [](const Tensors& in) {
            const Tensor base = in[0] * 1.0;
            Tensor part = slice(base, 0, 0, 3);
            in_place(part, [&](const Tensor& self) { return self * slice(in[1], 0, 0, 3) + exp(self) * self; });
            return base;
        });
        add("of a base with other strides", [](const Tensors& in) {
            const Tensor base = view(in[0], {2, 3}).t() * 2.0;
            base[1].mul_(in[1][2]);
            return base * view(in[1], {3, 2});
        });
        add("the whole, not a view", [](const Tensors& in) {
            Tensor y = in[0] * 1.0;
            y.mul_(in[1]).mul_(in[0]).add_(in[1], 2);
            return y;
        });
    }
    void rule_54_gradients() {
        QFETCH(Change, change);
        const Tensors inputs{six(),
                             tensor({0.5, -1, 2, 0.25, 3, -2}, {.dtype = Dtype::float64, .requires_grad = true})};
        const auto function = [&](const Tensors& in) { return Tensors{change(in)}; };
        autograd::gradcheck(function, inputs);
        autograd::gradgradcheck(function, inputs);
    }
    void rule_55_views_of_many() {
        const Tensor x = six();
        const auto text = [](const std::string& start, bool indirect = false) {
            return start + " is a view and " +
                   (indirect ? "its base or another view of its base has been" : "is being") +
                   " modified inplace. This view is the output of a function that returns multiple views. Such "
                   "functions do not allow the output views to be modified inplace. You should replace the inplace "
                   "operation by an out-of-place one.";
        };
        QCOMPARE(thrown<Error>([&] { Tensor(unbind(x * 1.0)[0]).mul_(Scalar(2)); }),
                 text("Output 0 of UnbindBackward0"));
        QCOMPARE(thrown<Error>([&] { Tensor(split(x * 1.0, 2)[1]).zero_(); }), text("Output 1 of SplitBackward0"));
        QCOMPARE(thrown<Error>([&] { Tensor(chunk(x * 1.0, 2)[1]).add_(x); }), text("Output 1 of SplitBackward0"));
        Tensor base = x * 1.0;
        const Tensors parts = unbind(base);
        base.mul_(Scalar(2));
        QCOMPARE(thrown<Error>([&] { (void)parts[0].grad_fn(); }), text("Output 0 of UnbindBackward0", true));
        const NoGrad scope;
        Tensor(unbind(x)[0]).mul_(Scalar(2)); // nothing is recorded: allowed
    }
    void rule_56_views_from_no_grad() {
        const Tensor x = six();
        const Tensor p = leaf({2});
        Tensor base = x * 1.0;
        Tensor plain = zeros({2});
        Tensor made, of_plain;
        {
            const NoGrad scope;
            made = base[0];
            of_plain = plain[0];
        }
        QCOMPARE(thrown<Error>([&] { made.mul_(Scalar(2)); }), no_grad_view);
        QCOMPARE(thrown<Error>([&] { of_plain.mul_(p[0]); }), no_grad_view);
        of_plain.mul_(Scalar(2)); // needs no gradient
        base.mul_(Scalar(2));
        QVERIFY(thrown<Error>([&] { (void)made.grad_fn(); })
                    .starts_with("A view was created in no_grad mode and its base or another view of its base has been "
                                 "modified inplace with grad mode enabled."));
    }
    void rule_56_views_from_inference_mode() {
        const Tensor base = six() * 1.0;
        Tensor made;
        {
            const InferenceMode scope;
            made = base[0];
        }
        QVERIFY(thrown<Error>([&] {
                    made.mul_(Scalar(2));
                }).starts_with("A view was created in inference mode and is being modified inplace in normal mode."));
    }
    void rule_57_expanded_in_place() {
        Tensor x = expand(ones({1}), {3});
        const std::string text =
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation.";
        QCOMPARE(thrown<Error>([&] { x.add_(ones({3})); }), text);
        QCOMPARE(thrown<Error>([&] { x.mul_(Scalar(2)); }), text);
        QCOMPARE(thrown<Error>([&] { x.copy_(ones({3})); }), text);
        x.fill_(4); // the same for all of them
        QCOMPARE(numbers(x), (Numbers{4, 4, 4}));
    }
    void rule_93_views_of_a_backward_hook() {
        nn::ReLU relu(true);
        relu.register_full_backward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
        const Tensor x = leaf({1, 2});
        QCOMPARE(
            thrown<Error>([&] { relu(x * 1.0); }),
            std::string("Output 0 of BackwardHookFunctionBackward is a view and is being modified inplace. This "
                        "view was created inside a custom Function (or because an input was returned as-is) and "
                        "the autograd logic to handle view+inplace would override the custom backward associated "
                        "with the custom Function, leading to incorrect gradients. This behavior is forbidden. You "
                        "can fix this by cloning the output of the custom Function."));
        const NoGrad scope;
        QCOMPARE(numbers(relu(x * 1.0)), (Numbers{1, 2}));
    }
};

QTEST_APPLESS_MAIN(TestRulesGInPlace)
#include "tst_rules_g_in_place.moc"
