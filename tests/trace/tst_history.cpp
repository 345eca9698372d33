#include "engine/trace/history.h"

#include <QtTest>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using namespace hs::trace;

namespace {

const ValueKey weight{Role::gradient, "fc", "weight"};

/// A summary that tells its step: the mean is the step, one element a step in the bins.
Summary of_step(std::int64_t step) {
    Summary s;
    s.count = 1;
    s.min = s.max = s.mean = static_cast<double>(step);
    s.norm = 2;
    s.bins[static_cast<std::size_t>(step % bin_count)] = 1;
    return s;
}

void fill(History& history, std::int64_t from, std::int64_t to) {
    for (std::int64_t step = from; step < to; ++step) {
        history.add(weight, step, of_step(step));
        history.add_scalar("loss", step, static_cast<double>(step));
        history.publish();
    }
}

/// Whether the points cover `from` to `to` without gap or overlap, and each has the mean of its steps.
template <class Points, class Mean>
bool covers(const Points& points, std::int64_t from, std::int64_t to, Mean mean) {
    std::int64_t next = from;
    for (const auto& point : points) {
        if (point.first_step != next || point.last_step < point.first_step) return false;
        if (point.samples != point.last_step - point.first_step + 1) return false;
        const double expected = static_cast<double>(point.first_step + point.last_step) / 2;
        if (std::fabs(mean(point) - expected) > 1e-6) return false;
        next = point.last_step + 1;
    }
    return next == to;
}

double summary_mean(const HistoryPoint& point) {
    return point.summary.mean;
}
double scalar_mean(const ScalarPoint& point) {
    return point.mean;
}

} // namespace

class TestHistory : public QObject {
    Q_OBJECT

  private slots:
    void shows_what_was_published() {
        History history;
        QVERIFY(history.series(weight).empty());
        history.add(weight, 0, of_step(0));
        QVERIFY(history.series(weight).empty());
        QCOMPARE(history.steps(), 0);
        history.publish();
        QCOMPARE(history.series(weight).size(), std::size_t{1});
        QCOMPARE(history.steps(), 1);
        QVERIFY(history.keys() == std::vector<ValueKey>{weight});
        QVERIFY(history.series({Role::output, "fc", ""}).empty());
        QVERIFY(history.scalars("loss").empty());
    }

    void loses_no_step_in_bounded_memory() {
        History history({256, 512});
        std::size_t most = 0;
        for (std::int64_t step = 0; step < 20'000; step += 500) {
            fill(history, step, step + 500);
            const Series series = history.series(weight);
            most = std::max(most, series.size());
            QVERIFY(covers(series, 0, step + 500, summary_mean));
            QVERIFY(covers(history.scalars("loss"), 0, step + 500, scalar_mean));
            // The newest are as they came.
            for (std::size_t i = series.size() - 64; i < series.size(); ++i)
                QCOMPARE(series[i].first_step, series[i].last_step);
        }
        QVERIFY(most <= 256 + 64);
        QVERIFY(history.bytes() < 700'000);
        const Series series = history.series(weight);
        std::int64_t elements = 0;
        for (const HistoryPoint& point : series) {
            QCOMPARE(point.summary.norm, 2.0);
            elements += std::accumulate(point.summary.bins.begin(), point.summary.bins.end(), std::int64_t{0});
        }
        QCOMPARE(elements, 20'000);
    }

    void resolution_falls_off_towards_the_past() {
        History history({512, 512});
        fill(history, 0, 50'000);
        const auto points = history.scalars("loss");
        for (const ScalarPoint& point : points) {
            const std::int64_t age = 50'000 - point.last_step;
            const std::int64_t steps = point.last_step - point.first_step + 1;
            QVERIFY2(steps == 1 || steps * 8 <= age, qPrintable(QString("%1 at age %2").arg(steps).arg(age)));
        }
        const ScalarPoint& first = points.front();
        QCOMPARE(first.min, 0.0);
        QCOMPARE(first.max, static_cast<double>(first.last_step));
    }

    void thins_evenly_and_keeps_still() {
        History history;
        fill(history, 0, 300);
        const Series series = history.series(weight, 25, 150);
        QCOMPARE(series.every, 6);
        QVERIFY(series.size() <= 25);
        QCOMPARE(series.back().last_step, 299);
        for (std::size_t i = 1; i + 1 < series.size(); ++i)
            QCOMPARE(series[i].first_step % 6, 0);
        QVERIFY(series[0].first_step >= 150 && series[0].first_step < 162);
        fill(history, 300, 302);
        const Series later = history.series(weight, 25, 150);
        QCOMPARE(later.back().last_step, 301);
        // What was shown at a multiple of 6 still is.
        for (std::size_t i = 1; i + 1 < series.size(); ++i) {
            const auto same = [&](const HistoryPoint& p) { return p.first_step == series[i].first_step; };
            QVERIFY(std::any_of(later.begin(), later.end(), same));
        }
    }

    void limits_to_the_newest() {
        History history;
        fill(history, 0, 300);
        for (const std::int64_t span : {0, 10, 20}) {
            const Series series = history.series(weight, 20, span);
            QCOMPARE(series.every, 1);
            QCOMPARE(series.size(), std::size_t{20});
            QVERIFY(covers(series, 280, 300, summary_mean));
        }
        QCOMPARE(history.series(weight, 0).size(), std::size_t{300});
    }

    void a_second_summary_in_a_step_is_merged() {
        History history;
        const std::size_t index = history.index_of(weight);
        history.add(index, 0, of_step(0));
        history.add(weight, 0, of_step(10));
        history.publish();
        const Series series = history.series(weight);
        QCOMPARE(series.size(), std::size_t{1});
        QCOMPARE(series[0].summary.count, 2);
        QCOMPARE(series[0].summary.mean, 5.0);
        QCOMPARE(series[0].samples, 2);
    }

    void clear_forgets() {
        History history;
        fill(history, 0, 100);
        history.clear();
        QVERIFY(history.keys().empty());
        QVERIFY(history.series(weight).empty());
        QCOMPARE(history.steps(), 0);
        QCOMPARE(history.bytes(), std::size_t{0});
        fill(history, 0, 10);
        QVERIFY(covers(history.series(weight), 0, 10, summary_mean));
    }

    void readers_see_whole_series_while_it_is_written() {
        History history({192, 192});
        std::atomic<bool> done{false};
        std::atomic<int> wrong{0};
        std::atomic<int> reads{0};
        const auto read = [&] {
            std::int64_t newest = 0;
            do {
                const Series series = history.series(weight);
                const std::int64_t end = series.empty() ? 0 : series.back().last_step + 1;
                wrong += !covers(series, 0, end, summary_mean) || end < newest;
                newest = end;
                const auto loss = history.scalars("loss");
                wrong += !covers(loss, 0, loss.empty() ? 0 : loss.back().last_step + 1, scalar_mean);
                history.keys();
                history.bytes();
                ++reads;
            } while (!done);
        };
        std::thread first(read);
        std::thread second(read);
        for (std::int64_t step = 0; step < 4000; ++step) {
            if (step % 1000 == 500) // a new series while readers are at it
                history.add_scalar("late " + std::to_string(step), step, 1);
            fill(history, step, step + 1);
        }
        done = true;
        first.join();
        second.join();
        QCOMPARE(wrong.load(), 0);
        QVERIFY(reads.load() >= 2);
    }
};

QTEST_APPLESS_MAIN(TestHistory)
#include "tst_history.moc"
