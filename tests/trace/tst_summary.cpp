#include "engine/trace/summary.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

using namespace hs::trace;

namespace {

/// A summary counted the slow way.
Summary count_up(const std::vector<double>& values, const BinRange& range) {
    Summary s;
    s.range = range;
    std::vector<double> finite;
    double squares = 0;
    for (const double x : values) {
        ++s.count;
        s.nan += std::isnan(x);
        s.positive_inf += std::isinf(x) && x > 0;
        s.negative_inf += std::isinf(x) && x < 0;
        s.zeros += x == 0;
        if (!std::isfinite(x)) continue;
        finite.push_back(x);
        squares += x * x;
        ++s.bins[static_cast<std::size_t>(bin_of(range, x))];
    }
    if (finite.empty()) return s;
    const auto count = static_cast<double>(finite.size());
    s.min = *std::min_element(finite.begin(), finite.end());
    s.max = *std::max_element(finite.begin(), finite.end());
    s.mean = std::accumulate(finite.begin(), finite.end(), 0.0) / count;
    double deviation = 0;
    for (const double x : finite)
        deviation += (x - s.mean) * (x - s.mean);
    s.std = finite.size() > 1 ? std::sqrt(deviation / (count - 1)) : 0;
    s.norm = std::sqrt(squares);
    return s;
}

std::vector<double> normal(unsigned seed, std::size_t count, double mean, double deviation) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> distribution(mean, deviation);
    std::vector<double> values(count);
    for (double& x : values)
        x = distribution(generator);
    return values;
}

bool close(double a, double b) {
    return std::fabs(a - b) <= 1e-9 * std::max({1.0, std::fabs(a), std::fabs(b)});
}

} // namespace

class TestSummary : public QObject {
    Q_OBJECT

  private slots:
    void edges_and_bins_agree_data() {
        QTest::addColumn<int>("scale");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("linear") << 0 << -1.0 << 1.0;
        QTest::newRow("linear, one-sided") << 0 << 0.0 << 12.5;
        QTest::newRow("linear, far from zero") << 0 << 1000.0 << 1001.0;
        QTest::newRow("log") << 1 << std::exp2(-20) << 1.0;
        QTest::newRow("log, odd edges") << 1 << 3e-9 << 0.7;
        QTest::newRow("log, tiny") << 1 << 1e-38 << 1e-30;
    }
    void edges_and_bins_agree() {
        QFETCH(int, scale);
        QFETCH(double, low);
        QFETCH(double, high);
        const BinRange range{static_cast<BinScale>(scale), low, high};
        for (int bin = 0; bin < bin_count; ++bin) {
            const double left = bin_edge(range, bin);
            const double right = bin_edge(range, bin + 1);
            QVERIFY2(left < right, qPrintable(QString::number(bin)));
            for (const double part : {0.01, 0.5, 0.99})
                QCOMPARE(bin_of(range, left + (right - left) * part), bin);
        }
        const double outermost = scale ? -high : low;
        QVERIFY(std::fabs(bin_edge(range, 0) - outermost) <= 1e-6 * std::fabs(outermost));
        QVERIFY(std::fabs(bin_edge(range, 64) - high) <= 1e-6 * high);
    }

    void log_bins_mirror_and_zero_is_positive() {
        const BinRange range{BinScale::symmetric_log, 1e-6, 1};
        for (const double x : {1e-9, 1e-6, 3e-4, 0.2, 0.999, 7.0})
            QCOMPARE(bin_of(range, -x), 63 - bin_of(range, x));
        QCOMPARE(bin_of(range, 0.0), 32);
        QCOMPARE(bin_of(range, -0.0), 32);
        QCOMPARE(bin_of(range, -1e-30), 31);
        QCOMPARE(bin_of(range, 1e300), 63); // infinite as float32
        QCOMPARE(bin_edge(range, 32), 0.0);
        const BinRange octaves{BinScale::symmetric_log, std::exp2(-16), 1}; // two bins an octave
        QCOMPARE(bin_of(octaves, 0.5), 62);
        QCOMPARE(bin_of(octaves, 0.75), 63);
        QCOMPARE(bin_of(octaves, 0.25), 60);
        QCOMPARE(bin_of(octaves, std::exp2(-16)), 32);
    }

    void out_of_range_goes_to_the_end_bins() {
        const BinRange range{BinScale::linear, -2, 2};
        QCOMPARE(bin_of(range, -5), 0);
        QCOMPARE(bin_of(range, 5), 63);
        QCOMPARE(bin_of(range, 2), 63);
        QCOMPARE(bin_of(range, std::numeric_limits<double>::max()), 63);
        QCOMPARE(bin_of(range, 0), 32);
    }

