#include "tests/bench/chain.h"

#include <benchmark/benchmark.h>
#include <torch/torch.h>

namespace {

void chain(benchmark::State& state) {
    const torch::Tensor x = torch::ones({1}, torch::requires_grad());
    const torch::Tensor one = torch::ones({1});
    double bytes = 0;
    for (auto _ : state) {
        x.mutable_grad().reset();
        const std::size_t before = heap_in_use();
        torch::Tensor y = x;
        for (int i = 0; i < chain_length; ++i)
            y = y + one;
        bytes = static_cast<double>(heap_in_use() - before) / chain_length;
        y.backward();
    }
    state.counters["bytes_per_node"] = bytes;
    state.counters["per_node"] =
        benchmark::Counter(chain_length, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(chain)->Name("peer/op/add_chain")->Unit(benchmark::kMillisecond);

} // namespace
