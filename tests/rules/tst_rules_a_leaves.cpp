#include "engine/nn/parameter.h"
#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

/// Section A, tensors and leaves. Rule 7's TypeError for what is no tensor and rule 10's conversion to NumPy need
/// Python: C++ does not compile them.
class TestRulesALeaves : public QObject {
    Q_OBJECT

  private slots:
    void rule_1_a_leaf_has_no_grad_fn() {
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 2.0;
        QVERIFY(x.is_leaf() && !x.grad_fn());
        QVERIFY(!y.is_leaf() && y.grad_fn());
        QVERIFY((tensor({1}) * 2.0).is_leaf());
        QVERIFY(y.detach().is_leaf() && !y.detach().requires_grad());
    }
    void rule_2_what_requires_grad() {
        const Tensor x = leaf({1, 2});
        const Tensor plain = tensor({3, 4});
        QVERIFY((x + plain).requires_grad());
        QVERIFY(!(plain + plain).requires_grad());
        QVERIFY(!gt(x, plain).requires_grad());
        QVERIFY(!argmax(x).requires_grad());
        QVERIFY(!x.to(Dtype::int64).requires_grad());
        const NoGrad scope;
        QVERIFY(!(x + plain).requires_grad());
    }
    void rule_3_only_floating_tensors_require_grad() {
        Tensor x = tensor({1}, {.dtype = Dtype::int64});
        QCOMPARE(thrown<Error>([&] { x.set_requires_grad(); }),
                 std::string("only Tensors of floating point dtype can require gradients"));
        const std::string constructor = "Only Tensors of floating point and complex dtype can require gradients";
        QCOMPARE(thrown<Error>([] { ones({1}, {.dtype = Dtype::int64, .requires_grad = true}); }), constructor);
        QCOMPARE(thrown<Error>([&] { nn::parameter(x); }), constructor);
    }
    void rule_4_the_flag_of_a_non_leaf() {
        Tensor y = leaf({1}) * 2.0;
        y.set_requires_grad(true);
        QVERIFY(!y.is_leaf());
        QCOMPARE(
            thrown<Error>([&] { y.set_requires_grad(false); }),
            std::string("you can only change requires_grad flags of leaf variables. If you want to use a computed "
                        "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."));
    }
    void rule_5_detach_shares_storage_and_version() {
        const Tensor x = tensor({1, 2});
        Tensor detached = x.detach();
        Tensor data = x.data_tensor();
        detached.fill_(7);
        QCOMPARE(numbers(x), (Numbers{7, 7}));
        QCOMPARE(x.version(), 1u);
        data.fill_(3);
        QCOMPARE(numbers(x), (Numbers{3, 3}));
        QCOMPARE(x.version(), 1u);
        QVERIFY(!detached.is_view());
    }
    void rule_5_detach_in_place() {
        const Tensor x = leaf({1, 2});
        Tensor y = x * 2.0;
        y.detach_();
        QVERIFY(y.is_leaf() && !y.requires_grad());
        Tensor inner = x * 2.0;
        const Tensor product = inner * inner;
        inner.detach_();
        QVERIFY(thrown<Error>([&] {
                    product.sum().backward();
                }).starts_with("Trying to use a saved tensor that has been detached in-place, i.e. with .detach_()."));
        Tensor view = (x * 2.0)[0];
        QVERIFY(
            thrown<Error>([&] { view.detach_(); }).starts_with("Can't detach views in-place. Use detach() instead."));
    }
    void rule_6_grad_of_a_non_leaf_warns() {
        const Warnings warnings;
        const Tensor x = leaf({1});
        const Tensor y = x * 2.0;
        QVERIFY(!x.grad().defined());
        QVERIFY(warnings.texts().empty());
        QVERIFY(!y.grad().defined());
        QCOMPARE(
            warnings.texts(),
            Texts{"The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                  "won't be populated during autograd.backward(). If you indeed want the .grad field to be populated "
                  "for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor "
                  "by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 "
                  "for more informations."});
    }
    void rule_7_assigning_grad() {
        const Tensor x = leaf({1, 2});
        QCOMPARE(thrown<Error>([&] {
                     x.set_grad(tensor({1, 2, 3}));
                 }),
                 std::string("attempting to assign a gradient of size '[3]' to a tensor of size '[2]'. Please ensure "
                             "that the gradient and the tensor are the same size"));
        QVERIFY(thrown<Error>([&] {
                    x.set_grad(tensor({1, 2}, {.dtype = Dtype::float64}));
                }).starts_with("attempting to assign a gradient with dtype 'Double' to a tensor with dtype 'Float'."));
        QCOMPARE(thrown<Error>([&] { x.set_grad(x); }), std::string("can't assign Variable as its own grad"));
        x.set_grad(tensor({5, 6}));
        QCOMPARE(numbers(x.grad()), (Numbers{5, 6}));
        x.set_grad({});
        QVERIFY(!x.grad().defined());
    }
    void rule_8_assigning_data() {
        const Tensor x = leaf({1, 2});
        x.set_data(tensor({1, 2, 3}, {.dtype = Dtype::float64}));
        QCOMPARE(x.shape(), Shape({3}));
        QCOMPARE(x.dtype(), Dtype::float64);
        QCOMPARE(x.version(), 0u);
        QVERIFY(x.requires_grad());
        QCOMPARE(thrown<Error>([&] { x.set_data(tensor({1}, {.dtype = Dtype::int64})); }),
                 std::string("data set to a tensor that requires gradients must be floating point or complex dtype"));
    }
    void rule_9_to_returns_the_same_object() {
        const Tensor x = leaf({1, 2});
        QVERIFY(x.to(Dtype::float32).is_same(x));
        const Tensor converted = x.to(Dtype::float64);
        QVERIFY(!converted.is_same(x));
        QCOMPARE(node_of(converted), std::string("ToCopyBackward0"));
        QVERIFY(tensor({1}).to(Dtype::float64).is_leaf());
    }
    void rule_10_numbers_out_of_tensors() {
        QCOMPARE(thrown<Error>([] {
                     tensor({1, 2}).item();
                 }),
                 std::string("a Tensor with 2 elements cannot be converted to Scalar"));
        QCOMPARE(ones({1, 1}).item<double>(), 1.0);
        QVERIFY(tensor({2}).is_true() && !tensor({0}).is_true());
        QCOMPARE(thrown<Error>([] {
                     (void)tensor({1, 2}).is_true();
                 }),
                 std::string("Boolean value of Tensor with more than one value is ambiguous"));
        QCOMPARE(thrown<Error>([] { (void)ones({0}).is_true(); }),
                 std::string("Boolean value of Tensor with no values is ambiguous"));
        QCOMPARE(ones({4, 2}).len(), std::int64_t{4});
        QCOMPARE(thrown<TypeError>([] { (void)ones({}).len(); }), std::string("len() of a 0-d tensor"));
    }
    void rule_11_deepcopy() {
        const Tensor x = leaf({1, 2});
        (x * 3.0).sum().backward();
        Tensor copy = x.deepcopy();
        QVERIFY(copy.requires_grad() && copy.is_leaf() && !copy.shares_storage(x));
        QCOMPARE(numbers(copy.grad()), (Numbers{3, 3}));
        copy.grad().detach().fill_(0);
        QCOMPARE(numbers(x.grad()), (Numbers{3, 3}));
        QVERIFY(thrown<Error>([&] { (x * 2.0).deepcopy(); })
                    .starts_with("Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                                 "protocol at the moment"));
    }
};

QTEST_APPLESS_MAIN(TestRulesALeaves)
#include "tst_rules_a_leaves.moc"
