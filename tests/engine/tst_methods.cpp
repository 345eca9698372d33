#include "engine/ops/functional.h"
#include "engine/ops/method.h"
#include "engine/ops/samples.h"
#include "tests/engine/throws.h"

#include <QtTest>

#include <cmath>

using namespace hs;
using test::thrown;

/// Operations as methods of a tensor, and their in-place forms.
class TestMethods : public QObject {
    Q_OBJECT

  private slots:
    void a_method_is_the_operation_of_the_tensor() {
        const Tensor x = tensor({1, -2});
        QCOMPARE(call_method(x, "abs", {})[0].to_vector<double>(), (std::vector<double>{1, 2}));
        QCOMPARE(call_method(x, "add", {Argument(Scalar(1))}, {{"alpha", Scalar(3)}})[0].to_vector<double>(),
                 (std::vector<double>{4, 1}));
    }

    /// Every in-place form, on the samples of its operation whose result has the first argument's shape.
    void in_place_forms_give_what_the_operation_gives_data() {
        QTest::addColumn<int>("place");
        int place = 0;
        for (const Op* op : catalogue()) {
            if (has_in_place_form(op->name()) && op->schema().parameters[0].type == ParameterType::tensor)
                QTest::addRow("%s.%s", op->name().c_str(), op->schema().overload.c_str()) << place;
            ++place;
        }
    }
    void in_place_forms_give_what_the_operation_gives() {
        QFETCH(int, place);
        const Op& op = *catalogue()[static_cast<std::size_t>(place)];
        int compared = 0;
        for (const Sample& sample : op.declaration().samples()) {
            const std::vector<Argument> bound = op.schema().bind(sample.arguments, sample.keywords);
            std::vector<ArgumentRef> references;
            for (const Argument& argument : bound)
                references.push_back(argument.ref());
            const Tensor given = std::get<Tensor>(bound[0].value());
            const Tensor expected = call(op, references);
            const bool is_geometry = expected.shares_storage(given);
            if (!is_geometry && (expected.shape() != given.shape() || !can_cast(expected.dtype(), given.dtype())))
                continue;
            Tensor self = given.clone();
            const std::uint32_t before = self.version();
            std::map<std::string, Argument> keywords;
            for (std::size_t i = 1; i < bound.size(); ++i)
                keywords.emplace(op.schema().parameters[i].name, bound[i]);
            const Tensor result = call_method(self, op.name() + "_", {}, keywords)[0];
            QVERIFY(result.is_same(self));
            QCOMPARE(self.shape(), expected.shape());
            QVERIFY(self.version() > before);
            const std::vector<double> left = self.to_vector<double>();
            const std::vector<double> right = expected.to(self.dtype()).to_vector<double>();
            for (std::size_t i = 0; i < left.size(); ++i)
                QVERIFY(left[i] == right[i] || (std::isnan(left[i]) && std::isnan(right[i])));
            ++compared;
        }
        QVERIFY2(compared > 0, "no sample keeps the shape");
    }

    void what_pytorch_has_not_in_place_is_refused() {
        QVERIFY(has_in_place_form("add") && has_in_place_form("squeeze"));
        QVERIFY(!has_in_place_form("matmul") && !has_in_place_form("sum"));
        QCOMPARE(thrown<TypeError>([] { call_method(ones({2}), "sum_", {}); }),
                 std::string("a tensor has no method 'sum_'"));
    }
    void a_leaf_that_requires_grad_is_refused() {
        const Tensor x = ones({2, 2}, {.requires_grad = true});
        QCOMPARE(thrown<Error>([&] { call_method(x, "abs_", {}); }),
                 std::string("a leaf Variable that requires grad is being used in an in-place operation."));
        QCOMPARE(thrown<Error>([&] { call_method(x, "t_", {}); }),
                 std::string("a leaf Variable that requires grad is being used in an in-place operation."));
    }
    void gradients_flow_through_in_place_forms() {
        const Tensor x = tensor({2, 3}, {.requires_grad = true});
        Tensor y = x * 1.0;
        call_method(y, "pow_", {Argument(Scalar(2))});
        call_method(y, "unsqueeze_", {Argument(Scalar(0))});
        QCOMPARE(y.shape(), (Shape{1, 2}));
        sum(y).backward();
        QCOMPARE(x.grad().to_vector<double>(), (std::vector<double>{4, 6}));
    }
};

QTEST_APPLESS_MAIN(TestMethods)
#include "tst_methods.moc"
