#include "engine/kernels/cpu/parallel.h"
#include "tests/engine/kernel_checks.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using namespace hs;
using namespace hs::test;

namespace {

constexpr BinRange unit_range{BinScale::linear, -1, 1};
constexpr BinRange log_range{BinScale::symmetric_log, 1e-6F, 10};

/// Whether element `i` is of a run that is counted.
bool is_binned(std::int64_t i, int every) {
    if (every == 0) return false;
    const std::int64_t run = i % summary_block / summary_run;
    return every == 1 || run % every == i / summary_block % every;
}

/// The summary as its definition says, in two passes of double.
template <class T>
SummaryResult expected_summary(const std::vector<T>& x, const SummaryRequest& request) {
    SummaryResult r;
    r.count = static_cast<std::int64_t>(x.size());
    r.min = infinity;
    r.max = -infinity;
    long double sum = 0, squares = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double v = static_cast<double>(x[i]);
        r.zeros += v == 0;
        r.nans += std::isnan(v);
        r.positive_infinities += v == static_cast<double>(infinity);
        r.negative_infinities += v == static_cast<double>(-infinity);
        if (!std::isfinite(v)) continue;
        r.min = std::min(r.min, v);
        r.max = std::max(r.max, v);
        sum += v;
        if (!is_binned(static_cast<std::int64_t>(i), request.bin_every)) continue;
        ++r.bins[static_cast<std::size_t>(bin_of(static_cast<float>(v), request.range))];
        ++r.binned;
    }
    if (r.finite() == 0) return r;
    const long double mean = sum / static_cast<long double>(r.finite());
    for (const T value : x) {
        const auto v = static_cast<double>(value);
        if (std::isfinite(v)) squares += (v - mean) * (v - mean);
    }
    r.mean = static_cast<double>(mean);
    r.square_deviation = static_cast<double>(squares);
    return r;
}

void compare(const SummaryResult& actual, const SummaryResult& expected, double tolerance = 2e-6) {
    QCOMPARE(actual.count, expected.count);
    QCOMPARE(actual.zeros, expected.zeros);
    QCOMPARE(actual.nans, expected.nans);
    QCOMPARE(actual.positive_infinities, expected.positive_infinities);
    QCOMPARE(actual.negative_infinities, expected.negative_infinities);
    QCOMPARE(actual.binned, expected.binned);
    QCOMPARE(actual.min, expected.min);
    QCOMPARE(actual.max, expected.max);
    for (std::size_t i = 0; i < expected.bins.size(); ++i)
        QCOMPARE(actual.bins[i], expected.bins[i]);
    const double deviation =
        expected.finite() > 0 ? std::sqrt(expected.square_deviation / static_cast<double>(expected.finite())) : 0;
    VERIFY_NEAR(actual.mean, expected.mean, tolerance * deviation, tolerance, "mean");
    VERIFY_NEAR(actual.square_deviation, expected.square_deviation, 0, 5 * tolerance, "square deviation");
}

/// What the kernel of one instruction set sees in one part.
SummaryResult one_part(InstructionSet set, const float* x, std::int64_t count, const SummaryRequest& request) {
    std::vector<SummaryMoments> moments(static_cast<std::size_t>((count + summary_block - 1) / summary_block));
    SummaryResult result;
    vector_kernels(set).summary.summarise(x, count, request, &result, moments.data());
    const SummaryMoments joined = join_moments(moments);
    result.mean = joined.mean;
    result.square_deviation = joined.square_deviation;
    return result;
}

Floats normal_floats(std::int64_t count, double mean, double deviation) {
    std::mt19937 bits(5);
    std::normal_distribution<double> normal(mean, deviation);
    Floats values(static_cast<std::size_t>(count));
    for (float& value : values)
        value = static_cast<float>(normal(bits));
    return values;
}

} // namespace

class TstSummaryKernels : public QObject {
    Q_OBJECT

