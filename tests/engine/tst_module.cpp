#include "engine/nn/flatten.h"
#include "tests/rules/small_modules.h"

using namespace hs;
using namespace hs::test;

/// What the tests of PyTorch's rules leave out of a module.
class TestModule : public QObject {
    Q_OBJECT

  private slots:
    void members_in_one_line() {
        struct Both : nn::Module {
            nn::Child<Scale> replaceable = add("replaceable", Scale(2));
            Scale& fixed = add("fixed", Scale(3));
            Tensor forward(const Tensor& x) override { return fixed(replaceable(x)); }
        };
        nn::Sequential outer((Both())); // moving a module leaves its members valid
        QCOMPARE(outer(ones({1})).item<int>(), 6);
        const Both both;
        QVERIFY(both.replaceable && &*both.replaceable == both.children()[0]);
        Scale& passed_on = both.replaceable;
        QVERIFY(&passed_on == both.children()[0]);
        QCOMPARE(both.replaceable.call({ones({1})})[0].item<int>(), 2);
        static_assert(!std::is_convertible_v<nn::Child<Scale>, Scale>, "a member without & would be a copy");
    }
    void zero_grad() { // rule 50
        Net net;
        net(ones({1})).sum().backward();
        const Tensor gradient = net.first->weight.grad();
        net.zero_grad(false);
        QVERIFY(gradient.is_same(net.first->weight.grad()));
        QCOMPARE(gradient.item<double>(), 0.0);
        net.zero_grad();
        QVERIFY(!net.first->weight.grad().defined());
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
};

QTEST_APPLESS_MAIN(TestModule)
#include "tst_module.moc"
