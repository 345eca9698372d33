#include "engine/ops/functional.h"
#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"

#include <QtTest>

#include <cmath>

using namespace hs;
using namespace hs::session;

namespace {

/// loss = sum(exp(h) * (h + 2)) with h = relu(x @ w.T + b), in numbers that a person can follow.
class ByHand : public SmallTraining {
  public:
    using SmallTraining::SmallTraining;
    StepOutcome step() override {
        const Tensor x = tensor(std::vector<double>{1, 2, -1, 3}, {.dtype = Dtype::float32}).reshape({2, 2});
        Tensor w = tensor(std::vector<double>{1, 0, 0.5, -1}, {.dtype = Dtype::float32}).reshape({2, 2});
        Tensor b = tensor(std::vector<double>{0.5, 1}, {.dtype = Dtype::float32});
        w.set_requires_grad();
        b.set_requires_grad();
        const Tensor h = relu(linear(x, w, b)); // [[1.5, 0], [0, 0]] of [[1.5, -0.5], [-0.5, -2.5]]
        const Tensor y = exp(h) * (h + Scalar(2.0));
        const Tensor loss = sum(y);
        loss.backward();
        optimizer().step();
        return {loss.item<double>(), 0.5};
    }
};

template <class T>
std::unique_ptr<Session> stepped() {
    auto session =
        std::make_unique<Session>([](std::uint64_t seed) { return std::make_unique<T>(seed); }, Session::Options());
    session->step();
    session->wait_until_stopped(20);
    return session;
}

ChainRule::Question about(const Session& session, const std::string& operation, std::size_t input = 0,
                          std::int64_t position = -1) {
    const auto trace = session.trace();
    for (std::size_t i = 0; i < trace->nodes.size(); ++i)
        if (trace->nodes[i].operation == trace::Name(operation))
            return {trace->step, trace->nodes[i].sequence_nr, operation, input, position, true};
    return {trace->step, 0, operation, input, position, true};
}

ChainRule ask(const Session& session, const ChainRule::Question& question) {
    ChainRules& rules = session.microscope().chain_rules();
    rules.ask(question);
    return rules.wait_until_answered(20) && rules.answer() ? *rules.answer() : ChainRule();
}

bool near(double a, double b) {
    return std::fabs(a - b) <= 1e-5 * std::max(1.0, std::fabs(b));
}

/// The three ways to the same gradient.
bool agree(const ChainRule& rule, double outgoing) {
    return near(rule.outgoing, outgoing) && rule.sent && near(*rule.sent, outgoing) && rule.check &&
           near(rule.check->local, rule.local) && near(rule.check->outgoing, outgoing);
}

const double e = std::exp(1.5);

} // namespace

class TestMicroscope : public QObject {
    Q_OBJECT

  private slots:
    void relu_passes_or_stops() {
        const auto session = stepped<ByHand>();
        const ChainRule open = ask(*session, about(*session, "relu", 0, 0));
        QCOMPARE(open.problem, std::string());
        QVERIFY(open.elementwise && open.has_run);
        QCOMPARE(open.local, 1.0);
        QCOMPARE(open.terms, std::int64_t{1});
        QVERIFY(near(open.incoming, e * 3.5 + e)); // d/dh exp(h) (h + 2)
        QVERIFY(agree(open, e * 4.5));
        const ChainRule shut = ask(*session, about(*session, "relu", 0, 3));
        QCOMPARE(shut.local, 0.0);
        QVERIFY(near(shut.incoming, 3));
        QCOMPARE(shut.outgoing, 0.0);
        QVERIFY(shut.plane);
        QCOMPARE(shut.plane->local, (std::vector<double>{1, 0, 0, 0}));
        QCOMPARE(shut.plane->at, std::int64_t{3});
        QCOMPARE(shut.slice.values.size(), std::size_t{16});
    }

    void mul_has_the_other_factor_as_slope() {
        const auto session = stepped<ByHand>();
        const ChainRule left = ask(*session, about(*session, "mul", 0, 0));
        QVERIFY(left.elementwise);
        QVERIFY(near(left.local, 3.5) && near(left.incoming, 1));
        const ChainRule right = ask(*session, about(*session, "mul", 1, 0));
        QVERIFY(agree(right, e));
        QCOMPARE(right.inputs.at(1).name, std::string("other"));
    }

