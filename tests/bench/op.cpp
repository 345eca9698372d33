#include "engine/ops/functional.h"
#include "tests/bench/chain.h"

#include <benchmark/benchmark.h>

using namespace hs;

namespace {

/// A chain of one-element adds: forward, backward and freeing. Reports time and bytes a node.
void chain(benchmark::State& state) {
    const Tensor x = full({1}, 1.0, {.requires_grad = true});
    const Tensor one = full({1}, 1.0);
    double bytes = 0;
    for (auto _ : state) {
        x.set_grad({});
        const std::size_t before = heap_in_use();
        Tensor y = x;
        for (int i = 0; i < chain_length; ++i)
            y = y + one;
        bytes = static_cast<double>(heap_in_use() - before) / chain_length;
        y.backward();
    }
    state.counters["bytes_per_node"] = bytes;
    state.counters["per_node"] =
        benchmark::Counter(chain_length, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(chain)->Name("op/add_chain")->Unit(benchmark::kMillisecond);

} // namespace
