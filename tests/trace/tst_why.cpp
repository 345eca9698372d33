#include "engine/trace/why.h"
#include "tests/trace/recorded_step.h"

#include <QtTest>

using namespace hs;
using namespace hs::trace;

namespace {

const ValueKey weight{Role::parameter, "layer", "weight"};
const ValueKey unused{Role::parameter, "layer", "unused"};
const ValueKey table{Role::buffer, "layer", "table"};
const ValueKey output{Role::output, "layer", ""};

/// The value with this key as it is after `position` events.
Id value_at(const Trace& trace, std::size_t position, const ValueKey& key) {
    Id last = none;
    std::size_t end = 0;
    for (std::size_t i = 0; i < std::min(position, trace.events.size()); ++i)
        if (trace.events[i].value != none) end = std::max<std::size_t>(end, trace.events[i].value + std::size_t{1});
    if (position >= trace.events.size()) end = trace.values.size();
    for (std::size_t i = 0; i < trace.values.size() && (i < end || last == none); ++i)
        if (trace.values[i].key == key) last = static_cast<Id>(i);
    return last;
}

Why ask(const std::shared_ptr<const Trace>& trace, std::size_t position, const ValueKey& key) {
    return why_grad_is_none(trace, position, value_at(*trace, position, key));
}

Why ask_leaf(const std::shared_ptr<const Trace>& trace, const ValueKey& key) {
    return why_leaf(trace, value_at(*trace, trace->events.size(), key));
}

} // namespace

class TestWhy : public QObject {
    Q_OBJECT

    /// A step in which the layer's forward is `body` and the loss is the sum of what it gives, if that has a history.
    static std::shared_ptr<const Trace> run(const std::function<Tensor(GivenForward&, const Tensor&)>& body) {
        RecordedSteps steps;
        steps.net.layer.body = body;
        return steps.step([&] {
            const Tensor loss = sum(steps.net(steps.x));
            if (loss.requires_grad()) loss.backward();
        });
    }

  private slots:
    void a_non_leaf_keeps_none() { // rule 6
        const auto trace = run([](GivenForward& self, const Tensor& x) { return x * self.weight; });
        const Why why = ask(trace, trace->events.size(), output);
        QVERIFY(why.reason == Reason::not_a_leaf);
        QCOMPARE(rule_number(why.reason), 6);
        QCOMPARE(why.name, std::string("layer output"));
        QCOMPARE(why.operation, std::string("mul"));
        QCOMPARE(why.grad_fn, std::string("MulBackward0"));
        QCOMPARE(trace->nodes[why.node].name.str(), std::string("MulBackward0"));
        QVERIFY(why.passed && why.can_retain);
        QVERIFY(std::abs(why.norm - std::sqrt(3.0)) < 1e-6);
        QVERIFY(why.made_from == std::vector<std::string>{"layer.weight"});
        // Before the pass nothing has come through.
        QVERIFY(!ask(trace, after_event(*trace, EventKind::pass_begin), output).passed);
        QVERIFY(ask_leaf(trace, output).reason == Reason::nothing);
        QCOMPARE(ask_leaf(trace, output).operation, std::string("mul"));
    }

    void what_retains_waits_for_the_pass() { // rule 61
        const auto trace = run([](GivenForward& self, const Tensor& x) {
            const Tensor y = x * self.weight;
            y.retain_grad();
            return y;
        });
        const std::size_t before = after_event(*trace, EventKind::pass_begin);
        const Why why = ask(trace, before, output);
        QVERIFY(why.reason == Reason::retained);
        QVERIFY(!why.can_retain);
        QVERIFY(trace->values[value_at(*trace, before, output)].retains_grad);
    }

    void integers_have_none() { // rule 3
        const auto trace = run([](GivenForward& self, const Tensor& x) { return argmax(x * self.weight); });
        QVERIFY(ask(trace, trace->events.size(), output).reason == Reason::integer);
        QVERIFY(ask_leaf(trace, output).reason == Reason::integer);
    }

    void detach_cuts_off() { // rule 5
        const auto trace = run([](GivenForward& self, const Tensor& x) { return (x * self.weight).detach(); });
        const Why why = ask(trace, trace->events.size(), output);
        QVERIFY(why.reason == Reason::detached);
        QCOMPARE(why.evidence, std::string("layer.mul"));
        QVERIFY(ask_leaf(trace, output).reason == Reason::detached);
    }

    void no_grad_records_nothing() { // rule 30
        const auto trace = run([](GivenForward& self, const Tensor& x) {
            const NoGrad scope;
            return x * self.weight;
        });
        const Why why = ask(trace, trace->events.size(), output);
        QVERIFY(why.reason == Reason::no_grad);
        QCOMPARE(why.evidence, std::string("layer.weight"));
        QCOMPARE(ask_leaf(trace, output).reason, Reason::no_grad);
    }

