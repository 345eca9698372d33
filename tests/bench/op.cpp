#include "engine/ops/functional.h"
#include "tests/bench/chain.h"

#include <benchmark/benchmark.h>

using namespace hs;

namespace {

/// A chain of one-element adds: forward, backward and freeing. Reports time and bytes a node.
template <int length>
void chain(benchmark::State& state) {
    const Tensor x = full({1}, 1.0, {.requires_grad = true});
    const Tensor one = full({1}, 1.0);
    double bytes = 0;
    for (auto _ : state) {
        x.set_grad({});
        const std::size_t before = heap_in_use();
        Tensor y = x;
        for (int i = 0; i < length; ++i)
            y = y + one;
        bytes = static_cast<double>(heap_in_use() - before) / length;
        y.backward();
    }
    state.counters["bytes_per_node"] = bytes;
    state.counters["per_node"] =
        benchmark::Counter(length, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(chain<chain_length>)->Name("op/add_chain")->Unit(benchmark::kMillisecond);
BENCHMARK(chain<1'000'000>)->Name("op/add_chain/million")->Unit(benchmark::kMillisecond);

} // namespace
