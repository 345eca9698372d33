#include "engine/graph/grad_mode.h"
#include "engine/session/session.h"
#include "engine/session/watches.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;

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

void step(Session& session, int count = 1) {
    for (int i = 0; i < count; ++i) {
        session.step();
        session.wait_until_stopped(20);
        session.watches().wait_until_idle(20);
    }
}

WatchedExpression worth(Session& session, const std::shared_ptr<const trace::Trace>& moment) {
    session.watches().look_at(moment);
    session.watches().wait_until_idle(20);
    return session.watches().list().back();
}

/// The moment after the event number `count` of a kind.
std::shared_ptr<const trace::Trace> after(const std::shared_ptr<const trace::Trace>& trace, trace::EventKind kind,
                                          int count = 1) {
    for (std::size_t i = 0; i < trace->events.size(); ++i)
        if (trace->events[i].kind == kind && --count == 0)
            return trace::at_moment(trace, trace::past_notes(*trace, i + 1));
    return nullptr;
}

} // namespace

class TestWatches : public QObject {
    Q_OBJECT

  private slots:
    void worth_at_the_moment_that_is_shown() {
        const auto session = small_session();
        Watches& watches = session->watches();
        watches.add("first.weight.grad.norm()");
        session->step_to(Goal::optimizer);
        QVERIFY(session->wait_until_stopped(20));
        const auto trace = session->trace();
        const auto norm = trace->find_summary({trace::Role::gradient, "first", "weight"})->norm;
        const auto at_end = worth(*session, trace);
        QVERIFY2(at_end.number && std::fabs(*at_end.number - norm) < 1e-6, at_end.error.c_str());
        QCOMPARE(at_end.step, 0);
        // Before it came to be it was None, of which no norm is.
        const auto at_begin = worth(*session, trace::at_moment(trace, 1));
        QVERIFY(!at_begin.number);
        QVERIFY2(at_begin.error.find("NoneType") != std::string::npos, at_begin.error.c_str());
        watches.change(1, "first.weight.grad");
        QCOMPARE(worth(*session, trace::at_moment(trace, 1)).value, std::string("None"));
        watches.change(1, "first.output.shape");
        QCOMPARE(worth(*session, trace).value, std::string("torch.Size([4, 3])"));
        watches.change(1, "(first.output - first.input * first.weight - first.bias).abs().max()");
        QVERIFY(*worth(*session, trace).number < 1e-6);
        watches.change(1, "block.output.grad.sum()");
        const auto gradient = worth(*session, trace);
        QVERIFY2(gradient.number && std::fabs(*gradient.number - 1) < 1e-6, gradient.error.c_str());
        const auto forward = worth(*session, after(trace, trace::EventKind::module_exit));
        QVERIFY(forward.error.find("not there yet") != std::string::npos);
        watches.change(1, "loss");
        const auto loss = worth(*session, trace);
        QVERIFY(loss.number.has_value());
        QVERIFY(worth(*session, after(trace, trace::EventKind::forward)).error.starts_with("the loss is known when"));
        step(*session);
        QVERIFY(std::fabs(*loss.number - session->status().loss) < 1e-6);
        QCOMPARE(session->watches().list()[0].number, std::optional<double>(session->status().loss));
    }

