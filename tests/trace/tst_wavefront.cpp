#include "engine/trace/wavefront.h"

#include <QtTest>

using namespace hs::trace;

namespace {

using State = NodeState;

/// w -> mul, w -> add (twice used), mul -> add, add is the root: dL/dw meets itself at the leaf.
std::shared_ptr<Trace> diamond() {
    auto trace = std::make_shared<Trace>(0, std::make_shared<const ModuleTable>());
    trace->nodes.append({.name = "MulBackward0", .operation = "mul", .sequence_nr = 0});
    trace->nodes.append({.name = "w", .operation = {}, .sequence_nr = ~std::uint64_t{0}, .is_accumulate_grad = true});
    trace->edges.append({0, 1, 0, 0});
    trace->events.append({.kind = EventKind::forward, .node = 0});
    trace->nodes.append({.name = "AddBackward0", .operation = "add", .sequence_nr = 1});
    trace->edges.append({2, 0, 0, 0});
    trace->edges.append({2, 1, 1, 0});
    trace->events.append({.kind = EventKind::forward, .node = 2});
    return trace;
}

void run_pass(Trace& trace) {
    trace.events.append({.kind = EventKind::pass_begin, .node = 2});
    for (const Id node : {Id{2}, Id{0}}) {
        const auto event = static_cast<Id>(trace.events.append({.kind = EventKind::backward, .node = node}));
        for (Id edge = 0; edge < 3; ++edge)
            if (trace.edges[edge].from == node) trace.edge_gradients.append({edge, event, none, {}});
    }
    trace.events.append({.kind = EventKind::accumulate_grad, .node = 1});
}

} // namespace

class TestWavefront : public QObject {
    Q_OBJECT

  private slots:
    void nodes_come_with_their_operations() {
        Wavefront wave(diamond());
        wave.move_to(0);
        QVERIFY(wave.state(0) == State::absent && wave.state(1) == State::absent && wave.state(2) == State::absent);
        wave.move_to(1);
        QVERIFY(wave.state(0) == State::idle && wave.state(1) == State::idle && wave.state(2) == State::absent);
        wave.move_to(2);
        QVERIFY(wave.state(2) == State::idle);
        QCOMPARE(wave.pass(), 0);
    }

    void a_pass_moves_through_the_graph() {
        const auto trace = diamond();
        run_pass(*trace);
        Wavefront wave(trace);
        wave.move_to(3);
        QCOMPARE(wave.pass(), 1);
        QVERIFY(wave.state(2) == State::ready && wave.state(0) == State::waiting && wave.state(1) == State::waiting);
        QCOMPARE(wave.expected(1), 2u);
        QCOMPARE(wave.arrived(1), 0u);
        wave.move_to(4);
        QVERIFY(wave.state(2) == State::running && wave.state(0) == State::ready && wave.state(1) == State::waiting);
        QCOMPARE(wave.arrived(1), 1u);
        QVERIFY(wave.passed(1) && wave.passed(2) && !wave.passed(0));
        QCOMPARE(wave.gradient_on(2), Id{1});
        QCOMPARE(wave.gradient_on(0), none);
        wave.move_to(5);
        QVERIFY(wave.state(2) == State::done && wave.state(0) == State::running && wave.state(1) == State::ready);
        wave.move_to(99);
        QCOMPARE(wave.position(), std::size_t{6});
        QVERIFY(wave.state(0) == State::done && wave.state(1) == State::running);
        wave.move_to(3); // and back again
        QVERIFY(wave.state(2) == State::ready && wave.state(0) == State::waiting);
        QCOMPARE(wave.gradient_on(2), none);
    }

    void a_second_pass_begins_anew() {
        const auto trace = diamond();
        run_pass(*trace);
        run_pass(*trace);
        Wavefront wave(trace);
        wave.move_to(7);
        QCOMPARE(wave.pass(), 2);
        QVERIFY(wave.state(2) == State::ready && wave.state(0) == State::waiting);
        QCOMPARE(wave.arrived(1), 0u);
        QCOMPARE(wave.gradient_on(0), none);
        wave.move_to(8);
        QCOMPARE(wave.gradient_on(1), Id{3});
    }

    void a_second_root_joins_the_pass() {
        const auto trace = diamond();
        trace->nodes.append({.name = "SumBackward0", .operation = "sum", .sequence_nr = 2});
        trace->edges.append({3, 0, 0, 0});
        trace->events.append({.kind = EventKind::forward, .node = 3});
        trace->events.append({.kind = EventKind::pass_begin, .node = 3});
        trace->events.append({.kind = EventKind::backward, .node = 3});
        trace->events.append({.kind = EventKind::backward, .node = 2});
        Wavefront wave(trace);
        QCOMPARE(wave.pass(), 1);
        QVERIFY(wave.state(3) == State::done && wave.state(2) == State::running && wave.state(0) == State::ready);
        QCOMPARE(wave.arrived(0), 2u);
    }

    void what_is_recorded_later_is_taken_in() {
        const auto trace = diamond();
        Wavefront wave(trace);
        QCOMPARE(wave.size(), std::size_t{3});
        trace->nodes.append({.name = "ReluBackward0", .operation = "relu", .sequence_nr = 2});
        trace->edges.append({3, 2, 0, 0});
        trace->events.append({.kind = EventKind::forward, .node = 3});
        trace->events.append({.kind = EventKind::pass_begin, .node = 3});
        wave.move_to(99);
        QCOMPARE(wave.size(), std::size_t{4});
        QVERIFY(wave.state(3) == State::ready && wave.state(2) == State::waiting);
        QCOMPARE(wave.expected(1), 2u);
    }

    void an_empty_trace_has_no_nodes() {
        Wavefront wave(std::make_shared<Trace>(0, std::make_shared<const ModuleTable>()));
        wave.move_to(5);
        QCOMPARE(wave.size(), std::size_t{0});
        QCOMPARE(wave.position(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestWavefront)
#include "tst_wavefront.moc"
