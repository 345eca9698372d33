#include "engine/kernels/cpu/vector/summary.h"
#include "engine/kernels/cpu/parallel.h"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

using namespace hs;

namespace {

/// One exact pass (statistics and 64 bins) on one thread; `per_element` is the figure.
template <class T>
void summary(benchmark::State& state) {
    set_num_threads(1);
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    std::vector<T> values(static_cast<std::size_t>(state.range(0)));
    for (T& value : values)
        value = static_cast<T>(normal(random));
    const SummaryRequest request{{BinScale::symmetric_log, 1e-6f, 10.0f}, 1};
    for (auto _ : state)
        benchmark::DoNotOptimize(summarise(values.data(), static_cast<std::int64_t>(values.size()), request));
    state.counters["per_element"] =
        benchmark::Counter(static_cast<double>(state.range(0)),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(summary<float>)->Name("summary/float32")->Arg(10'000)->Arg(10'000'000);
BENCHMARK(summary<double>)->Name("summary/float64")->Arg(10'000'000);

} // namespace