  private slots:
    void floats_data() {
        QTest::addColumn<Floats>("x");
        for (const std::int64_t n : {0, 1, 2, 7, 100, 2047, 2048, 2049, 10000, 600001}) {
            QTest::addRow("normal %lld", static_cast<long long>(n)) << normal_floats(n, 0.1, 0.5);
        }
        QTest::newRow("mean far from zero") << normal_floats(50000, 1000, 0.01);
        QTest::newRow("exploded") << normal_floats(5000, 0, 1e30);
        QTest::newRow("largest") << Floats{3e38F, -3e38F, 3.4e38F, 1.0F};
        QTest::newRow("vanished") << normal_floats(5000, 0, 1e-30);
        QTest::newRow("denormal") << normal_floats(5000, 0, 1e-41);
        QTest::newRow("constant") << Floats(5000, 0.7F);
        QTest::newRow("zeros") << Floats(5000, 0.0F);
        Floats relu = normal_floats(30000, 0, 0.5);
        for (float& value : relu)
            value = std::max(value, 0.0F);
        QTest::newRow("rectified") << relu;
        Floats odd = normal_floats(20000, 0, 1);
        odd[3] = odd[2047] = nan_value;
        odd[4] = odd[9000] = odd[9001] = infinity;
        odd[19999] = -infinity;
        odd[19998] = -0.0F;
        QTest::newRow("not finite") << odd;
        QTest::newRow("only NaN") << Floats(3000, nan_value);
        QTest::newRow("only infinities") << Floats{infinity, -infinity, -infinity};
        Floats outlier = normal_floats(2000, 0, 0.01);
        outlier[0] = 1e4F;
        QTest::newRow("outlier first") << outlier;
    }

    void floats() {
        QFETCH(Floats, x);
        Floats shifted{0.0F};
        shifted.insert(shifted.end(), x.begin(), x.end());
        for (const BinRange& range : {unit_range, log_range}) {
            for (const int every : {1, 0, 4, 128}) {
                const SummaryRequest request{range, every};
                const SummaryResult expected = expected_summary(x, request);
                for (const auto set : instruction_sets()) {
                    const SummaryResult result =
                        one_part(set, shifted.data() + 1, static_cast<std::int64_t>(x.size()), request);
                    compare(result, expected, 1e-5);
                    if (QTest::currentTestFailed()) return;
                }
                compare(summarise(x.data(), static_cast<std::int64_t>(x.size()), request), expected, 1e-5);
            }
        }
    }

    void other_types() {
        const SummaryRequest request{{BinScale::linear, -100, 100}, 1};
        std::vector<double> doubles;
        std::vector<std::int64_t> longs;
        std::vector<std::int32_t> ints;
        std::vector<std::uint8_t> bytes;
        for (int i = 0; i < 5000; ++i) {
            doubles.push_back(std::sin(i) * 150);
            longs.push_back(i * 7 % 301 - 150);
            ints.push_back(i * 5 % 99 - 50);
            bytes.push_back(static_cast<std::uint8_t>(i % 256));
        }
        compare(summarise(longs.data(), 5000, request), expected_summary(longs, request), 1e-12);
        compare(summarise(ints.data(), 5000, request), expected_summary(ints, request), 1e-12);
        // Through float; a sanitizer keeps its sums in one lane, which costs digits.
        compare(summarise(bytes.data(), 5000, request), expected_summary(bytes, request), 1e-5);
        compare(summarise(doubles.data(), 5000, request), expected_summary(doubles, request), 1e-12);
        doubles[7] = std::nan("");
        doubles[4000] = static_cast<double>(-infinity);
        compare(summarise(doubles.data(), 5000, request), expected_summary(doubles, request), 1e-12);
        const bool flags[]{true, false, true, true};
        const SummaryResult result = summarise(flags, 4, request);
        QCOMPARE(result.zeros, std::int64_t{1});
        QCOMPARE(result.mean, 0.75);
        QCOMPARE(result.max, 1.0);
    }