    void ranges_follow_the_values_in_coarse_steps() {
        Summary s = count_up({-0.3, 0.1, 0.9}, {});
        const BinRange range = next_range(BinScale::linear, s);
        QVERIFY(range.low <= -0.3 && range.high >= 0.9);
        QVERIFY(range.high - range.low <= 4 * 1.2);
        s.range = range;
        s.min = -0.2; // a little change keeps it, so that steps can be merged bin by bin
        QVERIFY(next_range(BinScale::linear, s) == range);
        s.max = range.high + 1;
        const BinRange wider = next_range(BinScale::linear, s);
        QVERIFY(wider.low <= s.min && wider.high >= s.max);
        s.min = 0.1;
        s.max = 0.1001;
        const BinRange narrow = next_range(BinScale::linear, s);
        QVERIFY(narrow.low <= 0.1 && narrow.high >= 0.1001 && narrow.high - narrow.low < 0.001);
        QVERIFY((next_range(BinScale::linear, Summary{}) == BinRange{BinScale::linear, -1, 1}));
        const double huge = std::numeric_limits<double>::max();
        s.min = s.max = huge;
        const BinRange finite = next_range(BinScale::linear, s);
        QVERIFY(finite.low < finite.high);
        QVERIFY(std::isfinite(static_cast<float>(finite.high) - static_cast<float>(finite.low)));
    }

    void log_ranges_hold_the_largest_magnitude() {
        Summary s;
        const BinRange usual = next_range(BinScale::symmetric_log, s);
        QVERIFY((usual == BinRange{BinScale::symmetric_log, std::exp2(-20), 1}));
        s.min = -0.01;
        QVERIFY(next_range(BinScale::symmetric_log, s) == usual);
        s.max = 40; // exploding
        QCOMPARE(next_range(BinScale::symmetric_log, s).high, 256.0);
        s.max = 1e-9; // vanishing
        s.min = -1e-10;
        const BinRange small = next_range(BinScale::symmetric_log, s);
        QVERIFY(small.low <= 1e-9 / 256 && small.high == 1);
        s.max = 1e300;
        QVERIFY(std::isfinite(static_cast<float>(next_range(BinScale::symmetric_log, s).high)));
    }

    void merge_equals_counting_both() {
        const BinRange range{BinScale::linear, -4, 6};
        std::vector<double> a = normal(1, 1000, 0.5, 1);
        std::vector<double> b = normal(2, 300, 2, 0.2);
        a[3] = std::nan("");
        a[4] = 0;
        b[7] = std::numeric_limits<double>::infinity();
        b[8] = -b[7];
        const Summary merged = merge(count_up(a, range), count_up(b, range));
        std::vector<double> both = a;
        both.insert(both.end(), b.begin(), b.end());
        const Summary direct = count_up(both, range);
        QCOMPARE(merged.count, direct.count);
        QCOMPARE(merged.zeros, direct.zeros);
        QCOMPARE(merged.nan, 1);
        QCOMPARE(merged.positive_inf, 1);
        QCOMPARE(merged.negative_inf, 1);
        QCOMPARE(merged.min, direct.min);
        QCOMPARE(merged.max, direct.max);
        QVERIFY(close(merged.mean, direct.mean));
        QVERIFY(close(merged.std, direct.std));
        QVERIFY(merged.bins == direct.bins);
        QVERIFY(merged.range == range);
    }

    void merged_norm_is_the_mean_over_steps() {
        Summary a;
        Summary b;
        a.norm = 3;
        b.norm = 5;
        QVERIFY(close(merge(a, b).norm, std::sqrt((9.0 + 25.0) / 2)));
        QVERIFY(close(merge(a, b, 3, 1).norm, std::sqrt((27.0 + 25.0) / 4)));
    }

    void merge_with_one_without_finite_elements() {
        const Summary values = count_up({1, 2, 3}, {});
        const Summary none = count_up({std::nan("")}, {});
        for (const Summary& merged : {merge(values, none), merge(none, values)}) {
            QCOMPARE(merged.min, 1.0);
            QCOMPARE(merged.max, 3.0);
            QCOMPARE(merged.mean, 2.0);
            QVERIFY(close(merged.std, 1.0));
            QCOMPARE(merged.count, 4);
        }
    }

    void merge_of_different_ranges_keeps_every_element_near_its_place() {
        const BinRange narrow{BinScale::linear, 0, 1};
        const BinRange wide{BinScale::linear, -8, 8};
        const std::vector<double> values = normal(3, 5000, 0.5, 0.1);
        const Summary merged = merge(count_up(values, narrow), count_up(values, wide));
        QVERIFY(merged.range == wide);
        QCOMPARE(std::accumulate(merged.bins.begin(), merged.bins.end(), std::int64_t{0}), 10'000);
        std::int64_t inside = 0;
        for (int bin = bin_of(wide, 0) - 1; bin <= bin_of(wide, 1) + 1; ++bin)
            inside += merged.bins[static_cast<std::size_t>(bin)];
        QCOMPARE(inside, 10'000);
    }

    void merge_counts_sampled_bins_in_one_measure() {
        Summary all;
        Summary sampled;
        all.range = sampled.range = {BinScale::linear, 0, 64};
        all.bins[5] = 160;
        sampled.bins[5] = 10;
        sampled.bin_every = 16;
        const Summary merged = merge(all, sampled);
        QCOMPARE(merged.bin_every, 16u);
        QCOMPARE(merged.bins[5], 20u); // 320 elements
    }

    void bins_that_grow_too_large_are_halved() {
        Summary s;
        s.bins[0] = 4'000'000'000u;
        s.bins[1] = 10;
        const Summary merged = merge(s, s);
        QCOMPARE(merged.bin_every, 2u);
        QCOMPARE(merged.bins[0], 4'000'000'000u);
        QCOMPARE(merged.bins[1], 10u);
    }
};

QTEST_APPLESS_MAIN(TestSummary)
#include "tst_summary.moc"