    void exp_has_its_result_as_slope() {
        const auto session = stepped<ByHand>();
        const ChainRule rule = ask(*session, about(*session, "exp", 0, 0));
        QVERIFY(near(rule.local, e) && near(rule.incoming, 3.5));
        QVERIFY(agree(rule, 3.5 * e));
        QVERIFY(!rule.forward.empty() && !rule.inputs.at(0).formula.empty());
    }

    void sum_spreads_one_gradient() {
        const auto session = stepped<ByHand>();
        const ChainRule rule = ask(*session, about(*session, "sum", 0, 2));
        QVERIFY(!rule.elementwise && !rule.plane);
        QCOMPARE(rule.terms, std::int64_t{1});
        QVERIFY(agree(rule, 1));
        QCOMPARE(rule.slice.outputs, (std::vector<std::int64_t>{0}));
        QCOMPARE(rule.slice.values, (std::vector<double>{1, 1, 1, 1}));
    }

    void a_weight_adds_over_the_batch() {
        const auto session = stepped<ByHand>();
        const auto trace = session->trace();
        std::string operation;
        for (std::size_t i = 0; i < trace->nodes.size(); ++i)
            if (const std::string name = trace->nodes[i].operation.str(); name == "linear" || name == "addmm")
                operation = name;
        QVERIFY(!operation.empty());
        const ChainRule any = ask(*session, about(*session, operation));
        QCOMPARE(any.problem, std::string());
        bool found = false;
        for (std::size_t i = 0; i < any.inputs.size(); ++i) {
            if (any.inputs[i].name != "bias" && any.inputs[i].name != "self") continue;
            if (any.inputs[i].shape != std::vector<std::int64_t>{2}) continue;
            found = true;
            const ChainRule bias = ask(*session, about(*session, operation, i, 0));
            QCOMPARE(bias.terms, std::int64_t{2}); // one for each row of the batch, of which relu stops one
            QVERIFY(agree(bias, e * 4.5));
            QVERIFY(!bias.elementwise);
        }
        QVERIFY(found);
    }

    void the_greatest_gradient_is_picked() {
        const auto session = stepped<ByHand>();
        QCOMPARE(ask(*session, about(*session, "relu")).question.position, std::int64_t{0});
    }

    void before_the_node_runs_there_is_a_slope_alone() {
        Session session([](std::uint64_t seed) { return std::make_unique<ByHand>(seed); }, {});
        session.step_to(Goal::backward_pass);
        QVERIFY(session.wait_until_stopped(20));
        const ChainRule before = ask(session, about(session, "exp", 0, 0));
        QVERIFY(!before.has_run && !before.sent && near(before.local, e));
        session.step_to(Goal::optimizer);
        QVERIFY(session.wait_until_stopped(20));
        QVERIFY(agree(ask(session, about(session, "exp", 0, 0)), 3.5 * e));
    }

    void what_was_not_kept_says_so_and_shows_the_formula() {
        const auto session = stepped<ByHand>();
        auto question = about(*session, "relu");
        question.step = 77;
        const ChainRule other = ask(*session, question);
        QVERIFY(other.problem.find("newest step") != std::string::npos);
        QVERIFY(!other.forward.empty());
        question.step = 0;
        question.sequence_nr = 0;
        QVERIFY(!ask(*session, question).problem.empty());
    }

    void looking_changes_nothing() {
        const auto looked = stepped<SmallTraining>();
        const auto left = stepped<SmallTraining>();
        QVERIFY(ask(*looked, about(*looked, "mul")).problem.empty());
        for (Session* session : {looked.get(), left.get()}) {
            session->step();
            QVERIFY(session->wait_until_stopped(20));
        }
        QCOMPARE(looked->status().loss, left->status().loss);
        QCOMPARE(looked->trace()->events.size(), left->trace()->events.size());
    }
};

QTEST_APPLESS_MAIN(TestMicroscope)
#include "tst_microscope.moc"
