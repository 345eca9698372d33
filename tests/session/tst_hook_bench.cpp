#include "engine/session/hook_bench.h"
#include "engine/session/microscope.h"
#include "engine/session/own_hook.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;

namespace {

/// A session of a SmallTraining that the test can look into while nothing runs.
struct Bench {
    explicit Bench(const std::function<void(SmallTraining&)>& prepare = {}) {
        session = std::make_unique<Session>(
            [this, prepare](std::uint64_t seed) {
                auto made = std::make_unique<SmallTraining>(seed);
                if (prepare) prepare(*made);
                training = made.get();
                return made;
            },
            Session::Options());
        settle();
    }
    void settle() const { QVERIFY(session->wait_until_stopped(20)); }
    double step() const {
        session->step();
        settle();
        return session->status().loss;
    }
    std::uint64_t add(const HookPlace& place, HookAction action, double amount = 1) const {
        return add({.place = place, .action = action, .amount = amount});
    }
    std::uint64_t add(const HookSpec& spec) const {
        const std::uint64_t id = session->hook_bench().add(spec);
        settle();
        return id;
    }
    HookRow row(std::uint64_t id) const {
        const auto hooks = session->hook_bench().table();
        for (const HookRow& row : hooks->rows)
            if (row.id == id) return row;
        return {};
    }
    /// `scale by 2.0 on first`, one a line; the program's are `program on ...`.
    QStringList listed() const {
        QStringList rows;
        const auto hooks = session->hook_bench().table();
        for (const HookRow& row : hooks->rows)
            rows.append(QString::fromStdString(
                (row.id == 0 ? "program " + kind_text(row.spec.place.kind) : action_text(row.spec)) + " on " +
                place_text(row.spec.place)));
        return rows;
    }

    SmallTraining* training = nullptr;
    std::unique_ptr<Session> session;
};

HookPlace on(HookKind kind, const std::string& module, const std::string& member = {}) {
    return {.kind = kind, .module = module, .member = member};
}

std::vector<const trace::Event*> hook_events(const trace::Trace& trace) {
    std::vector<const trace::Event*> found;
    for (std::size_t i = 0; i < trace.events.size(); ++i)
        if (trace.events[i].kind == trace::EventKind::hook) found.push_back(&trace.events[i]);
    return found;
}

/// Gives its second module whole numbers, for which there is no norm.
class CountingTraining final : public Training {
  public:
    struct Halve : nn::Module {
        std::string type_name() const override { return "Halve"; }
        Tensor forward(const Tensor& x) override { return x.to(Dtype::float32) * Scalar(0.5); }
    };
    struct Round : nn::Module {
        std::string type_name() const override { return "Round"; }
        Tensor forward(const Tensor& x) override { return x.to(Dtype::float16); }
    };
    struct Net : nn::Module {
        Scale& first = add("first", Scale(ones({2})));
        Round& round = add("round", Round());
        Halve& halve = add("halve", Halve());
        std::string type_name() const override { return "Net"; }
        Tensor forward(const Tensor& x) override {
            return round(first(x)).to(Dtype::float32) + halve(x.to(Dtype::int64));
        }
    };

    TrainingInfo info() const override { return {}; }
    nn::Module& model() override { return net; }
    optim::Optimizer& optimizer() override { return sgd; }
    StepOutcome step() override {
        sgd.zero_grad();
        const Tensor loss = sum(net(ones({2, 2})));
        loss.backward();
        sgd.step();
        return {loss.item<double>(), 0};
    }
    double test_accuracy(const std::function<bool()>&) override { return -1; }
    Tensor last_input() const override { return {}; }
    Tensor last_target() const override { return {}; }

    Net net;
    optim::Sgd sgd{net.parameters(), {.lr = 0.1}};
};

} // namespace

class TestHookBench : public QObject {
    Q_OBJECT

  private slots:
    void lists_what_there_is_in_the_order_of_firing() {
        const Bench bench([](SmallTraining& training) {
            SmallNet& net = training.net();
            net.block.register_full_backward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
            net.first.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
            net.first.weight.register_hook([](const Tensor&) { return Tensor(); });
            net.first.weight.register_post_accumulate_grad_hook([](const Tensor&) {});
            training.optimizer().register_step_pre_hook([](optim::Optimizer&) {});
            net.register_forward_pre_hook([](nn::Module&, const Tensors&) {});
        });
        const QStringList wanted{"program forward pre-hook on model",
                                 "program forward hook on first",
                                 "program backward hook on block",
                                 "program tensor hook on first.weight",
                                 "program post-accumulate hook on first.weight",
                                 "program optimizer pre-hook on optimizer"};
        QCOMPARE(bench.listed(), wanted); // before a step, and the Recorder's are never there
        session_watches(bench);
        bench.step();
        QCOMPARE(bench.listed(), wanted);
        bench.add(on(HookKind::forward, "block.square"), HookAction::scale, 2);
        QCOMPARE(bench.listed()[2], QString("scale by 2.0 on block.square"));
    }

