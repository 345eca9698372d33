#include "engine/ops/op.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"

#include <QtTest>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <limits>
#include <mutex>

using namespace hs;
using namespace hs::session;

namespace {

using Prepare = std::function<void(SmallTraining&)>;

std::function<std::unique_ptr<Training>(std::uint64_t)> maker(Prepare prepare = {}) {
    return [prepare](std::uint64_t seed) {
        auto training = std::make_unique<SmallTraining>(seed);
        if (prepare) prepare(*training);
        return training;
    };
}

Session::Options stop_after(std::int64_t steps) {
    Session::Options options;
    options.stop_after = steps;
    return options;
}

Session::Options no_limit() {
    return {};
}

/// Waits for something that another thread brings about.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 10'000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

/// Something to hold a training's thread at.
class Latch {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
};

std::vector<double> losses(const Session& session) {
    std::vector<double> values;
    for (const trace::ScalarPoint& point : session.history()->scalars("loss"))
        values.push_back(point.mean);
    return values;
}

} // namespace

class TestSession : public QObject {
    Q_OBJECT

  private slots:
    void starts_paused_and_shows_the_model() {
        Session session(maker(), no_limit());
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(session.ready());
        QCOMPARE(session.info().model, std::string("SmallNet"));
        QVERIFY(session.info().threads >= 1);
        const Status status = session.status();
        QVERIFY(status.state == State::paused);
        QCOMPARE(status.step, 0);
        QCOMPARE(status.seed, std::uint64_t{7});
        QCOMPARE(status.learning_rate, 0.01);
        const auto trace = session.trace();
        QVERIFY(trace && trace->step == -1 && trace->finished());
        QCOMPARE(trace->modules->size(), std::size_t{5});
        QVERIFY(trace->find_summary({trace::Role::parameter, "first", "weight"}));
        QVERIFY(session.history()->keys().empty());
    }

    void runs_to_the_end_and_tells_what_it_did() {
        Session session(maker([](SmallTraining& training) {
                            training.test = [](const std::function<bool()>& go_on) { return go_on() ? 0.75 : -1; };
                        }),
                        stop_after(25));
        session.run();
        QVERIFY(session.wait_until_stopped(20));
        const Status status = session.status();
        QVERIFY(status.state == State::finished);
        QCOMPARE(status.step, 25);
        QCOMPARE(status.epoch, 2.5);
        QCOMPARE(status.test_accuracy, 0.75);
        QCOMPARE(status.batch_accuracy, 0.5);
        QVERIFY(status.steps_per_second > 0);
        QVERIFY(status.observe_ratio >= 1);
        QVERIFY(status.tensor_bytes > 0);
        QCOMPARE(session.history()->steps(), 25);
        QCOMPARE(losses(session).size(), std::size_t{25});
        QCOMPARE(losses(session).back(), status.loss);
        QVERIFY(losses(session).front() > losses(session).back());
        QCOMPARE(session.history()->scalars("test_accuracy").size(), std::size_t{3}); // after 10, 20 and 25 steps
        QCOMPARE(session.history()->scalars("learning_rate").size(), std::size_t{25});
        QCOMPARE(session.history()->series({trace::Role::output, "block", ""}).size(), std::size_t{25});
        QCOMPARE(session.trace()->step, 24);
        QCOMPARE(session.trace()->result().loss, status.loss);
        QCOMPARE(session.values_trace(), session.trace()); // the last step keeps everything
        const auto trace = session.trace();
        QVERIFY(trace->values[trace->find({trace::Role::output, "first", ""})].snapshot);
        session.run(); // and on, without a limit
        QVERIFY(eventually([&] { return session.status().step > 30; }));
    }

    void a_step_is_one_step() {
        Session session(maker(), no_limit());
        for (std::int64_t step = 1; step <= 3; ++step) {
            session.step();
            QVERIFY(session.wait_until_stopped(20));
            QCOMPARE(session.status().step, step);
            QVERIFY(session.status().state == State::paused);
            QCOMPARE(session.trace()->step, step - 1);
            QCOMPARE(session.values_trace()->step, step - 1);
        }
    }

