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

torch::nn::Sequential mlp() {
    namespace nn = torch::nn;
    return nn::Sequential(nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 128), nn::ReLU(), nn::Linear(128, 10));
}

torch::nn::Sequential lenet() {
    namespace nn = torch::nn;
    return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 6, 5).padding(2)), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Conv2d(6, 16, 5), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(400, 120),
                          nn::ReLU(), nn::Linear(120, 84), nn::ReLU(), nn::Linear(84, 10));
}

void train(benchmark::State& state, torch::nn::Sequential net, std::vector<std::int64_t> input_shape) {
    torch::set_num_threads(static_cast<int>(state.range(0)));
    torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(1e-4).momentum(0.9));
    const torch::Tensor input = torch::randn(input_shape);
    const torch::Tensor target = torch::randint(0, 10, {input_shape[0]});
    for (auto _ : state) {
        sgd.zero_grad();
        torch::nn::functional::cross_entropy(net->forward(input), target).backward();
        sgd.step();
    }
}

void train_mlp(benchmark::State& state) {
    train(state, mlp(), {64, 784});
}
void train_cnn(benchmark::State& state) {
    train(state, lenet(), {64, 1, 28, 28});
}

BENCHMARK(train_mlp)->Name("peer/train/mlp")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_cnn)->Name("peer/train/cnn")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
