#include "engine/hookscope.h"
#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/parallel.h"
#include "tests/bench/peak_memory.h"

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

/// Whole training steps: zero_grad, forward, cross entropy, backward, SGD.
template <class MakeNet, class Forward>
void train(benchmark::State& state, MakeNet make_net, Tensor input, Tensor target, Forward forward) {
    set_num_threads(static_cast<int>(state.range(0)));
    manual_seed(1);
    const PeakMemory peak;
    auto net = make_net();
    optim::Sgd sgd(net->parameters(), {.lr = 1e-4, .momentum = 0.9});
    for (auto _ : state) {
        sgd.zero_grad();
        cross_entropy(forward(*net, input), target).backward();
        sgd.step();
    }
    state.counters["peak_mib"] = peak.mebibytes();
}

template <class Net>
void classify(benchmark::State& state, const Shape& input_shape, std::int64_t classes,
              const std::function<std::shared_ptr<Net>()>& make_net) {
    const Tensor input = randn(input_shape, default_generator());
    const Tensor target = randint(0, classes, {input_shape[0]}, default_generator());
    train(state, make_net, input, target, [](Net& net, const Tensor& x) { return net(x); });
}

void train_mlp(benchmark::State& state) {
    classify<Mlp>(state, {64, 784}, 10, [] { return std::make_shared<Mlp>(); });
}
void train_cnn(benchmark::State& state) {
    classify<LeNet>(state, {64, 1, 28, 28}, 10, [] { return std::make_shared<LeNet>(); });
}
void train_resnet_cifar(benchmark::State& state) {
    classify<gallery::ResNet>(state, {32, 3, 32, 32}, 10, [] {
        return std::make_shared<gallery::ResNet>(gallery::ResNetOptions{.classes = 10, .small_images = true});
    });
}
/// The same with larger errors, which PyTorch does not allow on the CPU.
void train_resnet_cifar_winograd(benchmark::State& state) {
    allow_winograd(true);
    train_resnet_cifar(state);
    allow_winograd(false);
}
void train_resnet(benchmark::State& state) {
    classify<gallery::ResNet>(state, {4, 3, 224, 224}, 1000,
                              [] { return std::make_shared<gallery::ResNet>(gallery::resnet_options(18)); });
}
/// Four layers of width 128 over 8 texts of 128 bytes.
void train_gpt(benchmark::State& state) {
    constexpr std::int64_t texts = 8, length = 128, vocabulary = 256;
    const Tensor tokens = randint(0, vocabulary, {texts, length}, default_generator());
    const Tensor target = randint(0, vocabulary, {texts * length}, default_generator());
    const auto make = [] {
        return std::make_shared<gallery::GPT2LMHeadModel>(gallery::GPT2Options{
            .vocabulary = vocabulary, .positions = length, .width = 128, .layers = 4, .heads = 4, .dropout = 0});
    };
    train(state, make, tokens, target, [](auto& net, const Tensor& x) {
        return net(x).view({texts * length, vocabulary});
    });
}

BENCHMARK(train_mlp)->Name("train/mlp")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_cnn)->Name("train/cnn")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_resnet_cifar)
    ->Name("train/resnet18_cifar")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(train_resnet_cifar_winograd)
    ->Name("train/resnet18_cifar_winograd")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(train_resnet)->Name("train/resnet18")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_gpt)->Name("train/gpt")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
