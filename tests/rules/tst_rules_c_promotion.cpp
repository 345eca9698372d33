#include "engine/autograd/backward.h"
#include "engine/ops/functional.h"
#include "engine/ops/method.h"
#include "tests/engine/throws.h"

#include <QtTest>

using namespace hs;
using test::thrown;

namespace {

Tensor of(Dtype dtype, const Shape& shape = {2}) {
    return ones(shape, {.dtype = dtype});
}

constexpr std::array<Dtype, 4> halves_and_floats{Dtype::float16, Dtype::bfloat16, Dtype::float32, Dtype::float64};
constexpr std::array<Dtype, 5> integers{Dtype::uint8, Dtype::int8, Dtype::int16, Dtype::int32, Dtype::int64};

} // namespace

/// Section C: type promotion. Only Python can have: complex numbers (rule 17).
class TestRulesPromotion : public QObject {
    Q_OBJECT

  private slots:
    void rule_17_a_lower_rank_counts_only_by_its_category() {
        QCOMPARE((of(Dtype::int16) + 1).dtype(), Dtype::int16);
        QCOMPARE((of(Dtype::int16) + of(Dtype::int64, {})).dtype(), Dtype::int16);
        QCOMPARE((of(Dtype::float16) + 1.5).dtype(), Dtype::float16);
        QCOMPARE((of(Dtype::float16) + of(Dtype::float64, {})).dtype(), Dtype::float16);
        QCOMPARE((of(Dtype::int64, {}) + 1.5).dtype(), Dtype::float32);
    }
    void rule_17_a_number_of_a_higher_category_contributes_the_default_dtype() {
        QCOMPARE((of(Dtype::int8) + 1.5).dtype(), Dtype::float32);
        QCOMPARE((of(Dtype::bool_) + 1).dtype(), Dtype::int64);
    }
    void rule_17_a_number_is_rounded_to_the_tensors_dtype() {
        // 0.1 is 0.0999755859375 in float16.
        const Tensor x = tensor({0.5}, {.dtype = Dtype::float16});
        QCOMPARE((x + 0.1).item().to_double(), 0.60009765625);
        QVERIFY(lt(tensor({0.0999755859375}, {.dtype = Dtype::float16}), 0.1).item().to_bool() == false);
    }

    void rule_18_the_smallest_dtype_that_holds_both() {
        QCOMPARE((of(Dtype::uint8) + of(Dtype::int8)).dtype(), Dtype::int16);
        QCOMPARE((of(Dtype::int8) + of(Dtype::int32)).dtype(), Dtype::int32);
        QCOMPARE((of(Dtype::float16) + of(Dtype::bfloat16)).dtype(), Dtype::float32);
        QCOMPARE((of(Dtype::bool_) + of(Dtype::uint8)).dtype(), Dtype::uint8);
        for (const Dtype floating : halves_and_floats)
            for (const Dtype integer : integers)
                QCOMPARE((of(integer) * of(floating)).dtype(), floating);
    }

    void rule_19_the_examples() {
        QCOMPARE((of(Dtype::int64) + of(Dtype::float64, {})).dtype(), Dtype::float64);
        QCOMPARE((of(Dtype::float32) + of(Dtype::float64, {})).dtype(), Dtype::float32);
        QCOMPARE((of(Dtype::int32) + 1.5).dtype(), Dtype::float32);
        const Tensor wrapped = tensor({200}, {.dtype = Dtype::uint8}) + 300;
        QCOMPARE(wrapped.dtype(), Dtype::uint8);
        QCOMPARE(wrapped.item().to_int(), 244);
        QCOMPARE((tensor({100}, {.dtype = Dtype::int8}) + 100).item().to_int(), -56);
    }

