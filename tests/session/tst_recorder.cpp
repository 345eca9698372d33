#include "engine/autograd/backward.h"
#include "engine/kernels/cpu/vector/summary.h"
#include "engine/record/recorder.h"
#include "engine/record/snapshot.h"
#include "engine/record/step_clock.h"
#include "tests/session/small_training.h"

#include <QtTest>
#include <chrono>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <thread>

using namespace hs;
using namespace hs::trace;
using record::Keep;
using record::Recorder;

namespace {

/// A training with a Recorder on it, run step by step.
struct Bench {
    explicit Bench(const Watch& watch, std::int64_t width = 3)
        : training(7, width), recorder(training.model(), training.optimizer(), history) {
        recorder.set_watch(watch);
    }
    std::shared_ptr<const Trace> step(Keep keep = Keep::nothing) {
        recorder.begin_step(number, keep);
        outcome = training.step();
        StepResult result;
        result.step = number++;
        result.loss = outcome.loss;
        auto trace = recorder.finish_step(result);
        history.publish();
        return trace;
    }

    History history;
    SmallTraining training;
    Recorder recorder;
    session::StepOutcome outcome;
    std::int64_t number = 0;
};

Watch at(Level level) {
    Watch watch;
    watch.level = level;
    return watch;
}

std::vector<std::string> events_of(const Trace& trace, EventKind kind) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const Event& event = trace.events[i];
        if (event.kind != kind) continue;
        paths.push_back(event.module == none ? "-" : (*trace.modules)[event.module].path);
    }
    return paths;
}

bool close(double a, double b) {
    return std::fabs(a - b) <= 1e-5 * std::max({1.0, std::fabs(a), std::fabs(b)});
}

double norm_of(const std::vector<double>& values) {
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

std::vector<double> contents(const Snapshot& snapshot) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < snapshot.count(); ++i)
        values.push_back(snapshot.at(i));
    return values;
}

const std::vector<ValueKey> parameter_keys{{Role::parameter, "first", "weight"},
                                           {Role::parameter, "first", "bias"},
                                           {Role::parameter, "block.scale", "weight"},
                                           {Role::parameter, "block.scale", "bias"}};

} // namespace

class TestRecorder : public QObject {
    Q_OBJECT

  private slots:
    void bins_are_those_of_the_kernels() {
        std::mt19937 random(1);
        std::uniform_int_distribution<std::uint32_t> bits;
        const std::vector<trace::BinRange> ranges{{trace::BinScale::linear, -1, 1},
                                                  {trace::BinScale::linear, 0.1, 12.7},
                                                  {trace::BinScale::symmetric_log, std::exp2(-20), 1},
                                                  {trace::BinScale::symmetric_log, 1e-9, 3e4}};
        for (const trace::BinRange& range : ranges) {
            hs::BinRange same;
            same.scale = range.scale == trace::BinScale::linear ? hs::BinScale::linear : hs::BinScale::symmetric_log;
            same.low = static_cast<float>(range.low);
            same.high = static_cast<float>(range.high);
            for (int i = 0; i < 20'000; ++i) {
                const auto x = std::bit_cast<float>(bits(random));
                if (std::isfinite(x)) QCOMPARE(trace::bin_of(range, static_cast<double>(x)), hs::bin_of(x, same));
            }
            for (int bin = 0; bin <= trace::bin_count; ++bin)
                QVERIFY(close(trace::bin_edge(range, bin), hs::bin_edge(same, bin)));
        }
    }

    void nothing_watched_registers_nothing() {
        Bench bench(at(Level::off));
        QCOMPARE(bench.training.model().hooks().count(), std::size_t{0});
        QVERIFY(op_hooks().before.empty() && op_hooks().after.empty());
        QVERIFY(autograd::node_hooks().before.empty() && autograd::node_hooks().after.empty());
        QVERIFY(!bench.step());
        QCOMPARE(bench.recorder.cost(), 0);
        bench.recorder.set_watch(at(Level::summaries));
        QVERIFY(!op_hooks().after.empty());
        QVERIFY(bench.step());
        bench.recorder.set_watch(at(Level::off));
        QVERIFY(op_hooks().before.empty() && autograd::node_hooks().after.empty());
        QCOMPARE(bench.training.net().first.hooks().count(), std::size_t{0});
        QVERIFY(!bench.step());
    }