    void scales_an_output_where_it_is_put() {
        const Bench plain;
        const Bench bench;
        const std::uint64_t id = bench.add(on(HookKind::forward, ""), HookAction::scale, 3);
        const double loss = bench.step();
        QVERIFY(std::abs(loss - 3 * plain.step()) < 1e-5);
        const HookRow row = bench.row(id);
        QCOMPARE(row.fired, std::int64_t{1});
        QVERIFY(row.cost_ns > 0);
        QVERIFY(row.before && row.after);
        QVERIFY(std::abs(row.after->norm - 3 * row.before->norm) < 1e-4);
        QCOMPARE(row.bytes_before.count(), std::int64_t{12}); // a single step keeps everything
        QCOMPARE(row.bytes_after.at(5), static_cast<double>(static_cast<float>(row.bytes_before.at(5)) * 3.0F));
        const auto events = hook_events(*bench.session->trace());
        QCOMPARE(events.size(), std::size_t{1});
        QVERIFY(events[0]->value != trace::none);
        QVERIFY(bench.session->trace()->values[events[0]->value].key == (trace::ValueKey{trace::Role::output, "", ""}));
        // What the Recorder says the module gave is what the hook made.
        const auto* output = bench.session->trace()->find_summary({trace::Role::output, "", ""});
        QVERIFY(output && output->norm == row.after->norm);
    }

    void every_action_does_what_it_says() {
        const HookPlace place = on(HookKind::forward, "first");
        const auto after = [&](HookAction action, double amount) {
            const Bench bench;
            const std::uint64_t id = bench.add(place, action, amount);
            bench.step();
            const HookRow row = bench.row(id);
            return std::pair(*row.before, row.after);
        };
        QVERIFY(!after(HookAction::statistics, 1).second);
        const auto [given, clipped] = after(HookAction::clip_norm, 0.5);
        QVERIFY(given.norm > 0.5 && std::abs(clipped->norm - 0.5) < 1e-4);
        QVERIFY(!after(HookAction::clip_norm, 1000).second); // already smaller: untouched
        const auto [wide, narrow] = after(HookAction::clip_value, 0.1);
        QVERIFY(wide.max > 0.1 && narrow->max == static_cast<double>(0.1F));
        const auto [some, none] = after(HookAction::zero, 0);
        QVERIFY(some.norm > 0);
        QCOMPARE(none->zeros, some.count);
        const auto [calm, noisy] = after(HookAction::noise, 0.25);
        QVERIFY(noisy->norm != calm.norm);
    }

    void noise_is_that_of_its_seed() {
        const auto loss = [](std::uint64_t seed) {
            const Bench bench;
            bench.add(
                {.place = on(HookKind::forward, "first"), .action = HookAction::noise, .amount = 1, .seed = seed});
            return bench.step();
        };
        QCOMPARE(loss(1), loss(1));
        QVERIFY(loss(1) != loss(2));
        // Made anew, it draws the same again; the model's own generator is left alone.
        const Bench bench;
        bench.add({.place = on(HookKind::forward, "first"), .action = HookAction::noise, .amount = 1, .seed = 1});
        const double first = bench.step();
        bench.session->reset(7);
        bench.settle();
        QCOMPARE(bench.step(), first);
    }

    void gradients_are_changed_before_and_after_they_rest() {
        const Bench bench;
        const auto weight = [&] { return bench.training->net().first.weight; };
        const auto bias = [&] { return bench.training->net().first.bias; };
        const std::uint64_t early = bench.add(on(HookKind::tensor, "first", "weight"), HookAction::zero);
        const std::uint64_t late = bench.add(on(HookKind::post_accumulate, "first", "bias"), HookAction::scale, 0);
        const auto old = weight().to_vector<float>();
        const auto old_bias = bias().to_vector<float>();
        bench.step();
        QCOMPARE(weight().to_vector<float>(), old);
        QCOMPARE(bias().to_vector<float>(), old_bias);
        QCOMPARE(bench.row(early).fired, std::int64_t{1});
        QCOMPARE(bench.row(late).after->zeros, std::int64_t{3});
        bench.session->hook_bench().remove(early);
        bench.step();
        QVERIFY(weight().to_vector<float>() != old);
        QCOMPARE(bias().to_vector<float>(), old_bias);
    }

