#include "app/command_line.h"
#include "app/demos/demo.h"
#include "engine/session/past.h"
#include "engine/session/session.h"
#include "engine/session/training.h"
#include "tests/engine/sanitized.h"
#include "tests/session/compare_traces.h"

#include <QtTest>

#include <random>

using namespace hs;
using namespace hs::session;

namespace {

PastStep go_to(Session& session, std::int64_t step) {
    const std::uint64_t request = session.past().go_to(step);
    PastStep answer;
    const bool came = QTest::qWaitFor(
        [&] {
            answer = session.past().newest();
            return answer.request == request && answer.state != PastStep::State::working;
        },
        120'000);
    return came ? answer : PastStep();
}

} // namespace

/// Every demo: what is shown of an earlier step is bit for bit what it was.
class TestReplayDemos : public QObject {
    Q_OBJECT

  private slots:
    void replayEqualsLive_data() {
        QTest::addColumn<QString>("name");
        for (const app::Demo& demo : app::demos())
            QTest::newRow(demo.name.c_str()) << QString::fromStdString(demo.name);
    }
    void replayEqualsLive() {
        QFETCH(QString, name);
        const app::Demo& demo = app::find_demo(app::demos(), name.toStdString());
        app::DemoSetup setup;
        setup.data = app::Options().data;
        setup.threads = 2;
        Session::Options options;
        options.threads = 2;
        Session session(demo.prepare(setup), options);
        session.past().set_budget(std::size_t{256} << 20);
        const int count = test::threads_are_watched ? 6 : 14;
        std::vector<std::shared_ptr<const trace::Trace>> live;
        const auto run = [&](int steps) {
            for (int i = 0; i < steps; ++i) {
                session.step();
                QVERIFY(session.wait_until_stopped(120));
                QVERIFY2(session.status().state != session::State::failed, session.status().message.c_str());
                live.push_back(session.trace());
            }
        };
        run(count / 2);
        session.set_learning_rate(0.003); // which the schedule of the demos respects from here on
        run(count / 2);
        QCOMPARE(live.size(), static_cast<std::size_t>(count));
        std::mt19937 random(2);
        for (int i = 0; i < 8; ++i) {
            const auto step = static_cast<std::size_t>(random() % static_cast<unsigned>(count));
            const PastStep again = go_to(session, static_cast<std::int64_t>(step));
            QVERIFY2(again.trace, again.message.c_str());
            int compared = 0;
            const std::string wrong = difference(*live[step], *again.trace, compared);
            QVERIFY2(wrong.empty(), wrong.c_str());
            QVERIFY(compared > 20);
            for (int k = 0; k < 125; ++k) { // over all steps, a thousand moments
                const std::size_t position = random() % (live[step]->events.size() + 1);
                QVERIFY(same_moment(*trace::at_moment(live[step], position), *trace::at_moment(again.trace, position)));
            }
        }
        QCOMPARE(session.status().step, static_cast<std::int64_t>(count));
    }
};

QTEST_GUILESS_MAIN(TestReplayDemos)
#include "tst_replay_demos.moc"