    void removes_its_hooks_at_its_end() {
        SmallTraining training(1);
        History history;
        {
            Recorder recorder(training.model(), training.optimizer(), history);
            recorder.set_watch(at(Level::summaries));
            QCOMPARE(training.model().hooks().count(), std::size_t{2});
        }
        QCOMPARE(training.model().hooks().count(), std::size_t{0});
        QVERIFY(op_hooks().after.empty());
        training.step();
    }

    void structure_tells_what_happened_in_order() {
        Bench bench(at(Level::structure));
        const auto trace = bench.step();
        QCOMPARE(trace->step, 0);
        QVERIFY(trace->finished());
        QCOMPARE(trace->result().loss, bench.outcome.loss);
        using Paths = std::vector<std::string>;
        QCOMPARE(events_of(*trace, EventKind::module_enter),
                 (Paths{"", "first", "block", "block.square", "block.scale"}));
        QCOMPARE(events_of(*trace, EventKind::module_exit),
                 (Paths{"first", "block.square", "block.scale", "block", ""}));
        const Paths leaves = events_of(*trace, EventKind::accumulate_grad);
        QCOMPARE(leaves.size(), std::size_t{4});
        QCOMPARE(std::count(leaves.begin(), leaves.end(), "first"), 2);
        QCOMPARE(std::count(leaves.begin(), leaves.end(), "block.scale"), 2);
        QCOMPARE(events_of(*trace, EventKind::parameter_update),
                 (Paths{"first", "first", "block.scale", "block.scale"}));
        QCOMPARE(events_of(*trace, EventKind::buffer_update), (Paths{"first", "block.scale"}));
        QCOMPARE(trace->summaries.size(), std::size_t{0});
        QVERIFY(bench.history.keys().empty());
        // Backward runs through the modules in reverse.
        const Paths backward = events_of(*trace, EventKind::backward);
        const auto first = std::find(backward.begin(), backward.end(), "first");
        QVERIFY(first != backward.end() && std::find(first, backward.end(), "block.scale") == backward.end());
        // x * x: two gradients meet.
        QCOMPARE(events_of(*trace, EventKind::grad_sum).size(), std::size_t{1});
        std::int64_t last = 0;
        int passed_on = 0;
        for (std::size_t i = 0; i < trace->events.size(); ++i) {
            const Event& event = trace->events[i];
            QVERIFY(event.begin_ns <= event.end_ns);
            QVERIFY(event.end_ns >= last || event.kind == EventKind::module_enter);
            last = event.end_ns;
            if (event.value == none) continue;
            const Id producer = trace->values[event.value].producer;
            if (event.kind != EventKind::module_enter && event.kind != EventKind::module_exit) {
                QCOMPARE(producer, static_cast<Id>(i));
            } else if (producer != none) { // a module makes nothing by itself: an operation did
                QVERIFY(producer < i);
                QCOMPARE(trace->events[producer].kind, EventKind::forward);
                ++passed_on;
            }
        }
        QVERIFY(passed_on >= 4);
    }

    void nodes_belong_to_the_module_that_made_them() {
        Bench bench(at(Level::structure));
        const auto trace = bench.step();
        std::map<std::string, std::set<std::string>> names;
        for (std::size_t i = 0; i < trace->events.size(); ++i) {
            const Event& event = trace->events[i];
            if (event.kind != EventKind::backward) continue;
            QVERIFY(event.node != none);
            const trace::Node& node = trace->nodes[event.node];
            QCOMPARE(node.module, event.module);
            names[event.module == none ? "-" : (*trace->modules)[event.module].path].insert(node.name);
        }
        QCOMPARE(names["block.square"], std::set<std::string>{"MulBackward0"});
        QVERIFY(names["block.scale"].contains("AddBackward0"));
        QVERIFY(names["-"].contains("SumBackward0"));
    }

