#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;
using trace::EventKind;

namespace {

const trace::ValueKey output{trace::Role::output, "first", ""};

/// Where an operation stands among the step's; the last one of that name in the module `first`.
Retention::Target target_of(const trace::Trace& trace, const std::string& operation) {
    Retention::Target target;
    std::size_t nth = 0;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const trace::Event& event = trace.events[i];
        if (event.kind != EventKind::forward) continue;
        const trace::Value& made = trace.values[event.value];
        if (made.key.module == trace::Name("first") && made.key.member == trace::Name(operation))
            target = {nth, operation};
        ++nth;
    }
    return target;
}

bool made_retains(const trace::Trace& trace, const std::string& operation) {
    for (std::size_t i = 0; i < trace.values.size(); ++i) {
        const trace::Value& value = trace.values[i];
        if (value.key.role == trace::Role::intermediate && value.key.member == trace::Name(operation) &&
            value.retains_grad)
            return true;
    }
    return false;
}

} // namespace

class TestRetention : public QObject {
    Q_OBJECT

  private slots:
    void the_next_step_keeps_the_gradient() {
        Session session([](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, {});
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        const auto first = session.trace();
        QVERIFY(!first->values[first->find(output)].retains_grad);
        const auto target = target_of(*first, "add");
        QCOMPARE(target.operation, std::string("add"));
        Retention& retention = session.microscope().retention();
        QVERIFY(!retention.retains(target));
        retention.retain(target);
        retention.retain(target);
        QVERIFY(retention.retains(target));
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        const auto second = session.trace();
        const trace::Value& kept = second->values[second->find(output)];
        QVERIFY(kept.retains_grad && kept.has_grad);
        QVERIFY(!made_retains(*second, "mul"));
        QVERIFY(made_retains(*second, "add"));
        retention.release(target);
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        const auto third = session.trace();
        QVERIFY(!third->values[third->find(output)].retains_grad);
    }

    void it_is_there_when_its_node_has_run() {
        Session session([](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, {});
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        session.microscope().retention().retain(target_of(*session.trace(), "add"));
        session.step_to(Goal::backward_pass);
        QVERIFY(session.wait_until_stopped(20));
        const auto trace = session.trace();
        QVERIFY(trace->values[trace->find(output)].retains_grad);
        QVERIFY(!trace->values[trace->find(output)].has_grad);
        session.step_to(Goal::optimizer);
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(trace->values[trace->find(output)].has_grad);
    }

    void another_operation_in_its_place_is_left_alone() {
        Session session([](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, {});
        session.microscope().retention().retain({0, "conv2d"});
        session.microscope().retention().retain({10'000, "add"});
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        for (std::size_t i = 0; i < session.trace()->values.size(); ++i)
            QVERIFY(!session.trace()->values[i].retains_grad);
    }
};

QTEST_APPLESS_MAIN(TestRetention)
#include "tst_retention.moc"