    void rule_20_division_of_integers_gives_floats() {
        for (const Dtype dtype : integers)
            QCOMPARE((of(dtype) / of(dtype)).dtype(), Dtype::float32);
    }
    void rule_20_floor_division_keeps_integers() {
        const Tensor x = tensor({-7, 7}, {.dtype = Dtype::int16});
        const Tensor y = floor_divide(x, 2);
        QCOMPARE(y.dtype(), Dtype::int16);
        QCOMPARE(y.to_vector<double>(), (std::vector<double>{-4, 3}));
    }
    void rule_20_remainder_follows_the_divisors_sign_and_fmod_the_dividends() {
        const Tensor x = tensor({-7, 7}, {.dtype = Dtype::int8});
        QCOMPARE(remainder(x, 3).to_vector<double>(), (std::vector<double>{2, 1}));
        QCOMPARE(fmod(x, 3).to_vector<double>(), (std::vector<double>{-1, 1}));
    }
    void rule_20_integers_have_no_negative_powers() {
        QCOMPARE(thrown<Error>([] { pow(of(Dtype::int64), -1); }),
                 std::string("Integers to negative integer powers are not allowed."));
    }

    void rule_21_unary_functions_turn_integers_into_floats() {
        for (const Dtype dtype : integers) {
            QCOMPARE(exp(of(dtype)).dtype(), Dtype::float32);
            QCOMPARE(sqrt(of(dtype)).dtype(), Dtype::float32);
            QCOMPARE(relu(of(dtype)).dtype(), dtype);
            QCOMPARE(abs(of(dtype)).dtype(), dtype);
        }
        QCOMPARE(exp(of(Dtype::float16)).dtype(), Dtype::float16);
    }
    void rule_21_sums_of_small_integers_are_int64() {
        for (const Dtype dtype : {Dtype::bool_, Dtype::uint8, Dtype::int8, Dtype::int16}) {
            QCOMPARE(sum(of(dtype)).dtype(), Dtype::int64);
            QCOMPARE(prod(of(dtype)).dtype(), Dtype::int64);
            QCOMPARE(cumsum(of(dtype), 0).dtype(), Dtype::int64);
        }
        QCOMPARE(sum(full({200}, 2, {.dtype = Dtype::int8})).item().to_int(), 400);
        QCOMPARE(sum(of(Dtype::bfloat16)).dtype(), Dtype::bfloat16);
    }
    void rule_21_integers_have_no_mean() {
        QCOMPARE(thrown<Error>([] { mean(of(Dtype::int64)); }),
                 std::string("mean(): could not infer output dtype. Input dtype must be either a floating point or "
                             "complex dtype. Got: Long"));
    }

    void rule_22_in_place_the_result_must_fit_the_category() {
        Tensor x = of(Dtype::int64);
        QCOMPARE(thrown<Error>([&] { x.add_(of(Dtype::float32)); }),
                 std::string("result type Float can't be cast to the desired output type Long"));
        QCOMPARE(thrown<Error>([&] { call_method(x, "sqrt_", {}); }),
                 std::string("result type Float can't be cast to the desired output type Long"));
        Tensor y = of(Dtype::float32);
        y.add_(of(Dtype::float64));
        QCOMPARE(y.dtype(), Dtype::float32);
        QCOMPARE(y.to_vector<double>(), (std::vector<double>{2, 2}));
    }

