#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;

namespace {

const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};

/// The same with momentum and weight decay.
class Decaying : public SmallTraining {
  public:
    explicit Decaying(std::uint64_t seed) : Decaying(seed, {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.25}) {}
    Decaying(std::uint64_t seed, const optim::SgdOptions& options)
        : SmallTraining(seed), sgd_(net().parameters(), options) {}
    optim::Optimizer& optimizer() override { return sgd_; }
    StepOutcome step() override {
        sgd_.zero_grad();
        sum(net()(ones({batch, 3}))).backward();
        sgd_.step();
        return {};
    }

  private:
    optim::Sgd sgd_;
};

/// Two steps' writes of an element.
std::vector<ElementWrite> writes_with(const optim::SgdOptions& options) {
    Session session([options](std::uint64_t seed) { return std::make_unique<Decaying>(seed, options); }, {});
    session.microscope().element().follow(ElementHistory::Target{weight, 0});
    for (int i = 0; i < 2; ++i) {
        session.step();
        if (!session.wait_until_stopped(20)) return {};
    }
    return session.microscope().element().writes();
}

template <class T>
std::unique_ptr<Session> started() {
    return std::make_unique<Session>([](std::uint64_t seed) { return std::make_unique<T>(seed); }, Session::Options());
}

bool step(Session& session) {
    session.step();
    return session.wait_until_stopped(20);
}

bool near(double a, double b) {
    return std::abs(a - b) < 1e-5 * std::max(1.0, std::abs(a));
}

} // namespace

class TestElementHistory : public QObject {
    Q_OBJECT

  private slots:
    void each_step_is_a_write() {
        const auto with = started<SmallTraining>();
        ElementHistory& element = with->microscope().element();
        QVERIFY(!element.target());
        element.follow(ElementHistory::Target{weight, 1});
        QVERIFY(element.writes().empty());
        QVERIFY(step(*with) && step(*with));
        const auto writes = element.writes();
        QCOMPARE(writes.size(), std::size_t{2});
        QVERIFY(writes[0].last_step == 0 && writes[1].last_step == 1);
        QCOMPARE(writes[1].before, writes[0].after);
        const auto trace = with->trace();
        QCOMPARE(writes[1].after, trace->values[trace->find(weight)].snapshot.at(1));
        const trace::ValueKey gradient{trace::Role::gradient, "first", "weight"};
        QCOMPARE(writes[1].gradient, trace->values[trace->find(gradient)].snapshot.at(1));
        QCOMPARE(writes[1].learning_rate, 0.01);
        QVERIFY(near(writes[1].after, writes[1].before - 0.01 * writes[1].gradient));
        QVERIFY(writes[1].decay == 0 && writes[1].momentum == 0); // nothing of float32's rounding, either
    }

    void momentum_and_decay_are_told_apart() {
        const auto with = started<Decaying>();
        ElementHistory& element = with->microscope().element();
        element.follow(ElementHistory::Target{weight, 0});
        QVERIFY(step(*with) && step(*with));
        const auto writes = element.writes();
        QCOMPARE(writes.size(), std::size_t{2});
        QVERIFY(near(writes[0].decay, 0.25 * writes[0].before));
        QVERIFY(std::abs(writes[0].momentum) < 1e-4); // the first step has none yet
        // The second adds 0.9 of what the first went by.
        QVERIFY(std::abs(writes[1].momentum - 0.9 * (writes[0].gradient + writes[0].decay)) < 1e-4);
    }

    void without_momentum_nothing_is_its() {
        for (const optim::SgdOptions& options : {optim::SgdOptions{.lr = 0}, optim::SgdOptions{.lr = 0.3},
                                                 optim::SgdOptions{.lr = 0.3, .maximize = true}}) {
            const auto writes = writes_with(options);
            QCOMPARE(writes.size(), std::size_t{2});
            QCOMPARE(writes[1].momentum, 0.0);
        }
    }

    void momentum_upwards() {
        const auto writes = writes_with({.lr = 0.1, .momentum = 0.9, .weight_decay = 0.25, .maximize = true});
        QCOMPARE(writes.size(), std::size_t{2});
        QVERIFY(std::abs(writes[0].momentum) < 1e-4);
        QVERIFY(std::abs(writes[1].momentum - 0.9 * (writes[0].decay - writes[0].gradient)) < 1e-4);
    }

    void it_follows_while_training_runs() {
        const auto with = started<SmallTraining>();
        ElementHistory& element = with->microscope().element();
        element.follow(ElementHistory::Target{weight, 2});
        with->run();
        QVERIFY(QTest::qWaitFor([&] { return element.writes().size() > 300; }));
        with->pause();
        QVERIFY(with->wait_until_stopped(20));
        const auto writes = element.writes();
        QCOMPARE(writes.size(), static_cast<std::size_t>(with->status().step));
        for (std::size_t i = 1; i < writes.size(); ++i)
            QCOMPARE(writes[i].before, writes[i - 1].after);
    }

    void another_element_begins_anew() {
        const auto with = started<SmallTraining>();
        ElementHistory& element = with->microscope().element();
        element.follow(ElementHistory::Target{weight, 2});
        QVERIFY(step(*with));
        element.follow(ElementHistory::Target{weight, 0});
        QVERIFY(element.writes().empty());
        QVERIFY(step(*with));
        QCOMPARE(element.writes().size(), std::size_t{1});
        QCOMPARE(element.writes().front().last_step, std::int64_t{1});
        element.follow(std::nullopt);
        QVERIFY(step(*with));
        QVERIFY(element.writes().empty());
        // What is not there is followed to nowhere.
        for (const auto& target : {ElementHistory::Target{weight, 99}, ElementHistory::Target{weight, -1},
                                   ElementHistory::Target{{trace::Role::parameter, "nobody", "weight"}, 0}}) {
            element.follow(target);
            QVERIFY(step(*with));
            QVERIFY(element.writes().empty());
        }
    }

    void a_reset_forgets_and_follows_on() {
        const auto with = started<SmallTraining>();
        ElementHistory& element = with->microscope().element();
        element.follow(ElementHistory::Target{weight, 0});
        QVERIFY(step(*with) && step(*with));
        const double first = element.writes().front().before;
        with->reset(7);
        QVERIFY(with->wait_until_stopped(20));
        QVERIFY(step(*with));
        QCOMPARE(element.writes().size(), std::size_t{1});
        QCOMPARE(element.writes().front().before, first);
    }
};

QTEST_GUILESS_MAIN(TestElementHistory)
#include "tst_element_history.moc"
