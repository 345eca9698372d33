#include "engine/ops/creation.h"
#include "engine/ops/functional.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/printing.h"
#include "engine/tensor/warning.h"
#include "tests/engine/throws.h"

#include <QtTest>

using namespace hs;
using test::thrown;

/// Section B: creation and dtype inference. Only Python can have:
/// - rule 12: complex numbers (there is no complex dtype);
/// - rule 13: a dtype given as a string (in C++ that does not compile);
/// - rule 14: that Tensor() takes neither dtype nor requires_grad (there is no such parameter).
class TestRulesCreation : public QObject {
    Q_OBJECT

  private slots:
    void rule_12_integers_give_int64() {
        const Tensor x = tensor_of({{1, 2}, {3, 4}});
        QCOMPARE(x.dtype(), Dtype::int64);
        QCOMPARE(to_string(x), std::string("tensor([[1, 2],\n        [3, 4]])"));
    }
    void rule_12_a_float_gives_the_default_dtype() {
        QCOMPARE(tensor_of({1.0, 2.5}).dtype(), Dtype::float32);
        QCOMPARE(tensor_of(1.5).shape(), Shape{});
    }
    void rule_12_bools_give_bool() { QCOMPARE(tensor_of({true, false}).dtype(), Dtype::bool_); }
    void rule_12_mixed_data_take_the_widest() {
        QCOMPARE(tensor_of({1, 2.5, true}).dtype(), Dtype::float32);
        QCOMPARE(tensor_of({1, true}).dtype(), Dtype::int64);
    }
    void rule_12_nothing_is_float32_of_no_elements() {
        const Tensor x = tensor_of(Data(std::vector<Data>()));
        QCOMPARE(x.dtype(), Dtype::float32);
        QCOMPARE(x.shape(), Shape{0});
    }
    void rule_12_integers_beyond_a_double_stay_exact() {
        QCOMPARE(tensor_of({9007199254740993}).to_vector<std::int64_t>()[0], 9007199254740993);
    }
    void rule_12_ragged_data_are_refused() {
        QCOMPARE(thrown<ValueError>([] {
                     tensor_of({{1, 2}, {1}});
                 }),
                 std::string("expected sequence of length 2 at dim 1 (got 1)"));
        QCOMPARE(thrown<TypeError>([] { tensor_of({{1, 2}, 3}); }), std::string("not a sequence"));
    }
    void rule_12_of_a_tensor_it_copies_and_warns() {
        std::string warned;
        const auto before = set_warning_handler([&](const std::string& text) { warned = text; });
        const Tensor x = tensor({1, 2}, {.dtype = Dtype::float64, .requires_grad = true});
        const Tensor copy = tensor_of(x);
        set_warning_handler(before);
        QVERIFY(!copy.shares_storage(x));
        QVERIFY(!copy.requires_grad());
        QCOMPARE(copy.dtype(), Dtype::float64);
        QCOMPARE(warned, std::string("To copy construct from a tensor, it is recommended to use "
                                     "sourceTensor.detach().clone() or "
                                     "sourceTensor.detach().clone().requires_grad_(True), rather than "
                                     "torch.tensor(sourceTensor)."));
    }

    void rule_13_dtype_is_a_dtype() { QCOMPARE(tensor_of({1, 2}, Dtype::float64).dtype(), Dtype::float64); }

    void rule_14_the_legacy_constructor_makes_floats() {
        QCOMPARE(legacy_tensor({3}).shape(), Shape{3});
        QCOMPARE(legacy_tensor({2, 3}).shape(), (Shape{2, 3}));
        QCOMPARE(legacy_tensor().shape(), Shape{0});
        const Tensor one = legacy_tensor_of({3});
        QCOMPARE(one.dtype(), Dtype::float32);
        QCOMPARE(one.to_vector<double>(), std::vector<double>{3});
    }
    void rule_14_a_number_alone_is_refused() {
        QCOMPARE(thrown<TypeError>([] { legacy_tensor_of(5.5); }),
                 std::string("new(): data must be a sequence (got float)"));
    }
    void rule_14_a_tensor_is_aliased_without_changing_its_dtype() {
        const Tensor x = ones({2}, {.dtype = Dtype::float64});
        const Tensor alias = legacy_tensor_of(x);
        QVERIFY(alias.shares_storage(x));
        QCOMPARE(alias.dtype(), Dtype::float64);
    }

    void rule_15_full_and_arange_follow_the_kind_of_their_arguments() {
        QCOMPARE(full_by_kind({2}, 1).dtype(), Dtype::int64);
        QCOMPARE(full_by_kind({2}, true).dtype(), Dtype::bool_);
        QCOMPARE(full_by_kind({2}, 1.0).dtype(), Dtype::float32);
        QCOMPARE(arange_by_kind(0, 3).dtype(), Dtype::int64);
        QCOMPARE(arange_by_kind(0, 3, 0.5).dtype(), Dtype::float32);
        QCOMPARE(arange_by_kind(0, 3, 0.5).numel(), 6);
    }
    void rule_15_the_others_use_the_default_dtype() {
        Generator generator(1);
        for (const Tensor& x :
             {zeros({2}), ones({2}), rand({2}, generator), randn({2}, generator), eye(2), linspace(0, 1, 3)})
            QCOMPARE(x.dtype(), Dtype::float32);
        QCOMPARE(randint(0, 5, {2}, generator).dtype(), Dtype::int64);
    }
    void rule_15_factories_make_every_dtype() {
        for (int i = 0; i < dtype_count; ++i) {
            const auto dtype = static_cast<Dtype>(i);
            QCOMPARE(eye(2, {.dtype = dtype}).to_vector<double>(), (std::vector<double>{1, 0, 0, 1}));
            if (dtype == Dtype::bool_) continue;
            QCOMPARE(arange(0, 4, 1, {.dtype = dtype}).to_vector<double>(), (std::vector<double>{0, 1, 2, 3}));
            QCOMPARE(linspace(0, 8, 5, {.dtype = dtype}).to_vector<double>(), (std::vector<double>{0, 2, 4, 6, 8}));
        }
    }

    void rule_16_type_gives_legacy_names() {
        QCOMPARE(legacy_type_name(zeros({1})), std::string("torch.FloatTensor"));
        QCOMPARE(legacy_type_name(zeros({1}, {.dtype = Dtype::bfloat16})), std::string("torch.BFloat16Tensor"));
        QCOMPARE(legacy_type_name(zeros({1}, {.dtype = Dtype::int8})), std::string("torch.CharTensor"));
    }
    void rule_16_a_legacy_name_converts() {
        const Tensor x = tensor({1.5, -2.5});
        const Tensor y = to_type(x, "torch.LongTensor");
        QCOMPARE(y.dtype(), Dtype::int64);
        QCOMPARE(y.to_vector<double>(), (std::vector<double>{1, -2}));
        QVERIFY(to_type(x, "torch.FloatTensor").is_same(x));
        QCOMPARE(type_as(x, y).dtype(), Dtype::int64);
        QCOMPARE(thrown<ValueError>([&] { to_type(x, "torch.FooTensor"); }),
                 std::string("invalid type: 'torch.FooTensor'"));
    }
};

QTEST_APPLESS_MAIN(TestRulesCreation)
#include "tst_rules_b_creation.moc"
