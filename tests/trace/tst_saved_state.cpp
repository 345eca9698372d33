#include "engine/tensor/error.h"
#include "engine/trace/saved_state.h"
#include "tests/trace/recorded_step.h"

#include <QtTest>

using namespace hs;
using namespace hs::trace;

namespace {

std::string texts(const Trace& trace) {
    std::string text;
    for (std::size_t i = 0; i < trace.saved.size(); ++i)
        text += trace.nodes[trace.saved[i].node].name.str() + "." + trace.saved[i].name.str() + " ";
    return text;
}

std::shared_ptr<const Trace> run(RecordedSteps& steps, const std::function<Tensor(GivenForward&, const Tensor&)>& body,
                                 bool back = true) {
    steps.net.layer.body = body;
    return steps.step([&] {
        const Tensor loss = sum(steps.net(steps.x));
        if (back) loss.backward();
    });
}

} // namespace

class TestSavedState : public QObject {
    Q_OBJECT

  private slots:
    void what_nodes_keep_is_recorded() {
        RecordedSteps steps;
        const auto trace =
            run(steps, [](GivenForward& self, const Tensor& x) { return exp(x * self.weight) + self.weight; });
        // x needs no gradient, so its factor, the weight, is not kept; a sum keeps nothing.
        QCOMPARE(texts(*trace), std::string("MulBackward0.self ExpBackward0.result "));
        const trace::SavedTensor& input = trace->saved[0];
        QCOMPARE(to_string(trace->values[input.value].key), std::string("layer input"));
        QCOMPARE(input.bytes, std::size_t{12});
        QVERIFY((input.shape == Shape{3}));
        const trace::SavedTensor& result = trace->saved[1];
        QVERIFY(result.storage != 0 && result.storage != input.storage);
        QCOMPARE(trace->values[result.value].storage, result.storage);
    }

    void a_node_lets_go_when_it_has_run() {
        RecordedSteps steps;
        const auto trace = run(steps, [](GivenForward& self, const Tensor& x) { return exp(x * self.weight); });
        const auto at = [&](std::size_t position) { return saved_at(*trace, position); };
        QVERIFY(!at(0)[0].is_there && !at(0)[0].is_held);
        const auto begun = at(after_event(*trace, EventKind::pass_begin));
        QVERIFY(begun[0].is_held && begun[1].is_held);
        QCOMPARE(saved_bytes(*trace, begun).held, std::size_t{24});
        QCOMPARE(saved_bytes(*trace, begun).freed, std::size_t{0});
        // sum, exp, mul run in this order.
        const auto middle = at(after_event(*trace, EventKind::backward, 1));
        QVERIFY(middle[0].is_held && !middle[1].is_held && middle[1].is_there);
        QCOMPARE(saved_bytes(*trace, middle).held, std::size_t{12});
        QCOMPARE(saved_bytes(*trace, middle).freed, std::size_t{12});
        const auto end = at(trace->events.size());
        QVERIFY(!end[0].is_held && !end[1].is_held);
        QCOMPARE(end[1].freed, Id(after_event(*trace, EventKind::backward, 1) - 1));
        QCOMPARE(end[1].changed_by, none);
    }

    void a_graph_that_is_kept_is_held_until_its_last_pass() {
        RecordedSteps steps;
        steps.net.layer.body = [](GivenForward& self, const Tensor& x) { return exp(x * self.weight); };
        const auto trace = steps.step([&] {
            const Tensor loss = sum(steps.net(steps.x));
            autograd::backward({loss}, {}, true);
            loss.backward();
        });
        QVERIFY(saved_at(*trace, after_event(*trace, EventKind::backward, 2))[1].is_held);
        QVERIFY(!saved_at(*trace, trace->events.size())[1].is_held);
    }

    void storages_are_counted_once() {
        RecordedSteps steps;
        const auto trace = run(steps, [](GivenForward& self, const Tensor& x) {
            const Tensor y = exp(x * self.weight); // kept by exp, and by the product as both of its factors
            return y * y;
        });
        const auto begun = saved_at(*trace, after_event(*trace, EventKind::pass_begin));
        QCOMPARE(begun.size(), std::size_t{4});
        QCOMPARE(saved_bytes(*trace, begun).held, std::size_t{24});
    }

    void a_change_that_breaks_backward_is_seen_before() { // rule 52
        RecordedSteps steps;
        std::string error;
        steps.net.layer.body = [](GivenForward& self, const Tensor& x) {
            Tensor y = exp(x * self.weight);
            y.add_(ones({3}));
            return y;
        };
        steps.recorder.begin_step(0, record::Keep::all);
        const Tensor loss = sum(steps.net(steps.x));
        const auto trace = steps.recorder.trace();
        const auto now = saved_at(*trace, trace->events.size());
        QVERIFY(!now[0].will_break(trace->saved[0]));
        QVERIFY(now[1].will_break(trace->saved[1]));
        QVERIFY(trace->saved[1].version == 0 && now[1].version == 1);
        QCOMPARE(trace->values[trace->events[now[1].changed_by].value].version, 1u);
        // Before the change it would not have.
        QVERIFY(!saved_at(*trace, now[1].changed_by)[1].will_break(trace->saved[1]));
        try {
            loss.backward();
        } catch (const Error& thrown) {
            error = thrown.what();
        }
        QVERIFY2(error.find("is at version 1; expected version 0") != std::string::npos, error.c_str());
        steps.recorder.abandon_step();
    }

    void outside_of_modules_too() {
        RecordedSteps steps;
        steps.recorder.begin_step(0, record::Keep::all);
        Tensor y = exp(steps.net(stack({steps.x, steps.x}, 0)));
        y.add_(ones({3}));
        const auto trace = steps.recorder.trace();
        const Tensor loss = sum(y); // the next event, before which it is seen
        const auto now = saved_at(*trace, trace->events.size());
        QCOMPARE(now.size(), std::size_t{2});
        QVERIFY(!now.front().will_break(trace->saved[0]));
        QVERIFY(now.back().will_break(trace->saved[now.size() - 1]));
        steps.recorder.abandon_step();
    }

    void views_share_their_bytes_with_their_base() {
        RecordedSteps steps;
        const auto trace =
            run(steps, [](GivenForward& self, const Tensor& x) { return unsqueeze(exp(x * self.weight), 0); });
        const Value& view = trace->values[trace->find({Role::output, "layer", ""})];
        QVERIFY(view.base != none);
        QCOMPARE(trace->values[view.base].key.member.str(), std::string("exp"));
        QCOMPARE(view.storage, trace->values[view.base].storage);
        QVERIFY(view.storage != 0);
    }

    void other_steps_have_none() {
        RecordedSteps steps;
        const auto trace = steps.step([&] { sum(steps.net(steps.x)).backward(); }, record::Keep::nothing);
        QVERIFY(trace->saved.empty());
        QVERIFY(saved_at(*trace, trace->events.size()).empty());
    }
};

QTEST_APPLESS_MAIN(TestSavedState)
#include "tst_saved_state.moc"