    void full_backward_hooks_on_modules() {
        const Bench bench;
        const std::uint64_t pre = bench.add(on(HookKind::backward_pre, "block"), HookAction::scale, 2);
        const std::uint64_t post = bench.add(on(HookKind::backward, "block"), HookAction::zero);
        bench.step();
        QCOMPARE(bench.row(pre).fired, std::int64_t{1});
        QCOMPARE(bench.row(post).after->norm, 0.0);
        QVERIFY(sum(bench.training->net().first.weight.grad() * Scalar(1)).item<double>() == 0);
        QVERIFY(bench.listed().indexOf("scale by 2.0 on block") < bench.listed().indexOf("replace by zeros on block"));
    }

    void nodes_by_name_and_number() {
        const Bench bench;
        // The first product is that of `first`: x * weight.
        const HookPlace product{.kind = HookKind::tensor, .module = "first", .node = "MulBackward0", .occurrence = 0};
        HookPlace node = product;
        node.kind = HookKind::node_post;
        const std::uint64_t arriving = bench.add(product, HookAction::scale, 10);
        const std::uint64_t leaving = bench.add(node, HookAction::zero);
        bench.step();
        bench.step();
        QCOMPARE(bench.row(arriving).fired, std::int64_t{2});
        QCOMPARE(bench.row(leaving).fired, std::int64_t{2});
        QVERIFY(sum(bench.training->net().first.weight.grad()).item<double>() == 0);
        QVERIFY(sum(bench.training->net().first.bias.grad()).item<double>() != 0);
    }

    void nodes_that_are_there_already() {
        const Bench bench;
        bench.session->step_to(Goal::backward_pass);
        bench.settle();
        const std::uint64_t id = bench.add(
            {.kind = HookKind::tensor, .module = "first", .node = "MulBackward0", .occurrence = 0}, HookAction::zero);
        const std::uint64_t late =
            bench.add({.kind = HookKind::node_post, .module = "block.square", .node = "MulBackward0", .occurrence = 1},
                      HookAction::statistics);
        bench.session->hook_bench().remove(late);
        bench.step();
        QCOMPARE(bench.row(id).fired, std::int64_t{1});
        QVERIFY(sum(bench.training->net().first.weight.grad()).item<double>() == 0);
        QVERIFY(sum(bench.training->net().block.scale.weight.grad()).item<double>() != 0);
        bench.session->hook_bench().restore(late);
        bench.step();
        QCOMPARE(bench.row(id).fired, std::int64_t{2});
        QCOMPARE(bench.row(late).fired, std::int64_t{1});
    }

    void muting_and_removing_take_it_out_at_once() {
        const Bench bench;
        const std::uint64_t id = bench.add(on(HookKind::backward, "block"), HookAction::zero);
        bench.session->step_to(Goal::backward_pass);
        bench.settle();
        bench.session->hook_bench().set_muted(id, true); // its place in the graph is there already
        bench.step();
        QCOMPARE(bench.row(id).fired, std::int64_t{0});
        QVERIFY(bench.row(id).spec.muted);
        bench.session->hook_bench().set_muted(id, false);
        bench.step();
        QCOMPARE(bench.row(id).fired, std::int64_t{1});
        bench.session->hook_bench().remove(id);
        bench.settle();
        QVERIFY(bench.listed().isEmpty());
        QVERIFY(bench.training->net().block.hooks().backward.empty());
        bench.session->hook_bench().restore(id);
        bench.settle();
        QCOMPARE(bench.listed(), QStringList("replace by zeros on block"));
    }

    void the_scopes_own_are_not_the_programs() {
        OwnHook seen;
        const Bench bench([&seen](SmallTraining& training) {
            seen = OwnHook(training.net().register_forward_pre_hook([](nn::Module&, const Tensors&) {}));
        });
        bench.session->microscope().element().follow(
            ElementHistory::Target{{trace::Role::parameter, "first", "weight"}, 0});
        bench.step();
        QCOMPARE(bench.session->microscope().element().writes().size(), std::size_t{1});
        const std::uint64_t id = bench.add(on(HookKind::forward, "first"), HookAction::scale, 2);
        QCOMPARE(bench.listed(), QStringList("scale by 2.0 on first"));
        bench.session->hook_bench().remove(id);
        bench.settle();
        QVERIFY(bench.listed().isEmpty());
    }