    void history_of_the_ends_of_steps() {
        const auto session = small_session();
        session->watches().add("first.calls.sum()");
        session->watches().add("loss");
        std::vector<double> losses;
        for (int i = 0; i < 5; ++i) {
            step(*session);
            losses.push_back(session->status().loss);
        }
        const auto list = session->watches().list();
        QCOMPARE(list[0].history.size(), std::size_t{5});
        QCOMPARE(list[1].history.size(), std::size_t{5});
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(list[0].history[i].step, static_cast<std::int64_t>(i));
            QCOMPARE(list[0].history[i].value, static_cast<double>(i + 1));
            QCOMPARE(list[1].history[i].value, losses[i]);
        }
        // Looking at a moment is no point of the curve; a change begins anew, and so does a training.
        worth(*session, session->trace());
        QCOMPARE(session->watches().list()[0].history.size(), std::size_t{5});
        session->watches().change(2, "loss * 2");
        step(*session);
        QCOMPARE(session->watches().list()[0].history.size(), std::size_t{6});
        QCOMPARE(session->watches().list()[1].history.size(), std::size_t{1});
        session->reset(7);
        QVERIFY(QTest::qWaitFor([&] { return session->watches().list()[0].history.empty(); }));
    }

    void while_it_runs_values_are_kept_for_them() {
        const auto session = small_session();
        session->watches().add("block.square.output.mean()");
        session->run();
        QVERIFY(QTest::qWaitFor([&] { return session->watches().list()[0].history.size() > 20; }, 20'000));
        session->pause();
        QVERIFY(session->wait_until_stopped(20));
    }

    void a_jump_is_marked() {
        const auto session = small_session([](SmallTraining& training) {
            const NoGrad scope;
            training.net().block.scale.bias.fill_(Scalar(training.steps < 15 ? 0.01 * double(training.steps) : 9.0));
            if (training.steps == 18) training.net().block.square.factor = std::numeric_limits<double>::infinity();
        });
        session->watches().add("block.output.mean()");
        step(*session, 20);
        const auto history = session->watches().list()[0].history;
        QCOMPARE(history.size(), std::size_t{20});
        QVERIFY(history[15].jump && !history[16].jump);
        QVERIFY(history[18].jump && !history[19].jump);
    }

    void errors_stand_at_their_row() {
        const auto session = small_session();
        Watches& watches = session->watches();
        watches.add("first.weight.");
        watches.add("nothing.here");
        watches.add("first.weight @ first.output.foo()");
        watches.add("first.weight.fill_(0)");
        watches.add(std::string(2000, 'x'));
        watches.add("first.weight.sum()");
        step(*session);
        const auto list = watches.list();
        for (std::size_t i = 0; i < 5; ++i)
            QVERIFY2(!list[i].error.empty() && !list[i].number, list[i].text.c_str());
        QVERIFY(list[0].column > 0 && list[1].column == 1);
        QVERIFY2(list[1].error.find("nothing") != std::string::npos, list[1].error.c_str());
        QVERIFY(list[5].error.empty() && list[5].number.has_value() && *list[5].number != 0);
        QVERIFY(list[0].history.empty());
    }

    void replaced_keep_what_is_the_same() {
        const auto session = small_session();
        Watches& watches = session->watches();
        watches.add("loss");
        watches.add("loss + 1");
        step(*session, 2);
        auto list = watches.list();
        list.erase(list.begin());
        list[0].text = "loss + 2";
        watches.replace(list);
        QCOMPARE(watches.list().size(), std::size_t{1});
        QVERIFY(watches.list()[0].history.empty());
        QCOMPARE(watches.add("loss"), 3);
        QVERIFY(watches.remove(2) && !watches.remove(2) && !watches.change(2, "loss"));
    }

    void results_are_the_same_with_them() {
        const auto loss_after = [](bool watched) {
            const auto session = small_session();
            if (watched) session->watches().add("first.weight.grad.norm()");
            step(*session, 20);
            return session->status().loss;
        };
        QCOMPARE(loss_after(true), loss_after(false));
    }

    void changed_from_another_thread_while_it_runs() {
        const auto session = small_session();
        session->run();
        Watches& watches = session->watches();
        for (int i = 0; i < 200; ++i) {
            watches.add(i % 2 ? "first.weight.grad.norm()" : "block.output.mean(");
            if (const auto trace = session->trace()) watches.look_at(trace);
            if (i % 3 == 0) watches.remove(watches.list().front().id);
            if (i % 20 == 0) session->reset(7);
            session->run();
        }
        QVERIFY(QTest::qWaitFor([&] { return watches.list().back().history.size() > 2; }, 20'000));
    }
};

QTEST_APPLESS_MAIN(TestWatches)
#include "tst_watches.moc"
