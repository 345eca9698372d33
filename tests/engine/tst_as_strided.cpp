#include "engine/autograd/gradcheck.h"
#include "engine/ops/op.h"
#include "tests/rules/tensors.h"

#include <QtTest>

using namespace hs;
using namespace hs::test;

namespace {

using MakeView = Tensor (*)(const Tensor& base);

/// A view of twelve numbers, read again with another geometry.
struct Reading {
    const char* name;
    MakeView view;
    Dims size, stride;
    std::optional<std::int64_t> offset;
    bool outside = false; ///< reads what the view does not show

    Tensor of(const Tensor& x) const {
        return call_by_name("as_strided", {x, size, stride, offset ? Argument(Scalar(*offset)) : Argument()}, {})[0];
    }
    /// Each element squared, with weights 1, 2, ...
    Tensor loss(const Tensor& x) const {
        const Tensor y = of(x);
        return sum(y * y * (arange(0, y.numel()) + Scalar(1)).to(Dtype::float64).view(size));
    }
};

Tensor strided(const Tensor& base, const Dims& size, const Dims& stride, std::int64_t offset) {
    return call_by_name("as_strided", {base, size, stride, Scalar(offset)}, {})[0];
}

const std::vector<Reading>& readings() {
    static const std::vector<Reading> all{
        {"further on", [](const Tensor& b) { return slice(b, 0, 4); }, {2, 3}, {2, 1}, 5},
        {"from before", [](const Tensor& b) { return slice(b, 0, 4, 9); }, {2, 3}, {2, 1}, 1, true},
        {"its own offset", [](const Tensor& b) { return slice(b, 0, 4); }, {2, 2}, {1, 1}, std::nullopt},
        {"of a transpose",
         [](const Tensor& b) {
             return transpose(slice(view(b, {3, 4}), 0, 1), 0, 1);
         },
         {2, 2},
         {3, 1},
         5},
        {"of what overlaps",
         [](const Tensor& b) {
             return strided(b, {3, 3}, {1, 1}, 2);
         },
         {2, 4},
         {3, 1},
         3,
         true},
        {"of what overlaps, within",
         [](const Tensor& b) {
             return strided(b, {3, 3}, {1, 1}, 2);
         },
         {2, 2},
         {2, 1},
         3},
        {"of what is expanded",
         [](const Tensor& b) {
             return expand(unsqueeze(slice(b, 0, 2, 4), 0), {3, 2});
         },
         {2, 2},
         {1, 1},
         2,
         true},
        {"of every second", [](const Tensor& b) { return slice(b, 0, 1, std::nullopt, 2); }, {5}, {1}, 3, true},
        {"again and again", [](const Tensor& b) { return slice(b, 0, 3); }, {3, 2}, {0, 1}, 6},
        {"of nothing", [](const Tensor& b) { return slice(b, 0, 12); }, {2}, {1}, 3, true},
    };
    return all;
}

Tensor twelve() {
    return (arange(0, 12) + Scalar(1)).to(Dtype::float64).set_requires_grad();
}

} // namespace

/// as_strided of tensors that begin anywhere in their storage. The numbers are PyTorch 2.15's.
class TestAsStrided : public QObject {
    Q_OBJECT

  private slots:
    void gradient_data() {
        QTest::addColumn<Numbers>("of_view");
        QTest::addColumn<Numbers>("of_base");
        const double third = 20.0 / 3, part = 40.0 / 3;
        const std::vector<std::pair<Numbers, Numbers>> expected{
            {{0, 12, 28, 112, 90, 120, 0, 0}, {0, 0, 0, 0, 0, 12, 28, 112, 90, 120, 0, 0}},
            {{50, 72, 0, 0, 0}, {0, 0, 0, 0, 50, 72, 0, 0, 0, 0, 0, 0}},
            {{10, 60, 56, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 10, 60, 56, 0, 0, 0, 0, 0}},
            {{0, 54, 12, 80, 28, 0, 0, 0}, {0, 0, 0, 0, 0, 12, 28, 0, 54, 80, 0, 0}},
            {{0, 4, third, 4, third, 18, third, 18, 126}, {0, 0, 0, 8, 20, 36, 126, 0, 0, 0, 0, 0}},
            {{0, 4, third, 4, third, 18, third, 18, 56}, {0, 0, 0, 8, 20, 36, 56, 0, 0, 0, 0, 0}},
            {{2, part, 2, part, 2, part}, {0, 0, 6, 40, 0, 0, 0, 0, 0, 0, 0, 0}},
            {{0, 8, 36, 80, 0, 0}, {0, 0, 0, 8, 0, 36, 0, 80, 0, 0, 0, 0}},
            {{0, 0, 0, 126, 192, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 126, 192, 0, 0, 0, 0}},
            {{}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
        };
        QCOMPARE(expected.size(), readings().size());
        for (std::size_t i = 0; i < expected.size(); ++i)
            QTest::newRow(readings()[i].name) << expected[i].first << expected[i].second;
    }
    void gradient() {
        QFETCH(Numbers, of_view);
        QFETCH(Numbers, of_base);
        const Reading& reading = *std::ranges::find(readings(), std::string(QTest::currentDataTag()),
                                                    [](const Reading& r) { return r.name; });
        const Tensor base = twelve();
        const Tensor x = reading.view(base);
        x.retain_grad();
        reading.loss(x).backward();
        const auto close = [](const Numbers& a, const Numbers& b) {
            return std::ranges::equal(a, b, [](double p, double q) { return std::abs(p - q) < 1e-12; });
        };
        QVERIFY(close(numbers(x.grad()), of_view));
        QVERIFY(close(numbers(base.grad()), of_base));
    }
    void gradcheck_passes() {
        int checked = 0;
        for (const Reading& reading : readings()) {
            if (reading.outside) continue; // what x does not show moves the result, but has no gradient
            const auto function = [&](const Tensors& in) -> Tensors {
                const Tensor y = reading.of(reading.view(in[0] * Scalar(1.0)));
                return {y * y};
            };
            autograd::gradcheck(function, {twelve()});
            autograd::gradgradcheck(function, {twelve()});
            ++checked;
        }
        QCOMPARE(checked, 5);
    }
    void a_leaf_may_begin_anywhere() {
        const Tensor x = slice(twelve().detach(), 0, 2, 6).set_requires_grad();
        QVERIFY(x.is_leaf());
        sum(strided(x, {3}, {2}, 0)).backward(); // places 0, 2, 4
        QCOMPARE(numbers(x.grad()), (Numbers{1, 0, 1, 0}));
    }
    void a_view_of_a_base_with_an_offset_is_made_again() {
        const Tensor x = tensor({1, 2, 3}, {.requires_grad = true});
        Tensor y = x * Scalar(2);
        y.set_data(slice(tensor({0, 0, 3, 4, 5}), 0, 2));
        const Tensor v = slice(y, 0, 1);
        y.mul_(Scalar(10));
        QCOMPARE(node_of(v), std::string("AsStridedBackward0"));
        sum(v * tensor({1, 2})).backward();
        QCOMPARE(numbers(x.grad()), (Numbers{0, 20, 40}));
    }
};

QTEST_APPLESS_MAIN(TestAsStrided)
#include "tst_as_strided.moc"