    void a_removed_one_keeps_no_bytes() {
        const Bench bench;
        const std::uint64_t id = bench.add(on(HookKind::forward, "first"), HookAction::scale, 2);
        bench.session->step_to(Goal::backward_pass); // keeps everything
        bench.settle();
        QVERIFY(bench.row(id).bytes_before && bench.row(id).bytes_after);
        bench.session->hook_bench().remove(id);
        bench.session->hook_bench().restore(id);
        bench.settle();
        QCOMPARE(bench.row(id).fired, std::int64_t{1});
        QVERIFY(!bench.row(id).bytes_before && !bench.row(id).bytes_after);
    }

    void order_among_each_other_and_past_the_programs() {
        const Bench bench([](SmallTraining& training) {
            training.net().first.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
        });
        const HookPlace place = on(HookKind::forward, "first");
        const std::uint64_t a = bench.add(place, HookAction::scale, 2);
        const std::uint64_t b = bench.add(place, HookAction::zero);
        const QString program = "program forward hook on first", scale = "scale by 2.0 on first",
                      zero = "replace by zeros on first";
        QCOMPARE(bench.listed(), QStringList({program, scale, zero}));
        QVERIFY(bench.row(a).can_rise && bench.row(a).can_sink && !bench.row(b).can_sink);
        HookBench& hooks = bench.session->hook_bench();
        const auto listed = [&] {
            bench.settle();
            return bench.listed();
        };
        hooks.raise(b);
        QCOMPARE(listed(), QStringList({program, zero, scale}));
        hooks.raise(b);
        QCOMPARE(listed(), QStringList({zero, program, scale}));
        QVERIFY(!bench.row(b).can_rise);
        hooks.raise(b);
        QCOMPARE(listed(), QStringList({zero, program, scale}));
        hooks.raise(a);
        QCOMPARE(listed(), QStringList({zero, scale, program}));
        bench.step();
        QCOMPARE(bench.row(a).before->norm, 0.0); // it was given what the other one made
        hooks.sink(b);
        hooks.sink(b);
        QCOMPARE(listed(), QStringList({scale, program, zero}));
        bench.step();
        QVERIFY(bench.row(a).before->norm > 0);
    }

    void put_on_at_the_gate_it_acts_in_this_step() {
        const Bench bench;
        bench.session->step_to(Goal::event);
        bench.settle();
        const std::uint64_t id = bench.add(on(HookKind::forward, "block"), HookAction::zero);
        bench.session->step_to(Goal::backward_pass);
        bench.settle();
        QCOMPARE(bench.row(id).fired, std::int64_t{1});
        // Leaving the module is told after its hooks, with what they made.
        const auto trace = bench.session->trace();
        for (std::size_t i = 0; i < trace->events.size(); ++i) {
            const trace::Event& event = trace->events[i];
            if (event.kind == trace::EventKind::module_exit && (*trace->modules)[event.module].path == "block")
                QCOMPARE(trace->values[event.value].snapshot.at(0), 0.0);
        }
        QCOMPARE(bench.step(), 0.0);
    }

    void they_stay_when_the_training_is_made_anew() {
        const Bench bench;
        const std::uint64_t id = bench.add(on(HookKind::forward, ""), HookAction::zero);
        const std::uint64_t nowhere = bench.add(on(HookKind::forward, "no.such"), HookAction::zero);
        QCOMPARE(bench.row(nowhere).problem, std::string("SmallNet has no attribute `no`"));
        bench.step();
        bench.session->reset(3);
        bench.settle();
        QCOMPARE(bench.row(id).fired, std::int64_t{0});
        QCOMPARE(bench.step(), 0.0);
        QCOMPARE(bench.row(id).fired, std::int64_t{1});
    }

    void refusals_are_told_in_the_row() {
        const Bench bench([](SmallTraining& training) { training.net().first.weight.set_requires_grad(false); });
        const std::uint64_t id = bench.add(on(HookKind::tensor, "first", "weight"), HookAction::zero);
        QCOMPARE(bench.row(id).problem,
                 std::string("cannot register a hook on a tensor that doesn't require gradient"));
        const std::uint64_t wrong = bench.add(on(HookKind::step_pre, "first"), HookAction::zero);
        QVERIFY(!bench.row(wrong).problem.empty());
        bench.step();
    }