    void pause_answers_and_run_goes_on() {
        Session session(maker(), no_limit());
        // The step before a pause keeps everything, to be looked at. On a busy machine steps may take so long that a
        // pause does not wait for another one; then it is tried again.
        bool whole = false;
        for (int attempt = 0; attempt < 20 && !whole; ++attempt) {
            const std::int64_t before = session.status().step;
            session.run();
            QVERIFY(eventually([&] { return session.status().step > before + 20; }));
            session.pause();
            QVERIFY(session.wait_until_stopped(20));
            const auto kept = session.values_trace();
            whole = session.status().event.empty() && kept && kept->step == session.status().step - 1;
        }
        QVERIFY(whole);
        const Status paused = session.status();
        QVERIFY(paused.state == State::paused);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        QCOMPARE(session.status().step, paused.step);
        session.run();
        QVERIFY(eventually([&] { return session.status().step > paused.step + 20; }));
    }

    void long_steps_are_paused_inside() {
        Latch latch;
        std::atomic<bool> inside{false};
        Session session(maker([&](SmallTraining& training) {
                            training.before_step = [&](SmallTraining&) {
                                inside = true;
                                latch.wait();
                                std::this_thread::sleep_for(std::chrono::milliseconds(40));
                            };
                        }),
                        no_limit());
        session.run();
        QVERIFY(eventually([&] { return inside.load(); }));
        session.pause();
        latch.open();
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(session.status().state == State::paused);
        QVERIFY(!session.status().event.empty());
        QVERIFY(!session.trace()->finished());
        QCOMPARE(session.status().step, 0);
        session.run();
        QVERIFY(eventually([&] { return session.status().step >= 2; }));
    }

    void events_are_stepped_one_by_one() {
        Session session(maker(), no_limit());
        std::vector<std::string> texts;
        for (int i = 0; i < 9; ++i) {
            session.step_to(Goal::event);
            QVERIFY(session.wait_until_stopped(20));
            QVERIFY(session.status().state == State::paused);
            texts.push_back(session.status().event);
            QVERIFY(!session.trace()->finished());
            QCOMPARE(session.trace()->step, 0);
        }
        const std::vector<std::string> expected{"forward div", "enter SmallNet"};
        const auto start = std::find(texts.begin(), texts.end(), "enter SmallNet");
        QVERIFY(start != texts.end() && start + 4 < texts.end());
        QCOMPARE(start[1], std::string("enter first"));
        QVERIFY(std::find(texts.begin(), texts.end(), "forward mul in first") != texts.end());
        QVERIFY(std::find(texts.begin(), texts.end(), "leave first") != texts.end());
        QCOMPARE(session.status().step, 0);
        session.step(); // to the end of this step
        QVERIFY(session.wait_until_stopped(20));
        QCOMPARE(session.status().step, 1);
        QVERIFY(session.status().event.empty());
        QVERIFY(session.trace()->finished());
        QVERIFY(session.trace()->result().seconds < 5);
    }

    void events_are_stepped_also_with_everything_off() {
        Session session(maker(), no_limit());
        Watch watch;
        watch.level = Level::off;
        session.set_watch(watch);
        session.step_to(Goal::event);
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(!session.status().event.empty());
        session.run();
        QVERIFY(eventually([&] { return session.status().step > 3; }));
    }

    void the_same_seed_gives_the_same_losses() {
        const auto run = [](std::uint64_t seed, bool watched) {
            Session::Options options = stop_after(30);
            options.seed = seed;
            Session session(maker(), options);
            Watch watch;
            watch.level = watched ? Level::summaries : Level::off;
            session.set_watch(watch);
            session.run();
            session.wait_until_stopped(20);
            return losses(session);
        };
        const auto first = run(7, true);
        QCOMPARE(first.size(), std::size_t{30});
        QCOMPARE(run(7, true), first);
        QCOMPARE(run(7, false), first);
        QVERIFY(run(8, true) != first);
    }

    void reset_starts_again() {
        Session session(maker(), stop_after(12));
        session.run();
        QVERIFY(session.wait_until_stopped(20));
        const auto first = losses(session);
        session.reset(9);
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(session.status().state == State::paused);
        QCOMPARE(session.status().step, 0);
        QCOMPARE(session.status().seed, std::uint64_t{9});
        QVERIFY(session.history()->keys().empty() && losses(session).empty());
        QCOMPARE(session.trace()->step, -1);
        session.reset(7);
        session.run();
        QVERIFY(session.wait_until_stopped(20));
        QCOMPARE(losses(session), first);
    }

