#include "engine/hookscope.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/record/recorder.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace hs;

namespace {

struct LeNet : nn::Module {
    nn::Sequential& stage1 =
        add("stage1", nn::Sequential(nn::Conv2d(1, 6, {.kernel_size = 5, .padding = 2}), nn::ReLU(), nn::MaxPool2d(2)));
    nn::Sequential& stage2 =
        add("stage2", nn::Sequential(nn::Conv2d(6, 16, {.kernel_size = 5}), nn::ReLU(), nn::MaxPool2d(2)));
    nn::Sequential& head = add("head", nn::Sequential(nn::Flatten(), nn::Linear(400, 120), nn::ReLU(),
                                                      nn::Linear(120, 84), nn::ReLU(), nn::Linear(84, 10)));
    Tensor forward(const Tensor& x) override { return head(stage2(stage1(x))); }
};

struct Observed {
    Observed() : recorder(net, sgd, history) {}

    LeNet net;
    optim::Sgd sgd{net.parameters(), {.lr = 1e-4, .momentum = 0.9}};
    trace::History history;
    record::Recorder recorder;
    Tensor input = randn({64, 1, 28, 28}, default_generator());
    Tensor target = randint(0, 10, {64}, default_generator());
    std::int64_t number = 0;

    record::Keep keep = record::Keep::nothing;

    void step() {
        recorder.begin_step(number, keep);
        sgd.zero_grad();
        cross_entropy(net(input), target).backward();
        sgd.step();
        recorder.finish_step({.step = number++});
        history.publish();
    }
    double timed_step() {
        const auto begin = std::chrono::steady_clock::now();
        step();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
};

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The CNN's step at batch 64 with everything at one level. Blocks of steps with the level on and off alternate, since
/// clocks drift: `ratio` is the median of the one over that of the other. The History is filled before: as long as it
/// grows, each step touches memory for the first time.
void observe(benchmark::State& state, trace::Level level, record::Keep keep) {
    constexpr int block = 8;
    set_num_threads(static_cast<int>(state.range(0)));
    manual_seed(1);
    Observed observed;
    trace::Watch on;
    trace::Watch off;
    on.level = level;
    off.level = trace::Level::off;
    std::vector<double> with;
    std::vector<double> without;
    observed.recorder.set_watch(on);
    for (std::size_t i = 0; i < trace::History::Limits().points_per_series + 2 * 64; ++i)
        observed.step();
    const auto run = [&](const trace::Watch& watch, std::vector<double>& times) {
        observed.recorder.set_watch(watch);
        observed.keep = watch.level == trace::Level::off ? record::Keep::nothing : keep;
        observed.step();
        for (int i = 0; i < block; ++i)
            times.push_back(observed.timed_step());
    };
    for (auto _ : state) {
        run(off, without);
        run(on, with);
        state.SetIterationTime(median(with));
    }
    state.counters["ratio"] = median(with) / median(without);
    state.counters["own_us"] = static_cast<double>(observed.recorder.cost()) * 1e-3;
}

/// With values for stepping: all bytes and the graph, statistics left out.
BENCHMARK_CAPTURE(observe, values, trace::Level::structure, record::Keep::all)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(observe, off, trace::Level::off, record::Keep::nothing)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(observe, structure, trace::Level::structure, record::Keep::nothing)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(observe, summaries, trace::Level::summaries, record::Keep::nothing)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();

} // namespace
