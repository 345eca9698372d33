#include "engine/trace/log.h"
#include "engine/trace/published.h"
#include "engine/trace/trace.h"

#include <QtTest>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace hs::trace;

namespace {

struct Counted {
    static inline int alive = 0;
    int value = 0;
    Counted() { ++alive; }
    explicit Counted(int of) : value(of) { ++alive; }
    Counted(const Counted& other) : value(other.value) { ++alive; }
    Counted& operator=(const Counted&) = default;
    ~Counted() { --alive; }
};

} // namespace

class TestLog : public QObject {
    Q_OBJECT

  private slots:
    void keeps_entries_where_they_are() {
        Log<std::string, 4> log;
        QVERIFY(log.empty());
        std::vector<const std::string*> places;
        for (std::size_t i = 0; i < 1000; ++i) {
            QCOMPARE(log.append(std::to_string(i)), i);
            places.push_back(&log[i]);
        }
        QCOMPARE(log.size(), std::size_t{1000});
        for (std::size_t i = 0; i < 1000; ++i) {
            QCOMPARE(&log[i], places[i]);
            QCOMPARE(log[i], std::to_string(i));
        }
    }

    void an_empty_log_is_small() {
        // A Trace is made for each step.
        QVERIFY(sizeof(Log<Event>) <= 256);
        QVERIFY(sizeof(Trace) <= 1600);
    }

    void destroys_each_entry_once() {
        for (const int count : {0, 1, 4, 5, 100}) {
            {
                Log<Counted, 4> log;
                for (int i = 0; i < count; ++i)
                    log.append(Counted(i));
                QCOMPARE(Counted::alive, count);
            }
            QCOMPARE(Counted::alive, 0);
        }
    }

    void an_entry_that_cannot_be_written_is_none() {
        {
            Log<Counted, 4> log;
            log.append_with([](Counted& entry) { entry.value = 5; });
            QVERIFY_EXCEPTION_THROWN(log.append_with([](Counted&) { throw std::runtime_error("no"); }),
                                     std::runtime_error);
            QCOMPARE(log.size(), std::size_t{1});
            QCOMPARE(log[0].value, 5);
            log.append(Counted(6));
            QCOMPARE(log[1].value, 6);
            QCOMPARE(Counted::alive, 2);
        }
        QCOMPARE(Counted::alive, 0);
    }

    void says_when_it_is_full() {
        Log<char, 1> log;
        for (std::size_t i = 0; i < Log<char, 1>::capacity; ++i)
            log.append('x');
        QVERIFY_EXCEPTION_THROWN(log.append('x'), std::length_error);
        QCOMPARE(log.size(), (Log<char, 1>::capacity));
    }

    void a_reader_sees_only_whole_entries() {
        // Each entry says its own index twice; the reader follows while the writer appends.
        constexpr std::size_t count = 200'000;
        Log<std::pair<std::size_t, std::string>, 2> log;
        std::atomic<std::size_t> wrong{0};
        std::thread reader([&] {
            std::size_t seen = 0;
            while (seen < count) {
                const std::size_t size = log.size();
                for (; seen < size; ++seen)
                    wrong += log[seen].first != seen || log[seen].second != std::to_string(seen);
            }
        });
        for (std::size_t i = 0; i < count; ++i)
            log.append({i, std::to_string(i)});
        reader.join();
        QCOMPARE(wrong.load(), std::size_t{0});
    }

    void published_values_arrive_whole_and_in_order() {
        constexpr int count = 50'000;
        Published<std::shared_ptr<const std::vector<int>>> published;
        QVERIFY(!published.get());
        std::atomic<int> wrong{0};
        std::vector<std::thread> readers;
        for (int r = 0; r < 6; ++r) {
            readers.emplace_back([&] {
                for (int last = 0; last < count;) {
                    const auto value = published.get();
                    if (!value) continue;
                    wrong += value->front() != value->back() || value->front() < last;
                    last = value->front();
                }
            });
        }
        for (int i = 1; i <= count; ++i)
            published.set(std::make_shared<const std::vector<int>>(3, i));
        for (std::thread& reader : readers)
            reader.join();
        QCOMPARE(wrong.load(), 0);
    }

    void published_keeps_only_the_newest() {
        Published<std::shared_ptr<int>> published;
        std::vector<std::weak_ptr<int>> all;
        for (int i = 0; i < 10; ++i) {
            auto value = std::make_shared<int>(i);
            all.push_back(value);
            published.set(std::move(value));
        }
        for (std::size_t i = 0; i < 9; ++i)
            QVERIFY(all[i].expired());
        QCOMPARE(*published.get(), 9);
    }

    void a_trace_finds_the_last_value_of_a_key() {
        Trace trace(7, std::make_shared<const ModuleTable>());
        const auto add = [&](Role role, const char* module, double mean) {
            Value value;
            value.key = {role, module, ""};
            const auto id = static_cast<Id>(trace.values.append(value));
            SummaryRecord record{id, {}};
            record.summary.mean = mean;
            trace.summaries.append(record);
            return id;
        };
        add(Role::output, "fc", 1);
        const Id second = add(Role::output, "fc", 2);
        add(Role::input, "fc", 3);
        QCOMPARE(trace.find({Role::output, "fc", ""}), second);
        QCOMPARE(trace.find_summary({Role::output, "fc", ""})->mean, 2.0);
        QCOMPARE(trace.find({Role::output, "conv", ""}), none);
        QVERIFY(!trace.find_summary({Role::output_gradient, "fc", ""}));
        QVERIFY(!trace.finished());
        StepResult result;
        result.step = 7;
        result.loss = 0.5;
        trace.finish(result);
        QVERIFY(trace.finished());
        QCOMPARE(trace.result().loss, 0.5);
    }
};

QTEST_APPLESS_MAIN(TestLog)
#include "tst_log.moc"