    void rule_23_bools_have_no_difference() {
        QCOMPARE(thrown<Error>([] { of(Dtype::bool_) - of(Dtype::bool_); }),
                 std::string("Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                             "`logical_xor()` operator instead."));
        QCOMPARE(thrown<Error>([] { of(Dtype::bool_) - 1; }),
                 std::string("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
                             "invert a mask, use the `~` or `logical_not()` operator instead."));
    }
    void rule_23_sums_and_products_of_bools_are_bools() {
        const Tensor x = tensor({1, 0}, {.dtype = Dtype::bool_});
        QCOMPARE((x + of(Dtype::bool_)).to_vector<double>(), (std::vector<double>{1, 1}));
        QCOMPARE((x * of(Dtype::bool_)).to_vector<double>(), (std::vector<double>{1, 0}));
        QCOMPARE((x + x).dtype(), Dtype::bool_);
    }

    void rule_24_matrix_products_do_not_promote() {
        const Tensor a = of(Dtype::float32, {2, 2}), b = of(Dtype::float64, {2, 2});
        QCOMPARE(thrown<Error>([&] { mm(a, b); }),
                 std::string("expected m1 and m2 to have the same dtype, but got: float != double"));
        QCOMPARE(thrown<Error>([&] {
                     mm(a, of(Dtype::float16, {2, 2}));
                 }),
                 std::string("expected m1 and m2 to have the same dtype, but got: float != c10::Half"));
        QCOMPARE(thrown<Error>([&] { linear(b, a, of(Dtype::float64)); }),
                 std::string("mat1 and mat2 must have the same dtype, but got Double and Float"));
    }
    void rule_24_matrix_products_of_every_number() {
        for (const Dtype dtype : {Dtype::float16, Dtype::bfloat16, Dtype::int8, Dtype::int16, Dtype::uint8}) {
            const Tensor y = mm(full({2, 3}, 2, {.dtype = dtype}), full({3, 2}, 3, {.dtype = dtype}));
            QCOMPARE(y.dtype(), dtype);
            QCOMPARE(y.to_vector<double>(), (std::vector<double>{18, 18, 18, 18}));
        }
        QCOMPARE(thrown<NotImplementedError>([] {
                     mm(of(Dtype::bool_, {2, 2}), of(Dtype::bool_, {2, 2}));
                 }),
                 std::string("\"addmm_impl_cpu_\" not implemented for 'Bool'"));
    }
    void rule_24_shapes() {
        QCOMPARE(thrown<Error>([] {
                     mm(ones({4, 5}), ones({3, 2}));
                 }),
                 std::string("mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)"));
    }

    void rule_25_shape_errors() {
        QCOMPARE(thrown<Error>([] {
                     ones({2, 3}) + ones({2, 4});
                 }),
                 std::string("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension "
                             "1"));
        QCOMPARE(thrown<Error>([] { ones({6}).view({4}); }), std::string("shape '[4]' is invalid for input of size 6"));
        QCOMPARE(thrown<IndexError>([] { sum(ones({2}), Dims{3}); }),
                 std::string("Dimension out of range (expected to be in range of [-1, 0], but got 3)"));
        QCOMPARE(thrown<IndexError>([] { ones({2})[5]; }),
                 std::string("index 5 is out of bounds for dimension 0 with size 2"));
    }

    // Half types are computed with as float32 and rounded once an operation.
    void half_types_round_once() {
        const Tensor x = tensor({2049.0 / 2, 1}, {.dtype = Dtype::float16}); // 1024.5 is 1024 in float16
        QCOMPARE((x * 2.0 + 1.0).to_vector<double>(), (std::vector<double>{2048, 3}));
        const Tensor big = full({4096}, 1, {.dtype = Dtype::float16});
        QCOMPARE(sum(big).item().to_double(), 4096.0); // a running sum in float16 would stop at 2048
        QCOMPARE(norm(full({4}, 300, {.dtype = Dtype::float16})).item().to_double(), 600.0); // 300^2 is infinite
    }
    void half_types_have_gradients_of_their_dtype() {
        for (const Dtype dtype : {Dtype::float16, Dtype::bfloat16}) {
            const Tensor x = tensor({1, 2, 3}, {.dtype = dtype, .requires_grad = true});
            sum(x * x * 2.0).backward();
            QCOMPARE(x.grad().dtype(), dtype);
            QCOMPARE(x.grad().to_vector<double>(), (std::vector<double>{4, 8, 12}));
        }
    }
    void numbers_that_do_not_fit_are_refused_where_they_are_written() {
        const Tensor x = of(Dtype::int8);
        QCOMPARE(thrown<Error>([&] { masked_fill(x, gt(x, 0), 300); }),
                 std::string("value cannot be converted to type int8_t without overflow"));
    }
};

QTEST_APPLESS_MAIN(TestRulesPromotion)
#include "tst_rules_c_promotion.moc"