    void values_show_the_eight_attributes() {
        Bench bench(at(Level::structure));
        const auto trace = bench.step();
        const Value& output = trace->values[trace->find({Role::output, "first", ""})];
        QVERIFY(output.shape == Shape({4, 3}));
        QVERIFY(output.requires_grad && !output.is_leaf);
        QCOMPARE(output.grad_fn, std::string("AddBackward0"));
        QVERIFY(!output.snapshot);
        const Value& input = trace->values[trace->find({Role::input, "", ""})];
        QVERIFY(!input.requires_grad && input.is_leaf && input.grad_fn.empty());
        const Value& weight = trace->values[trace->find({Role::parameter, "first", "weight"})];
        QVERIFY(weight.is_leaf && weight.requires_grad && weight.has_grad);
        QCOMPARE(weight.version, bench.training.net().first.weight.version());
        QVERIFY(trace->find({Role::buffer, "first", "calls"}) != none);
        for (const Role role : {Role::output, Role::output_gradient})
            for (const char* path : {"", "first", "block", "block.square", "block.scale"})
                QVERIFY(trace->find({role, path, ""}) != none);
    }

    void summaries_are_those_of_the_tensors() {
        Bench bench(at(Level::summaries));
        bench.step();
        std::map<std::string, std::vector<double>> before;
        for (const auto& [name, tensor] : bench.training.model().named_parameters())
            before[name] = tensor.to_vector<double>();
        const auto trace = bench.step(Keep::all);
        for (const auto& [name, tensor] : bench.training.model().named_parameters()) {
            const auto dot = name.rfind('.');
            const std::string path = name.substr(0, dot);
            const std::string member = name.substr(dot + 1);
            const auto after = tensor.to_vector<double>();
            std::vector<double> update;
            for (std::size_t i = 0; i < after.size(); ++i)
                update.push_back(after[i] - before[name][i]);
            const Summary* of_value = trace->find_summary({Role::parameter, path, member});
            const Summary* of_gradient = trace->find_summary({Role::gradient, path, member});
            const Summary* of_update = trace->find_summary({Role::update, path, member});
            QVERIFY(of_value && of_gradient && of_update);
            QVERIFY(close(of_value->norm, norm_of(after)));
            QVERIFY(close(of_gradient->norm, norm_of(tensor.grad().to_vector<double>())));
            QVERIFY(close(of_update->norm, norm_of(update)));
            QVERIFY(of_update->norm > 0 && close(of_update->norm, 0.01 * of_gradient->norm));
            QVERIFY(of_gradient->range.scale == trace::BinScale::symmetric_log);
            QVERIFY(of_value->range.scale == trace::BinScale::linear);
            QCOMPARE(std::accumulate(of_value->bins.begin(), of_value->bins.end(), 0u), 3u);
            const Value& kept = trace->values[trace->find({Role::update, path, member})];
            QVERIFY(close(norm_of(contents(kept.snapshot)), norm_of(update)));
        }
        // The loss is the mean of the output, so the gradient that arrives there is 1/12 everywhere.
        for (const char* path : {"", "block", "block.scale"}) {
            const Summary* gradient = trace->find_summary({Role::output_gradient, path, ""});
            QVERIFY(gradient && close(gradient->min, 1.0 / 12) && close(gradient->max, 1.0 / 12));
            QCOMPARE(gradient->count, 12);
            const Summary* output = trace->find_summary({Role::output, path, ""});
            QVERIFY(output && close(output->mean, bench.outcome.loss));
        }
        const Value& square = trace->values[trace->find({Role::output, "block.square", ""})];
        const Value& first = trace->values[trace->find({Role::output, "first", ""})];
        for (std::int64_t i = 0; i < 12; ++i)
            QVERIFY(close(square.snapshot.at(i), first.snapshot.at(i) * first.snapshot.at(i)));
    }