    void stops_where_a_condition_holds() {
        const Bench bench;
        bench.add(on(HookKind::forward, "block.square"), HookAction::stop_norm_above, 1e-6);
        bench.session->run();
        bench.settle();
        const Status status = bench.session->status();
        QCOMPARE(status.step, std::int64_t{0});
        QCOMPARE(status.event, std::string("hook on block.square"));
        QCOMPARE(status.message, std::string("Stopped by the forward hook on block.square: the norm is above 1e-06"));
        bench.session->run(); // into the next step
        bench.settle();
        QCOMPARE(bench.session->status().step, std::int64_t{1});
    }

    void stops_at_nan() {
        const Bench bench([](SmallTraining& training) {
            training.before_step = [](SmallTraining& of) {
                if (of.steps == 3) of.net().block.square.factor = std::numeric_limits<double>::quiet_NaN();
            };
        });
        bench.add(on(HookKind::forward, "block.square"), HookAction::stop_non_finite);
        bench.session->run();
        bench.settle();
        QCOMPARE(bench.session->status().step, std::int64_t{3});
        QCOMPARE(bench.session->status().event, std::string("hook on block.square"));
    }

    void one_that_throws_ends_the_step_and_leaves_the_model_as_it_was() {
        CountingTraining* training = nullptr;
        Session session(
            [&](std::uint64_t) {
                auto made = std::make_unique<CountingTraining>();
                training = made.get();
                return made;
            },
            Session::Options());
        const auto step = [&] {
            session.step();
            QVERIFY(session.wait_until_stopped(20));
        };
        step();
        const auto state = [&] {
            std::vector<float> all;
            for (const Tensor& tensor :
                 {training->net.first.weight, training->net.first.calls, training->net.first.weight.grad()})
                for (const float value : tensor.to_vector<float>())
                    all.push_back(value);
            return all;
        };
        const auto before = state();
        const std::uint64_t id = session.hook_bench().add(
            {.place = on(HookKind::forward_pre, "halve"), .action = HookAction::clip_norm, .amount = 1});
        step();
        Status status = session.status();
        QCOMPARE(status.state, State::paused);
        QCOMPARE(status.step, std::int64_t{1});
        QCOMPARE(status.message,
                 std::string("The forward pre-hook on halve (clip norm to 1.0) threw: linalg.vector_norm: Expected a "
                             "floating point or complex tensor as input. Got Long"));
        QCOMPARE(status.event, std::string("hook on halve"));
        const auto trace = session.trace(); // up to the hook
        QVERIFY(!trace->finished());
        QVERIFY(trace->events[trace::last_event(*trace, trace->events.size())].kind == trace::EventKind::hook);
        QCOMPARE(state(), before);
        step(); // throws again
        QCOMPARE(session.status().step, std::int64_t{1});
        session.hook_bench().remove(id);
        step();
        status = session.status();
        QCOMPARE(status.step, std::int64_t{2});
        QVERIFY(status.message.empty());
        QVERIFY(state() != before);
    }

    void half_precision_has_a_norm_too() {
        Session session([&](std::uint64_t) { return std::make_unique<CountingTraining>(); }, Session::Options());
        const std::uint64_t id =
            session.hook_bench().add({.place = on(HookKind::forward, "round"), .action = HookAction::clip_norm});
        session.step();
        QVERIFY(session.wait_until_stopped(20));
        const auto hooks = session.hook_bench().table();
        QCOMPARE(hooks->rows.size(), std::size_t{1});
        QCOMPARE(hooks->rows[0].id, id);
        QCOMPARE(hooks->rows[0].before->norm, 2.0); // four ones
        QVERIFY(std::abs(hooks->rows[0].after->norm - 1) < 1e-3);
    }

    void nothing_is_left_behind() {
        const Bench bench;
        const double loss = [] {
            const Bench other;
            return other.step();
        }();
        const std::uint64_t id = bench.add(on(HookKind::forward, "first"), HookAction::noise);
        bench.session->hook_bench().remove(id);
        QCOMPARE(bench.step(), loss);
        QVERIFY(hook_events(*bench.session->trace()).empty());
    }

  private:
    static void session_watches(const Bench& bench) {
        Watch watch;
        watch.level = Level::summaries;
        bench.session->set_watch(watch);
        bench.settle();
    }
};

QTEST_GUILESS_MAIN(TestHookBench)
#include "tst_hook_bench.moc"
