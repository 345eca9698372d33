#include "engine/hookscope.h"
#include "engine/kernels/cpu/parallel.h"

#include <benchmark/benchmark.h>

using namespace hs;

namespace {

struct Mlp : nn::Module {
    nn::Sequential& layers = add("layers", nn::Sequential(nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 128),
                                                          nn::ReLU(), nn::Linear(128, 10)));
    Tensor forward(const Tensor& x) override { return layers(x); }
};

struct LeNet : nn::Module {
    nn::Sequential& layers =
        add("layers",
            nn::Sequential(nn::Conv2d(1, 6, {.kernel_size = 5, .padding = 2}), nn::ReLU(), nn::MaxPool2d(2),
                           nn::Conv2d(6, 16, {.kernel_size = 5}), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                           nn::Linear(400, 120), nn::ReLU(), nn::Linear(120, 84), nn::ReLU(), nn::Linear(84, 10)));
    Tensor forward(const Tensor& x) override { return layers(x); }
};

/// A whole training step at batch 64: zero_grad, forward, cross entropy, backward, SGD.
template <class Net>
void train(benchmark::State& state, const Shape& input_shape) {
    set_num_threads(static_cast<int>(state.range(0)));
    manual_seed(1);
    Net net;
    optim::Sgd sgd(net.parameters(), {.lr = 1e-4, .momentum = 0.9});
    const Tensor input = randn(input_shape, default_generator());
    const Tensor target = randint(0, 10, {input_shape[0]}, default_generator());
    for (auto _ : state) {
        sgd.zero_grad();
        cross_entropy(net(input), target).backward();
        sgd.step();
    }
}

void train_mlp(benchmark::State& state) {
    train<Mlp>(state, {64, 784});
}
void train_cnn(benchmark::State& state) {
    train<LeNet>(state, {64, 1, 28, 28});
}

BENCHMARK(train_mlp)->Name("train/mlp")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_cnn)->Name("train/cnn")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
