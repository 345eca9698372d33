#include "engine/session/checkpoints.h"
#include "engine/session/hook_bench.h"
#include "engine/session/past.h"
#include "engine/session/session.h"
#include "tests/session/compare_traces.h"
#include "tests/session/small_training.h"

#include <QtTest>

#include <atomic>
#include <map>
#include <random>

using namespace hs;
using namespace hs::session;
using Came = PastStep::State;

namespace {

constexpr std::size_t plenty = std::size_t{64} << 20;

std::unique_ptr<Session> small_session(std::size_t budget = plenty,
                                       const std::function<void(SmallTraining&)>& prepare = {}) {
    auto session = std::make_unique<Session>(
        [prepare](std::uint64_t seed) {
            auto training = std::make_unique<SmallTraining>(seed);
            if (prepare) prepare(*training);
            return training;
        },
        Session::Options());
    session->past().set_budget(budget);
    return session;
}

/// Runs single steps, each with its values, and gives their Traces.
std::vector<std::shared_ptr<const trace::Trace>> steps_of(Session& session, int count) {
    std::vector<std::shared_ptr<const trace::Trace>> traces;
    for (int i = 0; i < count; ++i) {
        session.step();
        if (!session.wait_until_stopped(20)) break;
        traces.push_back(session.trace());
    }
    return traces;
}

PastStep answer_of(Session& session, std::uint64_t request) {
    PastStep answer;
    const bool came = QTest::qWaitFor(
        [&] {
            answer = session.past().newest();
            return answer.request == request && answer.state != Came::working;
        },
        20'000);
    return came ? answer : PastStep();
}

PastStep go_to(Session& session, std::int64_t step) {
    return answer_of(session, session.past().go_to(step));
}

QString text_of(const PastStep& answer) {
    return QString::fromStdString(answer.message);
}

} // namespace

class TestPast : public QObject {
    Q_OBJECT

  private slots:
    void without_memory_nothing_is_kept() {
        const auto session = small_session(0);
        QCOMPARE(steps_of(*session, 3).size(), std::size_t{3});
        QCOMPARE(session->past().reach().first, -1);
        QCOMPARE(session->past().reach().bytes, std::size_t{0});
        QCOMPARE(text_of(go_to(*session, 0)), QString("No memory is set aside for earlier steps."));
    }

    void goes_to_any_step_in_any_order() {
        const auto session = small_session();
        const auto live = steps_of(*session, 12);
        QCOMPARE(live.size(), std::size_t{12});
        const Reach reach = session->past().reach();
        QCOMPARE(QString::fromStdString(reach.why_not), QString());
        QCOMPARE(reach.first, 0);
        QCOMPARE(reach.last, 11);
        QVERIFY(reach.bytes > 0 && reach.bytes <= reach.budget);
        for (const std::int64_t step : {11, 3, 4, 0, 11, 10, 0}) {
            const PastStep answer = go_to(*session, step);
            QVERIFY2(answer.state == Came::done, answer.message.c_str());
            QCOMPARE(answer.step, step);
            QVERIFY(answer.trace->keeps_all && answer.trace->finished());
            int compared = 0;
            const std::string wrong = difference(*live[static_cast<std::size_t>(step)], *answer.trace, compared);
            QVERIFY2(wrong.empty(), wrong.c_str());
            QVERIFY(compared > 20);
        }
    }

    void the_live_training_is_not_touched() {
        const auto with = small_session();
        const auto without = small_session(0);
        std::mt19937 random(3);
        for (int i = 0; i < 30; ++i) {
            const auto a = steps_of(*with, 1);
            const auto b = steps_of(*without, 1);
            QCOMPARE(digest_of(*a.front()), digest_of(*b.front()));
            QVERIFY(go_to(*with, static_cast<std::int64_t>(random() % static_cast<unsigned>(i + 1))).trace);
        }
    }

    void a_thousand_moments_are_what_they_were() {
        const auto session = small_session();
        // What is seen at each event of a step, stepping through it.
        steps_of(*session, 4);
        std::map<std::size_t, std::uint64_t> seen;
        for (;;) {
            session->step_to(Goal::event);
            QVERIFY(session->wait_until_stopped(20));
            const auto trace = session->trace();
            if (trace->finished()) break;
            seen[trace->events.size()] = digest_of(*trace);
        }
        const auto live = session->trace();
        QCOMPARE(live->step, 4);
        steps_of(*session, 5);
        const PastStep again = go_to(*session, 4);
        QVERIFY2(again.state == Came::done, again.message.c_str());
        std::mt19937 random(1);
        int compared = 0;
        for (int i = 0; i < 1000; ++i) {
            const std::size_t position = random() % (live->events.size() + 1);
            const std::uint64_t moment = digest_of(*trace::at_moment(live, position));
            QCOMPARE(digest_of(*trace::at_moment(again.trace, position)), moment);
            const auto stood = seen.find(position);
            if (stood == seen.end()) continue;
            QCOMPARE(moment, stood->second);
            ++compared;
        }
        QVERIFY(compared > 300);
    }

