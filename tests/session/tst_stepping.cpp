#include "engine/session/event_text.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "engine/trace/wavefront.h"
#include "tests/session/small_training.h"

#include <QtTest>
#include <random>

using namespace hs;
using namespace hs::session;

namespace {

std::unique_ptr<Session> small_session() {
    return std::make_unique<Session>([](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); },
                                     Session::Options());
}

/// Goes to the goal and says where it stands; empty between two steps.
std::string stand_at(Session& session, Goal goal, trace::Id node = trace::none) {
    session.step_to(goal, node);
    if (!session.wait_until_stopped(20)) return "not stopped";
    return session.status().event;
}

trace::Id node_named(const trace::Trace& trace, const std::string& name) {
    for (trace::Id id = 0; id < trace.nodes.size(); ++id)
        if (trace.nodes[id].name == name) return id;
    return trace::none;
}

} // namespace

class TestStepping : public QObject {
    Q_OBJECT

  private slots:
    void over_passes_by_what_happens_inside() {
        const auto session = small_session();
        QCOMPARE(stand_at(*session, Goal::event), std::string("enter SmallNet"));
        QCOMPARE(stand_at(*session, Goal::event), std::string("enter first"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("leave first"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("leave block"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("leave SmallNet"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("forward sum"));
    }

    void into_and_out_of_modules() {
        const auto session = small_session();
        stand_at(*session, Goal::event);
        QCOMPARE(stand_at(*session, Goal::operation), std::string("forward mul in first"));
        QCOMPARE(stand_at(*session, Goal::out), std::string("leave first"));
        QCOMPARE(stand_at(*session, Goal::event), std::string("enter block"));
        QCOMPARE(stand_at(*session, Goal::event), std::string("enter block.square"));
        QCOMPARE(stand_at(*session, Goal::out), std::string("leave block.square"));
        QCOMPARE(stand_at(*session, Goal::out), std::string("leave block"));
    }

    void the_phases_of_a_step() {
        const auto session = small_session();
        QCOMPARE(stand_at(*session, Goal::backward_pass), std::string("begin of the backward pass"));
        QCOMPARE(stand_at(*session, Goal::node), std::string("backward DivBackward0"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("backward SumBackward0"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("backward AddBackward0 in block.scale"));
        QCOMPARE(stand_at(*session, Goal::accumulation), std::string("accumulate block.scale.bias.grad"));
        QCOMPARE(stand_at(*session, Goal::over), std::string("backward MulBackward0 in block.scale"));
        QCOMPARE(stand_at(*session, Goal::out), std::string("backward MulBackward0 in block.square"));
        QCOMPARE(stand_at(*session, Goal::optimizer), std::string("begin of the optimizer's step"));
        QCOMPARE(session->status().step, 0);
        // No operation follows in this step.
        QCOMPARE(stand_at(*session, Goal::operation), std::string());
        QCOMPARE(session->status().step, 1);
        QVERIFY(session->trace()->finished());
        QCOMPARE(stand_at(*session, Goal::event), std::string("enter SmallNet"));
    }

    void intermediate_results_keep_their_bytes() {
        const auto session = small_session();
        stand_at(*session, Goal::backward_pass);
        const auto trace = session->trace();
        const trace::Event* loss = nullptr;
        for (std::size_t i = 0; i < trace->events.size(); ++i)
            if (trace->events[i].kind == trace::EventKind::forward) loss = &trace->events[i];
        QVERIFY(loss && loss->value != trace::none);
        const trace::Snapshot& value = trace->values[loss->value].snapshot;
        QCOMPARE(value.count(), 1);
        session->step();
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(value.at(0), session->trace()->result().loss);
    }

    void gradients_are_told_as_they_come() {
        const auto session = small_session();
        session->step();
        QVERIFY(session->wait_until_stopped(20));
        const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};
        const auto has_grad = [&] { return session->trace()->values[session->trace()->find(weight)].has_grad; };
        stand_at(*session, Goal::event);
        QVERIFY(!has_grad()); // zero_grad set it to None
        stand_at(*session, Goal::backward_pass);
        stand_at(*session, Goal::this_node, node_named(*session->trace(), "first.weight"));
        QVERIFY(has_grad());
    }

    void to_a_node_that_was_named() {
        const auto session = small_session();
        stand_at(*session, Goal::backward_pass);
        const trace::Id leaf = node_named(*session->trace(), "first.weight");
        QVERIFY(leaf != trace::none);
        QVERIFY(session->trace()->nodes[leaf].is_accumulate_grad);
        QCOMPARE(stand_at(*session, Goal::this_node, leaf), std::string("accumulate first.weight.grad"));
    }

    void a_goal_that_is_seen_from_an_earlier_moment() {
        const auto session = small_session();
        stand_at(*session, Goal::event);
        QCOMPARE(stand_at(*session, Goal::operation), std::string("forward mul in first"));
        // From the begin of SmallNet, past it, though the engine stands inside.
        session->step_to(Goal::over, trace::none, 1);
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(session->status().event, std::string("leave SmallNet"));
    }

    void stepping_out_of_a_node_that_ends_several_modules() {
        const auto session = small_session();
        stand_at(*session, Goal::backward_pass);
        while (stand_at(*session, Goal::over) != "backward AddBackward0 in block.scale") {
        }
        const auto trace = session->trace();
        const std::size_t here = trace->events.size();
        QVERIFY(trace->events[here - 1].kind == trace::EventKind::summary); // of the modules around
        const std::size_t before = rewind(*trace, here, Goal::out);
        QCOMPARE(event_text(*trace, trace::last_event(*trace, before)), std::string("backward SumBackward0"));
        QCOMPARE(rewind(*trace, here, Goal::accumulation), here); // there was none
    }

    void a_goal_that_is_replaced_while_the_step_runs() {
        const auto session = small_session();
        session->step_to(Goal::optimizer);
        session->step_to(Goal::event);
        QVERIFY(session->wait_until_stopped(20));
        QVERIFY(!session->status().event.empty());
        session->run();
        session->pause();
        QVERIFY(session->wait_until_stopped(20));
    }

    void going_back_undoes_going_on() {
        const auto session = small_session();
        session->step();
        QVERIFY(session->wait_until_stopped(20));
        const auto trace = session->trace();
        const std::size_t end = trace->events.size();
        const auto text = [&](std::size_t position) {
            const trace::Id event = trace::last_event(*trace, position);
            return event == trace::none ? std::string() : event_text(*trace, event);
        };
        std::size_t at = 0;
        while (const auto next = advance(*trace, at, Goal::event)) {
            QVERIFY(trace::last_event(*trace, *next) != trace::last_event(*trace, at));
            QCOMPARE(rewind(*trace, *next, Goal::event), at);
            at = *next;
        }
        QCOMPARE(at, end);
        QVERIFY(!advance(*trace, end, Goal::event));
        QCOMPARE(rewind(*trace, 0, Goal::over), std::size_t{0});
        const auto left = advance(*trace, 2, Goal::over); // from inside `first`
        QVERIFY(left);
        QCOMPARE(text(*left), std::string("leave first"));
        QCOMPARE(rewind(*trace, *left, Goal::over), std::size_t{1}); // before it was entered
        QCOMPARE(rewind(*trace, *left - 1, Goal::out), std::size_t{1});
        const auto begun = advance(*trace, 0, Goal::backward_pass);
        QVERIFY(begun);
        const auto second = advance(*trace, *advance(*trace, *begun, Goal::over), Goal::over);
        QCOMPARE(text(*second), std::string("backward SumBackward0"));
        QCOMPARE(text(rewind(*trace, *second, Goal::over)), std::string("backward DivBackward0"));
        QCOMPARE(rewind(*trace, *begun + 1, Goal::over), *begun);
        const auto square = advance(*trace, *begun, Goal::this_node, node_named(*trace, "first.bias"));
        QVERIFY(square);
        QCOMPARE(text(*square), std::string("accumulate first.bias.grad"));
        QCOMPARE(text(rewind(*trace, *square, Goal::out)), std::string("backward MulBackward0 in block.square"));
        QCOMPARE(rewind(*trace, end, Goal::backward_pass), *begun);
        QVERIFY(!advance(*trace, *begun, Goal::operation));
    }

    void a_thousand_hasty_commands_lose_nothing() {
        std::vector<double> calm;
        {
            const auto session = small_session();
            for (int i = 0; i < 5; ++i) {
                session->step();
                QVERIFY(session->wait_until_stopped(20));
                calm.push_back(session->status().loss);
            }
        }
        const auto session = small_session();
        std::mt19937 random(11);
        for (int i = 0; i < 1000; ++i) {
            switch (random() % 8) {
            case 0:
                session->pause();
                break;
            case 1:
                session->reset(7);
                break;
            case 2:
                session->step();
                break;
            case 3:
                session->run();
                break;
            default:
                session->step_to(static_cast<Goal>(random() % 9), static_cast<trace::Id>(random() % 12));
            }
            if (const auto trace = session->trace()) trace::Wavefront(trace).move_to(random() % 60);
            if (random() % 16 == 0) QVERIFY(session->status().state != State::failed);
        }
        session->reset(7);
        QVERIFY(session->wait_until_stopped(20) || session->status().state == State::running);
        session->pause();
        QVERIFY(session->wait_until_stopped(20));
        session->reset(7);
        QVERIFY(session->wait_until_stopped(20));
        for (const double loss : calm) {
            session->step_to(Goal::backward_pass); // also with a stop in the middle
            QVERIFY(session->wait_until_stopped(20));
            session->step();
            QVERIFY(session->wait_until_stopped(20));
            QCOMPARE(session->status().loss, loss);
        }
    }

    void the_graph_is_recorded_with_what_went_along_it() {
        const auto session = small_session();
        session->step();
        QVERIFY(session->wait_until_stopped(20));
        const auto trace = session->trace();
        // first: mul, add; square: mul, mul by a number; scale: mul, add; sum; div. Two leaves a Scale.
        QCOMPARE(trace->nodes.size(), std::size_t{12});
        const trace::Id mul = node_named(*trace, "first.weight");
        std::size_t into_leaf = 0;
        for (trace::Id id = 0; id < trace->edges.size(); ++id)
            into_leaf += trace->edges[id].to == mul;
        QCOMPARE(into_leaf, std::size_t{1});
        QCOMPARE(trace->edge_gradients.size(), trace->edges.size());
        for (std::size_t i = 0; i < trace->edge_gradients.size(); ++i) {
            const trace::EdgeGradient& sent = trace->edge_gradients[i];
            QVERIFY(trace->events[sent.event].node == trace->edges[sent.edge].from);
            QVERIFY(trace->summaries[sent.summary].summary.count > 0);
        }
        // What the leaf got is what its one edge carried.
        const trace::Summary* grad = trace->find_summary({trace::Role::gradient, "first", "weight"});
        QVERIFY(grad);
        trace::Wavefront wave(trace);
        for (trace::Id id = 0; id < trace->edges.size(); ++id)
            if (trace->edges[id].to == mul) {
                const auto& sent = trace->edge_gradients[wave.gradient_on(id)];
                const trace::Summary& carried = trace->summaries[sent.summary].summary;
                // What broadcasting the leaf had spread out is summed before it goes on (rule 38).
                QCOMPARE(sent.shape, (Shape{3}));
                QVERIFY(std::abs(carried.mean - grad->mean) < 1e-6);
                QVERIFY(std::abs(carried.norm - grad->norm) < 1e-6);
            }
        for (trace::Id id = 0; id < wave.size(); ++id)
            QVERIFY(wave.state(id) == trace::NodeState::done || wave.state(id) == trace::NodeState::running);
    }

    void steps_that_keep_nothing_record_no_graph() {
        const auto session = small_session();
        session->run();
        for (int i = 0; i < 10'000 && (!session->trace() || session->trace()->step < 1); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const auto trace = session->trace();
        QVERIFY(trace->step >= 1 && !trace->nodes.empty());
        QVERIFY(trace->edges.empty() && trace->edge_gradients.empty());
    }
};

QTEST_GUILESS_MAIN(TestStepping)
#include "tst_stepping.moc"