    void nothing_required_it() { // rule 2
        RecordedSteps steps;
        steps.net.layer.weight.set_requires_grad(false);
        steps.net.layer.unused.set_requires_grad(false);
        const auto frozen = steps.step([&] { sum(steps.net(steps.x)); });
        QCOMPARE(ask(frozen, frozen->events.size(), output).reason, Reason::no_need);
        QCOMPARE(ask_leaf(frozen, output).reason, Reason::no_need);
        // rule 1: nobody asked for it
        QCOMPARE(ask(frozen, frozen->events.size(), weight).reason, Reason::not_wanted);
        QCOMPARE(ask(frozen, frozen->events.size(), table).reason, Reason::not_wanted);
    }

    void a_leaf_waits_for_its_pass() { // rules 46, 36, and then there it is
        const auto trace = run([](GivenForward& self, const Tensor& x) { return x * self.weight; });
        QCOMPARE(ask(trace, after_event(*trace, EventKind::forward), weight).reason, Reason::before_pass);
        const std::size_t begun = after_event(*trace, EventKind::pass_begin);
        const Why coming = ask(trace, begun, weight);
        QCOMPARE(coming.reason, Reason::on_its_way);
        QVERIFY(coming.arrived == 0 && coming.expected == 1);
        QVERIFY(trace->nodes[coming.node].is_accumulate_grad);
        QCOMPARE(ask(trace, trace->events.size(), weight).reason, Reason::nothing);
        QCOMPARE(ask_leaf(trace, weight).reason, Reason::made_by_hand);
    }

    void what_nothing_used_is_not_reached() { // rule 43
        const auto trace = run([](GivenForward& self, const Tensor& x) { return x * self.weight; });
        QCOMPARE(ask(trace, after_event(*trace, EventKind::forward), unused).reason, Reason::before_pass);
        const Why why = ask(trace, trace->events.size(), unused);
        QCOMPARE(why.reason, Reason::not_reached);
        QCOMPARE(why.node, none);
        QVERIFY(trace->events[why.event].kind == EventKind::pass_begin);
        // In the graph, but not in that of the loss.
        const auto beside = run([](GivenForward& self, const Tensor& x) {
            sum(self.unused);
            return x * self.weight;
        });
        QCOMPARE(ask(beside, beside->events.size(), unused).reason, Reason::not_reached);
    }

    void zero_grad_set_it_to_none() { // rule 50
        RecordedSteps steps;
        const auto pass = [&] { sum(steps.net(steps.x)).backward(); };
        steps.step(pass);
        const auto trace = steps.step([&] {
            steps.sgd.zero_grad();
            pass();
        });
        const std::size_t zeroed = after_event(*trace, EventKind::zero_grad);
        QVERIFY(zeroed > 0);
        const Why why = ask(trace, zeroed, weight);
        QCOMPARE(why.reason, Reason::set_to_none);
        QCOMPARE(why.event, Id(zeroed - 1));
        QCOMPARE(ask(trace, after_event(*trace, EventKind::pass_begin), weight).reason, Reason::on_its_way);
        const auto at_the_end = steps.step([&] {
            pass();
            steps.sgd.step();
            steps.sgd.zero_grad();
        });
        QCOMPARE(ask(at_the_end, at_the_end->events.size(), weight).reason, Reason::set_to_none);
    }

    void no_gradient_came() { // rule 39, by hand: no operation of ours sends one
        auto trace = std::make_shared<Trace>(0, std::make_shared<const ModuleTable>());
        trace->nodes.append({.name = "layer.weight", .operation = {}, .is_accumulate_grad = true});
        Value value;
        value.key = weight;
        value.requires_grad = true;
        trace->values.append(value);
        trace->events.append({.kind = EventKind::pass_begin});
        trace->events.append({.kind = EventKind::accumulate_grad, .node = 0});
        const Why why = why_grad_is_none(trace, 2, 0);
        QCOMPARE(why.reason, Reason::undefined);
        QCOMPARE(why.event, Id{1});
    }

    void every_reason_has_its_rule() {
        std::set<int> numbers;
        for (int i = 0; i <= static_cast<int>(Reason::made_by_hand); ++i)
            numbers.insert(rule_number(static_cast<Reason>(i)));
        QVERIFY((numbers == std::set<int>{0, 1, 2, 3, 5, 6, 30, 36, 39, 43, 46, 50, 61}));
    }
};

QTEST_APPLESS_MAIN(TestWhy)
#include "tst_why.moc"
