#include "engine/trace/moment.h"

#include <QtTest>

using namespace hs::trace;

namespace {

const ValueKey weight{Role::parameter, "fc", "weight"};
const ValueKey output{Role::output, "fc", ""};

Id add_value(Trace& trace, const ValueKey& key, std::uint32_t version, bool with_summary) {
    Value value;
    value.key = key;
    value.version = version;
    const auto id = static_cast<Id>(trace.values.append(std::move(value)));
    if (with_summary) {
        SummaryRecord record{id, {}};
        record.summary.mean = version;
        trace.summaries.append(record);
    }
    return id;
}

/// The weight as the step found it, one output, the weight as the optimizer left it, and one that no event names.
std::shared_ptr<Trace> step() {
    auto trace = std::make_shared<Trace>(3, std::make_shared<const ModuleTable>());
    add_value(*trace, weight, 1, true);
    trace->events.append({.kind = EventKind::module_enter});
    trace->events.append({.kind = EventKind::forward, .value = add_value(*trace, output, 0, true)});
    trace->summaries.append({none, {}}); // of a gradient on an edge
    trace->events.append({.kind = EventKind::pass_begin});
    trace->events.append({.kind = EventKind::parameter_update, .value = add_value(*trace, weight, 2, true)});
    add_value(*trace, {Role::buffer, "bn", "running_mean"}, 0, false);
    trace->finish({.step = 3});
    return trace;
}

} // namespace

class TestMoment : public QObject {
    Q_OBJECT

  private slots:
    void only_what_had_been_written_is_there() {
        const auto trace = step();
        const auto begin = at_moment(trace, 0);
        QCOMPARE(begin->step, 3);
        QVERIFY(!begin->finished());
        QVERIFY(begin->events.empty());
        QCOMPARE(begin->values[begin->find(weight)].version, 1u);
        QCOMPARE(begin->find(output), none);
        QVERIFY(!begin->find_summary(output));
        QCOMPARE(at_moment(trace, 1)->find(output), none);
        const auto middle = at_moment(trace, 3);
        QCOMPARE(middle->events.size(), std::size_t{3});
        QVERIFY(middle->find(output) != none && middle->find_summary(output));
        QCOMPARE(middle->find_summary(weight)->mean, 1.0);
    }

    void the_first_that_is_not_finite() {
        QCOMPARE(step()->first_non_finite(), none);
        auto trace = std::make_shared<Trace>(0, std::make_shared<const ModuleTable>());
        for (const std::int64_t nan : {0, 3, 1}) {
            SummaryRecord record;
            record.summary.nan = nan;
            const auto summary = static_cast<Id>(trace->summaries.append(record));
            trace->events.append({.kind = EventKind::module_enter});
            trace->events.append({.kind = EventKind::backward, .summary = summary});
        }
        QCOMPARE(trace->first_non_finite(), Id{3});
    }

    void the_end_is_the_trace_itself() {
        const auto trace = step();
        QCOMPARE(at_moment(trace, 4), std::shared_ptr<const Trace>(trace));
        QCOMPARE(at_moment(trace, 99), std::shared_ptr<const Trace>(trace));
        QCOMPARE(trace->find_summary(weight)->mean, 2.0);
    }

    void summaries_keep_their_places() {
        const auto trace = step();
        const auto middle = at_moment(trace, 3);
        QCOMPARE(middle->summaries.size(), std::size_t{3});
        QCOMPARE(middle->summaries[2].value, none);
        for (std::size_t i = 0; i < middle->summaries.size(); ++i)
            QCOMPARE(middle->summaries[i].value, trace->summaries[i].value);
    }

    void notes_belong_to_the_event_before_them() {
        auto trace = std::make_shared<Trace>(0, std::make_shared<const ModuleTable>());
        for (const EventKind kind : {EventKind::module_enter, EventKind::backward, EventKind::summary,
                                     EventKind::summary, EventKind::accumulate_grad})
            trace->events.append({.kind = kind});
        QCOMPARE(past_notes(*trace, 1), std::size_t{1});
        QCOMPARE(past_notes(*trace, 2), std::size_t{4});
        QCOMPARE(past_notes(*trace, 9), std::size_t{9});
        QCOMPARE(last_event(*trace, 4), Id{1});
        QCOMPARE(last_event(*trace, 99), Id{4});
        QCOMPARE(last_event(*trace, 0), none);
    }

    void without_any_value_all_of_it_is_there() {
        auto trace = std::make_shared<Trace>(0, std::make_shared<const ModuleTable>());
        add_value(*trace, weight, 7, true);
        trace->events.append({.kind = EventKind::module_enter});
        QCOMPARE(at_moment(trace, 0)->values.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestMoment)
#include "tst_moment.moc"
