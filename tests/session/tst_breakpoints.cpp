#include "engine/graph/grad_mode.h"
#include "engine/session/breakpoints.h"
#include "engine/session/event_text.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;
using Check = Breakpoint::Check;
using Pass = Breakpoint::Pass;
using Place = Breakpoint::Place;
using Side = Breakpoint::Side;

namespace {

std::unique_ptr<Session> small_session(const std::function<void(SmallTraining&)>& before_step = {}) {
    auto session = std::make_unique<Session>(
        [before_step](std::uint64_t seed) {
            auto training = std::make_unique<SmallTraining>(seed);
            training->before_step = before_step;
            return training;
        },
        Session::Options{.pause_on_non_finite = false});
    session->wait_until_stopped(20);
    return session;
}

Breakpoint at(Place place, const std::string& name, Side side = Side::before, Pass pass = Pass::both) {
    Breakpoint breakpoint;
    breakpoint.place = place;
    breakpoint.name = name;
    breakpoint.side = side;
    breakpoint.pass = pass;
    return breakpoint;
}

Breakpoint with(Breakpoint breakpoint, Check check, double bound = 0) {
    breakpoint.check = check;
    breakpoint.bound = bound;
    return breakpoint;
}

/// Runs until it stops: the event, and why.
std::string run(Session& session) {
    session.run();
    if (!session.wait_until_stopped(20)) return "not stopped";
    const Status status = session.status();
    return status.event + " | " + status.message;
}

std::string refusal(const Breakpoints& breakpoints, const Breakpoint& breakpoint) {
    try {
        breakpoints.check(breakpoint);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestBreakpoints : public QObject {
    Q_OBJECT

  private slots:
    void modules_before_and_after_in_both_passes() {
        const auto session = small_session();
        session->breakpoints().add(at(Place::module, "block"));
        session->breakpoints().add(at(Place::module, "block", Side::after));
        QCOMPARE(run(*session), std::string("enter block | breakpoint 1: before block"));
        QCOMPARE(run(*session), std::string("leave block | breakpoint 2: after block"));
        QCOMPARE(run(*session), std::string("backward SumBackward0 | breakpoint 1: before block"));
        QCOMPARE(run(*session), std::string("sum of gradients in first | breakpoint 2: after block"));
        QCOMPARE(session->status().step, 0);
        QCOMPARE(run(*session), std::string("enter block | breakpoint 1: before block"));
        QCOMPARE(session->status().step, 1);
        QCOMPARE(session->breakpoints().list()[0].hits, 3);
    }

    void the_first_module_is_left_when_the_pass_ends() {
        const auto session = small_session();
        session->breakpoints().add(at(Place::module, "first", Side::after, Pass::backward));
        QCOMPARE(run(*session), std::string("begin of the optimizer's step | breakpoint 1: after first"));
    }

    void nodes_before_and_after() {
        const auto session = small_session();
        Breakpoints& breakpoints = session->breakpoints();
        Breakpoint inside = at(Place::node, "MulBackward0");
        inside.inside = "block.scale";
        const int id = breakpoints.add(inside);
        QCOMPARE(run(*session), std::string("accumulate block.scale.bias.grad | breakpoint 1: "
                                            "before MulBackward0 in block.scale"));
        const std::size_t stood = session->trace()->events.size();
        session->step_to(Goal::event);
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(session->trace()->events[stood].kind, trace::EventKind::backward);
        breakpoints.remove(id);
        breakpoints.add(at(Place::node, "first.weight", Side::after));
        QCOMPARE(run(*session), std::string("accumulate first.weight.grad | breakpoint 2: after first.weight"));
        breakpoints.enable(2, false);
        breakpoints.add(at(Place::node, "AccumulateGrad"));
        QCOMPARE(run(*session),
                 std::string("backward AddBackward0 in block.scale | breakpoint 3: before AccumulateGrad"));
    }

    void operations_by_name() {
        const auto session = small_session();
        Breakpoint sum = at(Place::operation, "sum");
        session->breakpoints().add(sum);
        QCOMPARE(run(*session), std::string("forward sum | breakpoint 1: after sum"));
        QCOMPARE(run(*session), std::string("backward SumBackward0 | breakpoint 1: after sum"));
        sum.name = "mul";
        sum.inside = "block.square";
        sum.pass = Pass::forward;
        session->breakpoints().change(1, sum);
        QCOMPARE(run(*session), std::string("forward mul in block.square | breakpoint 1: after mul in block.square"));
    }

    void conditions_hold_and_say_why() {
        const auto session = small_session([](SmallTraining& training) {
            // 4 x 3 elements: x * 0 + 2.
            const NoGrad scope;
            training.net().first.weight.fill_(Scalar(0));
            training.net().first.bias.fill_(Scalar(training.steps % 2 == 0 ? 2.0 : -2.0));
        });
        Breakpoints& breakpoints = session->breakpoints();
        const Breakpoint output = at(Place::module, "first", Side::after, Pass::forward);
        const auto stop = [&](const Breakpoint& breakpoint) {
            const int id = breakpoints.add(breakpoint);
            const std::string text = run(*session);
            breakpoints.remove(id);
            return text.substr(text.find(": ") + 2);
        };
        QCOMPARE(stop(with(output, Check::norm_above, 6.9)), std::string("norm of first output is 6.928, above 6.9"));
        QCOMPARE(stop(with(output, Check::norm_below, 7)), std::string("norm of first output is 6.928, below 7"));
        Breakpoint mul = with(at(Place::operation, "mul", Side::after, Pass::forward), Check::zeros_above, 0.5);
        QCOMPARE(stop(mul), std::string("100 % of result of mul in first is 0, above 50 %"));
        Breakpoint shape = with(output, Check::shape_is);
        shape.shape = "[*, 3]";
        QCOMPARE(stop(shape), std::string("shape of first output is [4, 3]"));
        const std::string change = stop(with(output, Check::sign_change));
        QVERIFY2(change == "mean of first output went from 2 to -2" ||
                     change == "mean of first output went from -2 to 2",
                 change.c_str());
        const Breakpoint gradient = with(at(Place::node, "first.bias", Side::after), Check::norm_above, 0);
        QVERIFY(stop(gradient).starts_with("norm of first.bias.grad is "));
        const Breakpoint arriving =
            with(at(Place::module, "block", Side::before, Pass::backward), Check::norm_above, 0);
        QVERIFY(stop(arriving).starts_with("norm of gradient into AddBackward0 in block.scale is 0.288"));
        const Breakpoint leaving = with(at(Place::module, "block", Side::after, Pass::backward), Check::norm_above, 0);
        QVERIFY(stop(leaving).starts_with("norm of gradient out of block is "));
    }

    void what_does_not_hold_does_not_stop() {
        const auto session = small_session([](SmallTraining& training) {
            if (training.steps == 3) training.net().block.square.factor = std::numeric_limits<double>::infinity();
        });
        Breakpoints& breakpoints = session->breakpoints();
        breakpoints.add(with(at(Place::module, "first", Side::after), Check::norm_above, 1e9));
        breakpoints.add(with(at(Place::module, "first", Side::after), Check::has_nan));
        breakpoints.add(with(at(Place::module, "block.square", Side::after, Pass::forward), Check::has_inf));
        QCOMPARE(run(*session), std::string("leave block.square | breakpoint 3: block.square output has 12 Inf"));
        QCOMPARE(session->status().step, 3);
        QCOMPARE(breakpoints.list()[0].hits, 0);
    }

    void the_nth_hit_stops() {
        const auto session = small_session();
        Breakpoint third = at(Place::module, "first", Side::after, Pass::forward);
        third.from_hit = 3;
        session->breakpoints().add(third);
        run(*session);
        QCOMPARE(session->status().step, 2);
        QCOMPARE(session->breakpoints().list()[0].hits, 3);
        run(*session);
        QCOMPARE(session->status().step, 3);
        session->reset(7);
        QVERIFY(QTest::qWaitFor([&] { return session->breakpoints().list()[0].hits == 0; }));
        run(*session);
        QCOMPARE(session->status().step, 2);
    }

    void a_stop_can_be_looked_at() {
        const auto session = small_session();
        session->breakpoints().add(at(Place::operation, "sum", Side::after, Pass::backward));
        run(*session);
        const auto trace = session->trace();
        QVERIFY(trace->keeps_all && !trace->edges.empty());
        const trace::Id output = trace->find({trace::Role::output, "first", ""});
        QVERIFY(output != trace::none && trace->values[output].snapshot.count() == 12);
    }

    void back_to_the_last_moment_at_which_one_holds() {
        const auto session = small_session();
        session->step_to(Goal::optimizer);
        QVERIFY(session->wait_until_stopped(20));
        const auto trace = session->trace();
        Breakpoints& breakpoints = session->breakpoints();
        QVERIFY(!breakpoints.last_before(*trace, trace->events.size()));
        breakpoints.add(at(Place::module, "block"));
        const auto text = [&](const std::optional<Breakpoints::Stop>& stop) {
            if (!stop) return std::string();
            return event_text(*trace, trace::last_event(*trace, stop->position)) + " | " + stop->message;
        };
        const auto backward = breakpoints.last_before(*trace, trace->events.size());
        QCOMPARE(text(backward), std::string("backward SumBackward0 | breakpoint 1: before block"));
        const auto forward = breakpoints.last_before(*trace, backward->position);
        QCOMPARE(text(forward), std::string("enter block | breakpoint 1: before block"));
        QVERIFY(!breakpoints.last_before(*trace, forward->position));
        QCOMPARE(breakpoints.first_after(*trace, forward->position)->position, backward->position);
        QVERIFY(!breakpoints.first_after(*trace, backward->position));
        for (std::size_t from = 0; from < trace->events.size(); ++from) {
            const std::size_t wanted = from < forward->position    ? forward->position
                                       : from < backward->position ? backward->position
                                                                   : 0;
            const auto next = breakpoints.first_after(*trace, from);
            QCOMPARE(next ? next->position : 0, wanted);
            QVERIFY(!breakpoints.first_after(*trace, from, wanted));
            QVERIFY(wanted == 0 || breakpoints.first_after(*trace, from, wanted + 1));
        }
        // With a condition, over what is recorded: the node's gradient came alone along an edge.
        breakpoints.remove(1);
        breakpoints.add(with(at(Place::node, "MulBackward0"), Check::norm_above, 0));
        const auto norm = breakpoints.last_before(*trace, trace->events.size());
        QVERIFY(norm && norm->message.starts_with("breakpoint 2: norm of gradient into MulBackward0 in first is "));
        breakpoints.enable(2, false);
        QVERIFY(!breakpoints.last_before(*trace, trace->events.size()));
    }

    void stops_that_happened_are_found_again() {
        const auto session = small_session([](SmallTraining& training) {
            const NoGrad scope;
            training.net().first.weight.fill_(Scalar(0));
            training.net().first.bias.fill_(Scalar(training.steps % 2 == 0 ? 2.0 : -2.0));
        });
        // What the sign was before is not in the Trace of this step.
        session->breakpoints().add(with(at(Place::module, "first", Side::after, Pass::forward), Check::sign_change));
        run(*session);
        QCOMPARE(session->status().step, 1);
        session->step_to(Goal::optimizer);
        QVERIFY(session->wait_until_stopped(20));
        const auto trace = session->trace();
        const auto stop = session->breakpoints().last_before(*trace, trace->events.size());
        QVERIFY(stop);
        QCOMPARE(event_text(*trace, trace::last_event(*trace, stop->position)), std::string("leave first"));
    }

    void refused_with_a_sentence() {
        const auto session = small_session();
        const Breakpoints& breakpoints = session->breakpoints();
        QCOMPARE(refusal(breakpoints, at(Place::module, "blok")),
                 std::string("there is no module 'blok' in this model; there is 'first', 'block', 'block.square' and "
                             "others"));
        QCOMPARE(refusal(breakpoints, at(Place::module, "square")),
                 std::string("there is no module 'square' in this model; its path may be 'block.square'"));
        QCOMPARE(refusal(breakpoints, at(Place::module, "")), std::string());
        QCOMPARE(refusal(breakpoints, at(Place::operation, "convolve")),
                 std::string("there is no operation 'convolve'; operations have names like conv2d or relu"));
        QVERIFY(refusal(breakpoints, at(Place::node, "Mul")).starts_with("no node is called 'Mul'"));
        QVERIFY(refusal(breakpoints, at(Place::node, "")).starts_with("name a node"));
        QVERIFY(refusal(breakpoints, at(Place::node, "MulBackward0", Side::after, Pass::forward))
                    .starts_with("an autograd node runs in the backward pass only"));
        Breakpoint shape = with(at(Place::module, "first"), Check::shape_is);
        const auto shaped = [&](const char* text) {
            shape.shape = text;
            return refusal(breakpoints, shape);
        };
        QCOMPARE(shaped("[4, x]"), std::string("shape '[4, x]', column 5: expected a size or *"));
        QCOMPARE(shaped("4"), std::string("shape '4', column 1: expected '['"));
        QCOMPARE(shaped("[4 4]"), std::string("shape '[4 4]', column 4: expected ',' or ']'"));
        QCOMPARE(shaped("[4]]"), std::string("shape '[4]]', column 4: expected nothing more"));
        QCOMPARE(shaped("[-1]"), std::string("shape '[-1]', column 2: expected a size or *"));
        QVERIFY(!shaped("[99999999999999999999]").empty() && !shaped("").empty());
        QCOMPARE(shaped(" [ 4 , * ] "), std::string());
        QCOMPARE(shaped("[]"), std::string());
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!refusal(breakpoints, with(at(Place::module, "first"), Check::norm_above, nan)).empty());
        QVERIFY(!refusal(breakpoints, with(at(Place::module, "first"), Check::zeros_above, 40)).empty());
        Breakpoint never = at(Place::module, "first");
        never.from_hit = 0;
        QVERIFY(!refusal(breakpoints, never).empty());
        QVERIFY_EXCEPTION_THROWN(session->breakpoints().change(9, at(Place::module, "first")), std::invalid_argument);
        QVERIFY(session->breakpoints().list().empty());
    }

    void names_of_another_model_wait() {
        const auto session = small_session();
        Breakpoint other = at(Place::module, "stage1.conv1");
        other.id = 4;
        session->breakpoints().replace({other, at(Place::module, "first")});
        QVERIFY(!session->breakpoints().list()[0].in_model);
        QVERIFY(session->breakpoints().list()[1].in_model);
        session->step_to(Goal::backward_pass); // of two that could hold, one names nothing
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(session->status().event, std::string("enter first"));
        QCOMPARE(session->breakpoints().add(at(Place::module, "block")), 5);
    }

    void a_change_counts_from_the_next_event_on() {
        const auto session = small_session();
        session->step_to(Goal::operation);
        QVERIFY(session->wait_until_stopped(20));
        session->breakpoints().add(at(Place::module, "block", Side::before, Pass::backward));
        QCOMPARE(run(*session), std::string("backward SumBackward0 | breakpoint 1: before block"));
        session->breakpoints().remove(1);
        session->run();
        QVERIFY(QTest::qWaitFor([&] { return session->status().step > 30; }, 20'000));
        session->breakpoints().add(at(Place::module, "block", Side::after, Pass::forward));
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(session->status().event, std::string("leave block"));
    }

    void results_are_the_same_with_them() {
        const auto loss_after = [](bool watched) {
            const auto session = small_session();
            if (watched) session->breakpoints().add(with(at(Place::module, "block"), Check::norm_above, 1e9));
            for (int i = 0; i < 20; ++i) {
                session->step();
                session->wait_until_stopped(20);
            }
            return session->status().loss;
        };
        QCOMPARE(loss_after(true), loss_after(false));
    }

    void changed_from_another_thread_while_it_runs() {
        const auto session = small_session();
        session->run();
        Breakpoints& breakpoints = session->breakpoints();
        for (int i = 0; i < 200; ++i) {
            Breakpoint one = with(at(Place::module, i % 2 ? "block" : "first"), Check::norm_above, 1e9);
            one.id = 1;
            breakpoints.replace({one});
            breakpoints.enable(1, i % 3 != 0);
            if (const auto trace = session->trace()) breakpoints.last_before(*trace, trace->events.size());
            if (i % 20 == 0) session->reset(7);
            session->run();
        }
        breakpoints.add(at(Place::module, "block"));
        session->run();
        QVERIFY(session->wait_until_stopped(20));
        QVERIFY(!session->status().message.empty());
    }
};

QTEST_APPLESS_MAIN(TestBreakpoints)
#include "tst_breakpoints.moc"