    void reset_and_end_inside_a_step() {
        {
            Session session(maker(), no_limit());
            session.step_to(Goal::event);
            QVERIFY(session.wait_until_stopped(20));
            session.reset(3);
            QVERIFY(session.wait_until_stopped(20));
            QCOMPARE(session.status().seed, std::uint64_t{3});
            QVERIFY(session.status().state == State::paused && session.status().event.empty());
            session.step_to(Goal::event);
            QVERIFY(session.wait_until_stopped(20));
        } // ends while it is paused inside a step
        QVERIFY(op_hooks().after.empty());
    }

    void commands_of_one_kind_replace_each_other() {
        Latch latch;
        Session session(
            [&](std::uint64_t seed) {
                latch.wait();
                return std::make_unique<SmallTraining>(seed);
            },
            no_limit());
        QVERIFY(!session.ready());
        QVERIFY(!session.wait_until_stopped(0.01));
        session.run();
        session.set_learning_rate(0.5);
        session.set_learning_rate(0.002);
        session.reset(1);
        session.reset(2);
        session.step();
        latch.open();
        QVERIFY(session.wait_until_stopped(20));
        const Status status = session.status();
        QCOMPARE(status.step, 1);
        QCOMPARE(status.learning_rate, 0.002);
        QCOMPARE(status.seed, std::uint64_t{2});
        QCOMPARE(session.history()->scalars("learning_rate").back().mean, 0.002);
    }

    void failures_are_told_and_a_reset_may_help() {
        Session broken(
            [](std::uint64_t seed) -> std::unique_ptr<Training> {
                if (seed == 7) throw std::runtime_error("no data here");
                return std::make_unique<SmallTraining>(seed);
            },
            no_limit());
        broken.run();
        QVERIFY(broken.wait_until_stopped(20));
        QVERIFY(broken.status().state == State::failed);
        QCOMPARE(broken.status().message, std::string("no data here"));
        QVERIFY(!broken.ready());
        broken.reset(8);
        broken.step();
        QVERIFY(broken.wait_until_stopped(20));
        QVERIFY(broken.status().state == State::paused);
        QCOMPARE(broken.status().step, 1);

        Session failing(maker([](SmallTraining& training) {
                            training.before_step = [](SmallTraining& self) {
                                if (self.optimizer().parameters()[0].version() >= 5) throw Error("shapes do not fit");
                            };
                        }),
                        no_limit());
        failing.run();
        QVERIFY(failing.wait_until_stopped(20));
        QVERIFY(failing.status().state == State::failed);
        QCOMPARE(failing.status().message, std::string("shapes do not fit"));
        QVERIFY(failing.status().step > 0);
        const std::int64_t step = failing.status().step;
        failing.run(); // does not help
        QVERIFY(failing.wait_until_stopped(20));
        QCOMPARE(failing.status().step, step);
    }

    void a_failing_measurement_at_the_end_is_a_failure() {
        Session session(maker([](SmallTraining& training) {
                            training.test = [](const std::function<bool()>&) -> double { throw Error("no test data"); };
                        }),
                        stop_after(3));
        session.run();
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(session.status().state == State::failed);
        QCOMPARE(session.status().message, std::string("no test data"));
    }

    void nan_pauses_and_names_its_place() {
        const auto poison = [](SmallTraining& training) {
            training.before_step = [count = 0](SmallTraining& self) mutable {
                if (++count == 4) self.net().block.square.factor = std::nan("");
            };
        };
        Session session(maker(poison), no_limit());
        session.run();
        QVERIFY(session.wait_until_stopped(20));
        const Status status = session.status();
        QVERIFY(status.state == State::paused && status.has_non_finite);
        QCOMPARE(status.non_finite.step, 3);
        QCOMPARE(status.non_finite.module, std::string("block.square"));
        QCOMPARE(status.non_finite.what, std::string("output"));
        QVERIFY(QString::fromStdString(status.message).contains("block.square"));
        session.run(); // told once
        QVERIFY(eventually([&] { return session.status().step > 8; }));

        Session careless(maker(poison), stop_after(10));
        careless.set_pause_on_non_finite(false);
        careless.run();
        QVERIFY(careless.wait_until_stopped(20));
        QVERIFY(careless.status().state == State::finished && careless.status().has_non_finite);
        QCOMPARE(careless.status().non_finite.step, 3);

        Session blind(maker(poison), no_limit());
        Watch watch;
        watch.level = Level::off;
        blind.set_watch(watch);
        blind.run();
        QVERIFY(blind.wait_until_stopped(20));
        QCOMPARE(blind.status().non_finite.what, std::string("loss"));
        QVERIFY(blind.status().non_finite.module.empty());
    }