    void the_step_under_way_can_be_had_with_all_its_values() {
        const auto session = small_session();
        steps_of(*session, 2);
        session->step_to(Goal::backward_pass);
        QVERIFY(session->wait_until_stopped(20));
        QCOMPARE(session->past().reach().last, 2);
        const std::size_t size = session->trace()->events.size();
        const PastStep ahead = go_to(*session, 2);
        QVERIFY2(ahead.state == Came::done, ahead.message.c_str());
        QVERIFY(ahead.trace->events.size() > size);
        QCOMPARE(session->trace()->events.size(), size); // the live one stands
        session->step_to(Goal::this_node, 0xfffffff0u);  // to its end
        QVERIFY(session->wait_until_stopped(20));
        int compared = 0;
        const std::string wrong = difference(*session->trace(), *ahead.trace, compared);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void says_why_a_step_cannot_be_had() {
        const auto session = small_session();
        QCOMPARE(text_of(go_to(*session, 0)), QString("No step was run yet."));
        steps_of(*session, 3);
        QCOMPARE(text_of(go_to(*session, 3)), QString("Step 3 has not run yet."));
        QCOMPARE(text_of(go_to(*session, -1)), QString("Step -1 is out of reach: the first one is 0."));
        const auto forgetful = small_session(plenty, [](SmallTraining& training) { training.remembers = false; });
        steps_of(*forgetful, 3);
        QCOMPARE(text_of(go_to(*forgetful, 1)),
                 QString("This training does not say where it stands in its data, so its steps cannot be run again."));
        QCOMPARE(forgetful->past().reach().bytes, std::size_t{0});
    }

    void tells_a_training_that_does_not_repeat_itself() {
        auto runs = std::make_shared<std::atomic<int>>(0);
        const auto session = small_session(plenty, [runs](SmallTraining& training) {
            training.before_step = [runs](SmallTraining& self) { self.net().block.square.factor = 1 + ++*runs; };
        });
        steps_of(*session, 3);
        const PastStep answer = go_to(*session, 1);
        QCOMPARE(answer.state, Came::failed);
        QVERIFY2(answer.message.find("has another loss when it is run again") != std::string::npos,
                 answer.message.c_str());
        QVERIFY(!answer.trace);
    }

    void a_learning_rate_that_was_set_is_part_of_the_past() {
        const auto session = small_session();
        auto live = steps_of(*session, 3);
        session->set_learning_rate(0.5);
        const auto more = steps_of(*session, 3);
        live.insert(live.end(), more.begin(), more.end());
        for (const std::int64_t step : {5, 2, 4}) {
            const PastStep answer = go_to(*session, step);
            QVERIFY2(answer.trace, answer.message.c_str());
            QCOMPARE(digest_of(*answer.trace), digest_of(*live[static_cast<std::size_t>(step)]));
        }
    }

    void a_step_that_was_disturbed_is_refused() {
        const auto session = small_session();
        steps_of(*session, 2);
        session->step_to(Goal::backward_pass);
        QVERIFY(session->wait_until_stopped(20));
        session->set_learning_rate(0.5);
        const auto live = steps_of(*session, 2); // ends step 2, runs step 3
        QCOMPARE(text_of(go_to(*session, 2)),
                 QString("Step 2 cannot be run again: while it ran, the learning rate was set."));
        QCOMPARE(digest_of(*go_to(*session, 3).trace), digest_of(*live[1]));
        QVERIFY(go_to(*session, 1).trace);
    }

    // What a hook of the window did is not known to the copy that runs steps again.
    void steps_around_a_hook_stay_in_reach() {
        const auto session = small_session();
        const auto before = steps_of(*session, 3);
        HookSpec halves;
        halves.place = {.kind = HookKind::forward, .module = "first", .member = {}};
        halves.action = HookAction::scale;
        halves.amount = 0.5;
        const std::uint64_t hook = session->hook_bench().add(halves);
        const std::size_t bytes = session->past().reach().bytes;
        steps_of(*session, 40);
        QVERIFY(session->past().reach().bytes <= bytes); // no checkpoint that nothing can start from
        session->hook_bench().remove(hook);
        const auto after = steps_of(*session, 2);
        QCOMPARE(session->past().reach().first, 0);
        QCOMPARE(digest_of(*go_to(*session, 1).trace), digest_of(*before[1]));
        QCOMPARE(text_of(go_to(*session, 20)),
                 QString("Step 20 cannot be run again: while it ran, a hook of the window was on."));
        QCOMPARE(digest_of(*go_to(*session, 44).trace), digest_of(*after[1]));
    }

    void keeps_within_the_budget() {
        const auto session = small_session();
        steps_of(*session, 1);
        const std::size_t one = session->past().reach().bytes;
        session->past().set_budget(8 * one);
        session->run();
        QVERIFY(QTest::qWaitFor([&] { return session->status().step > 2'000; }, 30'000));
        session->pause();
        QVERIFY(session->wait_until_stopped(20));
        const Reach full = session->past().reach();
        QVERIFY2(full.bytes <= 8 * one && full.bytes > 2 * one, std::to_string(full.bytes).c_str());
        QVERIFY(full.first < full.last - 8);
        QVERIFY(go_to(*session, full.first).trace);
        QVERIFY(go_to(*session, full.last).trace);
        session->past().set_budget(one / 2);
        QCOMPARE(session->past().reach().first, -1);
        QCOMPARE(session->past().reach().bytes, std::size_t{0});
        steps_of(*session, 2);
        QVERIFY(text_of(go_to(*session, full.last)).startsWith("What a step starts from takes "));
        session->past().set_budget(plenty);
        const auto live = steps_of(*session, 2);
        QCOMPARE(digest_of(*go_to(*session, live.back()->step).trace), digest_of(*live.back()));
    }

    void old_checkpoints_lie_further_apart() {
        SmallTraining training(1);
        Checkpoints kept;
        kept.set_budget(plenty);
        kept.add(std::make_shared<const Checkpoint>(training, 0), true, 1'000);
        const std::size_t one = kept.bytes();
        QVERIFY(one > 0);
        kept.set_budget(10 * one);
        for (std::int64_t step = 1; step <= 200; ++step) {
            training.step();
            kept.add(std::make_shared<const Checkpoint>(training, step), step == 50, 1'000);
            QVERIFY(kept.bytes() <= 10 * one);
        }
        QCOMPARE(kept.first(), 0);
        QCOMPARE(kept.before(200)->step, 200);
        QCOMPARE(kept.before(60)->step, 50); // the one that a change made necessary
        QVERIFY(200 - kept.before(199)->step < 20);
        // With no more than 10 steps between two, the oldest have to go.
        for (std::int64_t step = 201; step <= 400; ++step) {
            training.step();
            kept.add(std::make_shared<const Checkpoint>(training, step), false, 10);
        }
        QVERIFY(kept.first() > 250 && kept.first() < 390);
        kept.clear();
        QCOMPARE(kept.bytes(), std::size_t{0});
    }

    void bytes_that_nobody_writes_count_once() {
        SmallTraining training(1);
        Checkpoints kept;
        kept.set_budget(plenty);
        kept.add(std::make_shared<const Checkpoint>(training, 0), true, 10);
        const std::size_t one = kept.bytes();
        const auto same = std::make_shared<const Checkpoint>(training, 1);
        kept.add(same, false, 10);
        QCOMPARE(kept.bytes(), one + same->own_bytes());
        training.step();
        kept.add(std::make_shared<const Checkpoint>(training, 2), false, 10);
        QVERIFY(kept.bytes() >= 2 * one);
    }

    void can_be_stopped() {
        auto hold = std::make_shared<std::atomic<bool>>(false);
        auto held = std::make_shared<std::atomic<int>>(0);
        const auto session = small_session(plenty, [=](SmallTraining& training) {
            training.before_step = [=](SmallTraining&) {
                while (*hold) {
                    ++*held;
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                }
            };
        });
        const auto live = steps_of(*session, 6);
        *hold = true;
        const std::uint64_t request = session->past().go_to(5);
        QVERIFY(QTest::qWaitFor([&] { return *held > 0; }));
        QCOMPARE(session->past().newest().state, Came::working);
        session->past().cancel();
        QCOMPARE(session->past().newest().state, Came::cancelled);
        *hold = false;
        // The one that was left in the middle does no harm.
        QCOMPARE(digest_of(*go_to(*session, 4).trace), digest_of(*live[4]));
        QVERIFY(session->past().newest().request > request);
        // A newer one takes the place of the one before.
        session->past().go_to(0);
        session->past().go_to(1);
        const std::uint64_t last = session->past().go_to(3);
        QCOMPARE(answer_of(*session, last).trace->step, 3);
    }

    void ends_and_resets_in_the_middle() {
        for (int i = 0; i < 40; ++i) {
            const auto session = small_session();
            steps_of(*session, 5);
            session->past().go_to(i % 5);
            if (i % 4 > 0) std::this_thread::sleep_for(std::chrono::microseconds(i * 40));
            if (i % 2 == 0) continue; // closed
            session->reset(9);
            const auto live = steps_of(*session, 2);
            QCOMPARE(session->past().reach().last, 1);
            QCOMPARE(digest_of(*go_to(*session, 1).trace), digest_of(*live[1]));
        }
    }

    void goes_back_while_training_runs() {
        const auto session = small_session();
        steps_of(*session, 3);
        session->run();
        for (int i = 0; i < 50; ++i) {
            const PastStep answer = go_to(*session, i % 3);
            QVERIFY2(answer.trace, answer.message.c_str());
            QCOMPARE(answer.trace->step, i % 3);
        }
        session->pause();
        QVERIFY(session->wait_until_stopped(20));
    }

    void the_listener_hears_of_it() {
        const auto session = small_session();
        steps_of(*session, 3);
        std::atomic<int> calls{0};
        session->set_listener([&] { ++calls; });
        session->status();
        QVERIFY(go_to(*session, 0).trace);
        QVERIFY(calls > 0);
        session->set_listener({});
    }
};

QTEST_GUILESS_MAIN(TestPast)
#include "tst_past.moc"
