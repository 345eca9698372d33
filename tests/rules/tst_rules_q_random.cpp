#include "engine/ops/functional.h"
#include "engine/tensor/generator.h"

#include <QtTest>

using namespace hs;

/// Section Q: random numbers on the CPU. The numbers are PyTorch's after `torch.manual_seed(5)`.
class TestRulesRandom : public QObject {
    Q_OBJECT

    Generator generator_;

    static void compare(const Tensor& drawn, const std::vector<double>& expected) {
        const std::vector<double> values = drawn.to_vector<double>();
        QCOMPARE(values.size(), expected.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            QVERIFY2(std::abs(values[i] - expected[i]) <= 1e-6 * std::max(1.0, std::abs(expected[i])),
                     qPrintable(QString("element %1 is %2").arg(i).arg(values[i], 0, 'g', 12)));
    }
    static Tensor part(const Tensor& x, std::int64_t start, std::int64_t count) { return narrow(x, 0, start, count); }

  private slots:
    void init() { generator_.manual_seed(5); }

    void rule_133_float32_takes_the_low_24_bits_of_a_draw() {
        compare(rand({3}, generator_), {0.830251873, 0.126110911, 0.90746969});
    }
    void rule_133_float64_takes_53_bits_of_two_draws() {
        const Tensor drawn = rand({2}, generator_, {.dtype = Dtype::float64});
        QCOMPARE(drawn.to_vector<double>(), (std::vector<double>{0.6420150066280941, 0.2597579151763153}));
    }
    void rule_133_half_is_float32_rounded() {
        compare(rand({3}, generator_, {.dtype = Dtype::float16}), {0.830078125, 0.126098633, 0.907226562});
    }
    void rule_133_randint_is_the_draw_modulo_the_range() {
        compare(randint(0, 10, {6}, generator_), {1, 4, 7, 5, 6, 0});
    }
    void rule_133_randint_of_a_large_range_takes_two_draws() {
        const Tensor drawn = randint(0, std::int64_t{1} << 33, {2}, generator_);
        QCOMPARE(drawn.to_vector<std::int64_t>(), (std::vector<std::int64_t>{4531964110, 7865493181}));
    }
    void rule_133_randperm_swaps_forward() { compare(randperm(6, generator_), {5, 0, 1, 3, 4, 2}); }

    void rule_134_randn_of_few_elements_pairs_cosine_and_sine() {
        compare(randn({3}, generator_), {-0.486780763, -0.603821576, -0.55809623});
    }
    void rule_134_the_cached_sine_lives_across_calls() {
        randn({3}, generator_);
        compare(randn({2}, generator_), {0.667524278, -0.197415099});
    }
    void rule_134_randn_from_sixteen_elements_works_in_blocks() {
        const Tensor drawn = randn({16}, generator_);
        compare(part(drawn, 0, 4), {1.84232986, 0.518887162, -1.71192133, -1.7013793});
        compare(part(drawn, 8, 2), {0.39076823, -0.0189677607});
    }
    void rule_134_the_last_sixteen_are_drawn_again() {
        compare(part(randn({18}, generator_), 14, 4), {0.249218777, 1.74703145, 0.744776964, 0.0316568948});
    }
    void rule_134_normal_scales_and_shifts() {
        Tensor x = empty({3});
        x.normal_(2, 3, generator_);
        compare(x, {0.539657772, 0.188535243, 0.32571131});
    }

    void rule_135_bernoulli_is_a_float64_uniform_below_p() {
        compare(bernoulli({8}, 0.3, generator_), {0, 1, 0, 0, 1, 0, 0, 0});
    }
    void rule_135_dropout_keeps_where_the_uniform_is_below_the_keep_probability() {
        const double kept = 1 / 0.75;
        compare(dropout(ones({8}), 0.25, true, generator_), {kept, kept, kept, kept, kept, 0, kept, kept});
    }
};

QTEST_APPLESS_MAIN(TestRulesRandom)
#include "tst_rules_q_random.moc"