    void the_watch_changes_while_it_runs() {
        Session session(maker(), no_limit());
        Watch watch;
        watch.values_every_ms = 0;
        watch.level = Level::structure;
        watch.values = {
            {trace::Role::output, "block", ""}, {trace::Role::picture, "", ""}, {trace::Role::target, "", ""}};
        session.set_watch(watch);
        session.run();
        const auto kept = [&](const trace::ValueKey& key) {
            const auto trace = session.values_trace();
            const trace::Id id = trace ? trace->find(key) : trace::none;
            return id != trace::none && trace->values[id].snapshot;
        };
        QVERIFY(eventually([&] { return kept({trace::Role::output, "block", ""}); }));
        QVERIFY(kept({trace::Role::picture, "", ""}) && kept({trace::Role::target, "", ""}));
        // Drawing the picture runs the model, which is no part of the step.
        const auto drawn = session.values_trace();
        int entered = 0;
        for (std::size_t i = 0; i < drawn->events.size(); ++i)
            entered += drawn->events[i].kind == trace::EventKind::module_enter;
        QCOMPARE(entered, 5);
        QVERIFY(!kept({trace::Role::output, "first", ""}));
        watch.values = {{trace::Role::output, "first", ""}};
        watch.level = Level::summaries;
        session.set_watch(watch);
        QVERIFY(eventually([&] { return kept({trace::Role::output, "first", ""}); }));
        QVERIFY(!kept({trace::Role::output, "block", ""}));
        QVERIFY(eventually([&] { return session.trace()->summaries.size() > 0; }));
        watch = {};
        watch.level = Level::off;
        session.set_watch(watch);
        QVERIFY(eventually([&] { return session.status().step > session.trace()->step + 10; }));
    }

    void the_listener_is_called_once_until_it_is_answered() {
        std::atomic<int> calls{0};
        Session session(maker(), no_limit());
        session.set_listener([&] { ++calls; });
        session.run();
        QVERIFY(eventually([&] { return calls > 0; }));
        const std::int64_t before = session.status().step;
        QVERIFY(eventually([&] { return session.history()->steps() > before + 50; }));
        QVERIFY(calls <= 3);
        for (int i = 0; i < 5; ++i) {
            const int known = calls;
            session.status();
            QVERIFY(eventually([&] { return calls > known; }));
        }
        session.set_listener({});
        const int last = calls;
        session.status();
        session.pause();
        QVERIFY(session.wait_until_stopped(20));
        QCOMPARE(calls.load(), last);
    }

    void measuring_accuracy_gives_way_to_commands() {
        std::atomic<int> begun{0};
        Session session(maker([&](SmallTraining& training) {
                            training.test = [&](const std::function<bool()>& go_on) {
                                ++begun;
                                while (begun < 2 && go_on())
                                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                return begun < 2 ? -1 : 0.5;
                            };
                        }),
                        no_limit());
        session.run();
        QVERIFY(eventually([&] { return begun == 1; }));
        session.pause();
        QVERIFY(session.wait_until_stopped(20));
        QCOMPARE(session.status().step, 10);
        QVERIFY(session.status().test_accuracy < 0);
        session.run(); // and it is made up for
        QVERIFY(eventually([&] { return session.status().test_accuracy == 0.5; }));
    }

    void readers_on_other_threads_see_whole_traces() {
        Session session(maker(), no_limit());
        Watch watch;
        watch.values_every_ms = 0;
        watch.values = {{trace::Role::parameter, "first", "weight"}};
        session.set_watch(watch);
        session.run();
        std::int64_t checked = 0;
        QVERIFY(eventually([&] {
            const auto trace = session.values_trace();
            if (!trace) return false;
            const trace::Value& weight = trace->values[trace->find({trace::Role::parameter, "first", "weight"})];
            const trace::Summary* summary = trace->find_summary(weight.key);
            double squares = 0;
            for (std::int64_t i = 0; i < weight.snapshot.count(); ++i)
                squares += weight.snapshot.at(i) * weight.snapshot.at(i);
            if (std::fabs(std::sqrt(squares) - summary->norm) > 1e-5) return false;
            session.history()->series({trace::Role::gradient, "first", "weight"}, 20, 100);
            session.status();
            return ++checked > 200;
        }));
    }
};

QTEST_APPLESS_MAIN(TestSession)
#include "tst_session.moc"