    void derived_numbers() {
        const Floats x{3, -4, 0, 1};
        const SummaryResult result = summarise(x.data(), 4, {unit_range, 1});
        QCOMPARE(result.norm(), std::sqrt(26.0));
        QCOMPARE(result.standard_deviation(), std::sqrt(26.0 / 3));
        QVERIFY(std::isnan(summarise(x.data(), 1, {unit_range, 1}).standard_deviation()));
        QCOMPARE(summarise(x.data(), 0, {unit_range, 1}).norm(), 0.0);
    }

    // Each bin lies between its edges: values within a bin's inner 99 % belong to it, in order, and mirrored.
    void bins_have_their_edges() {
        for (const BinRange& range : {unit_range, log_range, BinRange{BinScale::symmetric_log, 1e-40F, 3e38F},
                                      BinRange{BinScale::linear, 0, 1e-20F}}) {
            for (int bin = 0; bin < bin_count; ++bin) {
                const double from = bin_edge(range, bin), to = bin_edge(range, bin + 1);
                QVERIFY(from < to);
                QCOMPARE(bin_of(static_cast<float>(from + 0.005 * (to - from)), range), bin);
                QCOMPARE(bin_of(static_cast<float>(from + 0.995 * (to - from)), range), bin);
            }
        }
        QCOMPARE(bin_edge(log_range, 33) > 1e-6, true);
        VERIFY_NEAR(bin_edge(log_range, 64), 10, 0, 1e-6, "last edge");
        VERIFY_NEAR(bin_edge(log_range, 0), -10, 0, 1e-6, "first edge");
        for (const BinRange& range : {unit_range, log_range}) {
            QCOMPARE(bin_of(1e30F, range), 63);
            QCOMPARE(bin_of(-1e30F, range), 0);
            QCOMPARE(bin_of(0.0F, range), 32);
            QCOMPARE(bin_of(-0.0F, range), 32);
        }
        QCOMPARE(bin_of(1e-9F, log_range), 32);
        QCOMPARE(bin_of(-1e-9F, log_range), 31);
    }

    // A range that is empty, reversed or not a number costs the bins their meaning, nothing else.
    void odd_ranges() {
        const Floats x = normal_floats(5000, 0, 1);
        for (const BinScale scale : {BinScale::linear, BinScale::symmetric_log}) {
            for (const auto& [low, high] : {std::pair{1.0F, 1.0F}, std::pair{2.0F, -2.0F}, std::pair{nan_value, 1.0F},
                                            std::pair{0.0F, nan_value}, std::pair{-infinity, infinity}}) {
                for (const auto set : instruction_sets()) {
                    const SummaryResult result = one_part(set, x.data(), 5000, {{scale, low, high}, 1});
                    QCOMPARE(result.binned, std::int64_t{5000});
                    QCOMPARE(result.count, std::int64_t{5000});
                }
            }
        }
    }

    void threads_do_not_change_results() {
        const Floats x = normal_floats(1500000, 0.3, 2);
        const int before = get_num_threads();
        for (const int every : {1, 7}) {
            set_num_threads(1);
            const SummaryResult one = summarise(x.data(), 1500000, {log_range, every});
            set_num_threads(2);
            const SummaryResult two = summarise(x.data(), 1500000, {log_range, every});
            compare(two, one, 0);
            compare(one, expected_summary(x, {log_range, every}), 1e-6);
        }
        set_num_threads(before);
    }

    void merging() {
        const Floats x = normal_floats(3000, 0.3, 2), y = normal_floats(100, 50, 1);
        Floats both = x;
        both.insert(both.end(), y.begin(), y.end());
        const SummaryRequest request{unit_range, 1};
        SummaryResult whole;
        merge(whole, SummaryResult{});
        merge(whole, summarise(x.data(), 3000, request));
        merge(whole, summarise(y.data(), 100, request));
        merge(whole, SummaryResult{});
        compare(whole, expected_summary(both, request), 1e-6);
    }
};

QTEST_APPLESS_MAIN(TstSummaryKernels)
#include "tst_summary_kernels.moc"