    void history_has_every_step_once() {
        Bench bench(at(Level::summaries));
        for (int i = 0; i < 5; ++i)
            bench.step();
        const Series norms = bench.history.series({Role::gradient, "first", "weight"});
        QCOMPARE(norms.size(), std::size_t{5});
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(norms[i].first_step, static_cast<std::int64_t>(i));
            QCOMPARE(norms[i].summary.count, 3);
        }
        // 5 outputs, 5 output gradients, 4 parameters with gradient and update, 2 buffers.
        QCOMPARE(bench.history.keys().size(), std::size_t{24});
    }

    void levels_differ_by_module_and_change_while_it_runs() {
        Watch watch = at(Level::off);
        watch.modules["block.scale"] = Level::summaries;
        Bench bench(watch);
        auto trace = bench.step();
        QCOMPARE(events_of(*trace, EventKind::module_enter), std::vector<std::string>{"block.scale"});
        QVERIFY(trace->find_summary({Role::output, "block.scale", ""}));
        QVERIFY(trace->find({Role::output, "first", ""}) == none);
        QVERIFY(trace->find({Role::gradient, "first", "weight"}) == none);
        watch.modules = {{"first", Level::structure}};
        bench.recorder.set_watch(watch);
        trace = bench.step();
        QCOMPARE(events_of(*trace, EventKind::module_enter), std::vector<std::string>{"first"});
        QVERIFY(!trace->find_summary({Role::output, "first", ""}));
        QVERIFY(trace->find({Role::gradient, "first", "weight"}) != none);
        QVERIFY(trace->find({Role::output, "block.scale", ""}) == none);
    }

    void bytes_are_kept_of_what_is_named_and_stay() {
        Watch watch = at(Level::structure);
        watch.values = {
            {Role::parameter, "first", "weight"}, {Role::output, "block", ""}, {Role::gradient, "first", "bias"}};
        Bench bench(watch);
        QVERIFY(!bench.step()->values[1].snapshot);
        const auto trace = bench.step(Keep::watched);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < trace->values.size(); ++i)
            kept += static_cast<bool>(trace->values[i].snapshot);
        QCOMPARE(kept, std::size_t{3});
        const Snapshot weight = trace->values[trace->find(parameter_keys[0])].snapshot;
        const auto now = bench.training.net().first.weight.to_vector<double>();
        QCOMPARE(contents(weight), now);
        bench.step();
        QCOMPARE(contents(weight), now); // the optimizer wrote to a clone
        QVERIFY(bench.training.net().first.weight.to_vector<double>() != now);
    }

    void bytes_are_kept_also_of_what_is_off() {
        Watch watch = at(Level::off);
        watch.values = {{Role::output, "block.square", ""}};
        Bench bench(watch);
        const auto trace = bench.step(Keep::watched);
        QVERIFY(trace);
        QVERIFY(trace->values[trace->find({Role::output, "block.square", ""})].snapshot);
    }

    void large_tensors_are_sampled_and_marked() {
        Watch watch = at(Level::summaries);
        watch.exact_bins_up_to = 4096;
        Bench bench(watch, 100'000);
        const auto before = bench.training.net().first.weight.to_vector<double>();
        const auto trace = bench.step();
        const auto after = bench.training.net().first.weight.to_vector<double>();
        std::vector<double> update;
        for (std::size_t i = 0; i < after.size(); ++i)
            update.push_back(after[i] - before[i]);
        const Summary* value = trace->find_summary({Role::parameter, "first", "weight"});
        QCOMPARE(value->bin_every, 128u);
        QCOMPARE(value->count, 100'000);
        QVERIFY(close(value->norm, norm_of(after))); // exact all the same
        const std::uint32_t in_bins = std::accumulate(value->bins.begin(), value->bins.end(), 0u);
        QVERIFY(in_bins > 512 && in_bins <= 1024);
        const Summary* of_update = trace->find_summary({Role::update, "first", "weight"});
        QCOMPARE(of_update->count, 100'000);
        QVERIFY(of_update->bin_every > 1);
        QVERIFY(std::fabs(of_update->norm / norm_of(update) - 1) < 0.1);
    }

    void finds_the_first_that_is_not_finite() {
        Bench bench(at(Level::summaries));
        bench.step();
        QVERIFY(!bench.recorder.first_non_finite() && !bench.recorder.saw_nan());
        bench.training.net().block.square.factor = std::nan("");
        bench.step();
        QVERIFY(bench.recorder.saw_nan());
        QCOMPARE(bench.recorder.first_non_finite()->module, std::string("block.square"));
        QCOMPARE(bench.recorder.first_non_finite()->what, std::string("output"));
    }

    void the_module_table_follows_the_model() {
        Bench bench(at(Level::structure));
        const auto first = bench.step();
        QCOMPARE(bench.step()->modules, first->modules);
        const ModuleTable& table = *first->modules;
        QCOMPARE(table.size(), std::size_t{5});
        QCOMPARE(table[0].name, std::string("SmallNet"));
        QCOMPARE(table[0].parent, none);
        QCOMPARE(table[4].path, std::string("block.scale"));
        QCOMPARE(table[4].name, std::string("scale"));
        QCOMPARE(table[4].type, std::string("Scale"));
        QCOMPARE(table[4].extra, std::string("3"));
        QCOMPARE((*first->modules)[table[4].parent].path, std::string("block"));
        QCOMPARE(table[0].parameter_count, 12);
        QCOMPARE(table[1].members.size(), std::size_t{3});
        QCOMPARE(table[1].members[2].is_buffer, true);
        QCOMPARE(table[1].hook_count, 0);
        const ScopedHook hook(
            bench.training.net().first.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) {}));
        bench.training.net().block.eval();
        bench.training.net().first.bias.set_requires_grad(false);
        const auto later = bench.step();
        QCOMPARE((*later->modules)[1].hook_count, 1);
        QVERIFY(!(*later->modules)[2].training && (*later->modules)[1].training);
        QVERIFY(!(*later->modules)[1].members[1].requires_grad);
    }

    void a_step_that_is_left_early_leaves_nothing() {
        Bench bench(at(Level::summaries));
        bench.recorder.set_on_event([&](Id) {
            if (bench.recorder.trace()->events.size() == 9) throw std::runtime_error("stop");
        });
        QVERIFY_EXCEPTION_THROWN(bench.step(), std::runtime_error);
        bench.recorder.abandon_step();
        QVERIFY(!bench.recorder.trace());
        bench.recorder.set_on_event({});
        const auto trace = bench.step();
        QCOMPARE(events_of(*trace, EventKind::module_enter).size(), std::size_t{5});
        QCOMPARE(bench.history.series({Role::output, "first", ""}).size(), std::size_t{1});
    }

    void observing_does_not_change_the_result() {
        Bench observed(at(Level::values));
        Bench alone(at(Level::off));
        for (int i = 0; i < 20; ++i) {
            observed.step(Keep::all);
            alone.step();
            QCOMPARE(observed.outcome.loss, alone.outcome.loss);
        }
    }

    void its_clock_runs_like_the_steady_clock() {
        using Steady = std::chrono::steady_clock;
        const auto before_first = Steady::now();
        const auto first = record::StepClock::now();
        const auto after_first = Steady::now();
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        const auto before_second = Steady::now();
        const auto second = record::StepClock::now();
        const auto after_second = Steady::now();
        const double elapsed = std::chrono::duration<double>(second - first).count();
        QVERIFY(elapsed >= std::chrono::duration<double>(before_second - after_first).count() * 0.999);
        QVERIFY(elapsed <= std::chrono::duration<double>(after_second - before_first).count() * 1.001);
    }

    void summaries_take_any_layout() {
        Generator generator(3);
        const Tensor plain = rand({6, 10}, generator);
        const Summary whole = record::summarise(plain, {}, 1);
        QCOMPARE(record::summarise(plain.t(), {}, 1).bins, whole.bins);
        const Summary column = record::summarise(make_view(plain, {6}, {10}, 0), {}, 1);
        const auto values = plain.to_vector<double>();
        double sum = 0;
        for (std::size_t i = 0; i < 6; ++i)
            sum += values[10 * i];
        QCOMPARE(column.count, 6);
        QVERIFY(close(column.mean, sum / 6));
        QCOMPARE(record::summarise(expand(ones({1}), {5, 5}), {}, 1).count, 25);
        QCOMPARE(record::summarise(zeros({0, 3}), {}, 1).count, 0);
        const Summary integers = record::summarise(arange(0, 10), {trace::BinScale::linear, 0, 64}, 1);
        QCOMPARE(integers.max, 9.0);
        QCOMPARE(integers.bins[9], 1u);
    }
};

QTEST_APPLESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
