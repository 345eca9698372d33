#include "engine/session/edits.h"
#include "engine/session/hook_bench.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"

#include <QtTest>
#include <random>

using namespace hs;
using namespace hs::session;
using trace::Role;

namespace {

std::unique_ptr<Session> small_session() {
    return std::make_unique<Session>([](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); },
                                     Session::Options());
}

/// What a person may do in a second, without looking.
class Storm {
  public:
    explicit Storm(Session& session, unsigned seed) : session_(session), random_(seed) {}

    void key() {
        const std::array<Goal, 8> goals{Goal::event, Goal::operation,     Goal::node,         Goal::over,
                                        Goal::out,   Goal::backward_pass, Goal::accumulation, Goal::optimizer};
        switch (random_() % 20) {
        case 0:
            return session_.run();
        case 1:
            return session_.pause();
        case 2:
            return session_.step();
        case 3:
            return session_.reset(random_() % 3);
        case 4:
            return add_hook();
        case 5:
            return edit();
        case 6:
            return session_.edits().undo(last_edit_);
        case 7:
            return session_.edits().redo(last_edit_);
        case 8:
            return session_.hook_bench().set_muted(any_hook(), random_() % 2 == 0);
        case 9:
            return session_.hook_bench().remove(any_hook());
        case 10:
            return random_() % 2 == 0 ? session_.hook_bench().raise(any_hook())
                                      : session_.hook_bench().sink(any_hook());
        case 11:
            return look();
        default:
            return session_.step_to(goals[random_() % goals.size()]);
        }
    }

  private:
    std::uint64_t any_hook() { return last_hook_ == 0 ? 0 : 1 + random_() % last_hook_; }

    void add_hook() {
        const std::array<const char*, 4> modules{"", "first", "block", "block.square"};
        HookSpec spec;
        spec.place.kind = static_cast<HookKind>(random_() % 6);
        if (spec.place.kind == HookKind::tensor || spec.place.kind == HookKind::post_accumulate) {
            spec.place.module = "first";
            spec.place.member = "weight";
        } else {
            spec.place.module = modules[random_() % modules.size()];
        }
        spec.action = static_cast<HookAction>(random_() % 8);
        spec.prepend = random_() % 2 == 0;
        last_hook_ = session_.hook_bench().add(spec);
    }

    void edit() {
        const std::array<trace::ValueKey, 5> keys{trace::ValueKey{Role::parameter, "first", "weight"},
                                                  {Role::gradient, "first", "weight"},
                                                  {Role::output, "first", ""},
                                                  {Role::intermediate, "first", "mul"},
                                                  {Role::parameter, "no.such", "weight"}};
        Edit edit;
        edit.kind = static_cast<EditKind>(random_() % 6);
        edit.key = keys[random_() % keys.size()];
        edit.position = static_cast<std::int64_t>(random_() % 4);
        edit.flag = random_() % 2 == 0;
        last_edit_ = session_.edits().apply(edit);
    }

    /// What the views read, while the engine writes.
    void look() {
        const auto hooks = session_.hook_bench().table();
        for (const HookRow& row : hooks->rows)
            seen_ += static_cast<double>(row.fired) + (row.bytes_after ? row.bytes_after.at(0) : 0);
        const auto edits = session_.edits().table();
        for (const EditRecord& record : edits->records)
            seen_ += static_cast<double>(record.problem.size());
        const auto trace = session_.trace();
        if (!trace) return;
        for (std::size_t i = 0; i < trace->values.size(); ++i)
            if (const trace::Snapshot& bytes = trace->values[i].snapshot; bytes.count() > 0) seen_ += bytes.at(0);
        seen_ += static_cast<double>(session_.status().event.size());
    }

    Session& session_;
    std::mt19937 random_;
    std::uint64_t last_hook_ = 0;
    std::uint64_t last_edit_ = 0;
    double seen_ = 0;
};

double first_loss(Session& session) {
    session.step();
    return session.wait_until_stopped(30) ? session.status().loss : -1;
}

} // namespace

class TestSessionStorm : public QObject {
    Q_OBJECT

  private slots:
    void a_thousand_keys_lose_nothing() {
        const auto fresh = small_session();
        fresh->reset(7);
        const double wanted = first_loss(*fresh);
        for (const unsigned seed : {1U, 2U, 3U}) {
            const auto session = small_session();
            Storm storm(*session, seed);
            for (int i = 0; i < 1000; ++i) {
                storm.key();
                if (i % 16 == 0) std::this_thread::yield();
                if (i % 100 == 99) QThread::msleep(1); // some keys find it standing still
            }
            session->pause();
            QVERIFY(session->wait_until_stopped(60));
            QCOMPARE(session->status().state, State::paused);
            // With the hooks taken off and the training made anew, all is as if nothing had been.
            const auto hooks = session->hook_bench().table();
            for (const HookRow& row : hooks->rows)
                session->hook_bench().remove(row.id);
            session->reset(7);
            QVERIFY(session->wait_until_stopped(30));
            QVERIFY(session->hook_bench().table()->rows.empty());
            QVERIFY(session->edits().table()->records.empty());
            QCOMPARE(first_loss(*session), wanted);
        }
    }

    void every_key_finds_it_standing_still() {
        const auto session = small_session();
        Storm storm(*session, 4);
        for (int i = 0; i < 300; ++i) {
            storm.key();
            if (session->wait_until_stopped(0.02)) continue;
            session->pause();
            QVERIFY(session->wait_until_stopped(30));
        }
        QVERIFY(session->status().state != State::failed);
    }

    void closed_in_the_middle_of_everything() {
        for (unsigned seed = 0; seed < 40; ++seed) {
            const auto session = small_session();
            Storm storm(*session, 100 + seed);
            for (unsigned i = 0; i < 5 + 5 * seed; ++i)
                storm.key();
            if (seed % 2 == 0) continue; // while it runs, or before it was made
            session->step_to(Goal::node);
            session->wait_until_stopped(0.05);
            storm.key();
        }
        QVERIFY(first_loss(*small_session()) > 0);
    }
};

QTEST_GUILESS_MAIN(TestSessionStorm)
#include "tst_session_storm.moc"
