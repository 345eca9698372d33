#include "tests/bench/peak_memory.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <limits>
#include <torch/torch.h>

namespace {

namespace nn = torch::nn;

nn::Sequential mlp() {
    return nn::Sequential(nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 128), nn::ReLU(), nn::Linear(128, 10));
}

nn::Sequential lenet() {
    return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 6, 5).padding(2)), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Conv2d(6, 16, 5), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(400, 120),
                          nn::ReLU(), nn::Linear(120, 84), nn::ReLU(), nn::Linear(84, 10));
}

/// A residual block of two convolutions.
struct BlockImpl : torch::nn::Module {
    BlockImpl(std::int64_t in, std::int64_t out, std::int64_t stride)
        : conv1(register_module("conv1", conv3x3(in, out, stride))), bn1(register_module("bn1", nn::BatchNorm2d(out))),
          conv2(register_module("conv2", conv3x3(out, out, 1))), bn2(register_module("bn2", nn::BatchNorm2d(out))) {
        if (stride == 1 && in == out) return;
        downsample = register_module(
            "downsample",
            nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in, out, 1).stride(stride).bias(false)), nn::BatchNorm2d(out)));
    }
    static nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, std::int64_t stride) {
        return nn::Conv2d(nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false));
    }
    torch::Tensor forward(const torch::Tensor& x) {
        const torch::Tensor change = bn2(conv2(bn1(conv1(x)).relu_()));
        return (change + (downsample ? downsample->forward(x) : x)).relu_();
    }

    nn::Conv2d conv1;
    nn::BatchNorm2d bn1;
    nn::Conv2d conv2;
    nn::BatchNorm2d bn2;
    nn::Sequential downsample{nullptr};
};
TORCH_MODULE(Block);

nn::Sequential resnet18(bool small_images, std::int64_t classes) {
    const auto activation = [] { return nn::ReLU(nn::ReLUOptions(true)); };
    nn::Sequential net;
    if (small_images) {
        net->push_back(BlockImpl::conv3x3(3, 64, 1));
        net->push_back(nn::BatchNorm2d(64));
        net->push_back(activation());
    } else {
        net->push_back(nn::Conv2d(nn::Conv2dOptions(3, 64, 7).stride(2).padding(3).bias(false)));
        net->push_back(nn::BatchNorm2d(64));
        net->push_back(activation());
        net->push_back(nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding(1)));
    }
    std::int64_t in = 64;
    for (const std::int64_t width : {64, 128, 256, 512}) {
        net->push_back(Block(in, width, in == width ? 1 : 2));
        net->push_back(Block(width, width, 1));
        in = width;
    }
    net->push_back(nn::AdaptiveAvgPool2d(1));
    net->push_back(nn::Flatten());
    net->push_back(nn::Linear(512, classes));
    return net;
}

constexpr std::int64_t texts = 8, length = 128, vocabulary = 256, width = 128, heads = 4;

/// Causal self-attention and an MLP, each behind a norm and with a way around it.
struct LayerImpl : torch::nn::Module {
    torch::Tensor attend(const torch::Tensor& x) {
        const auto parts = c_attn(x).split(width, 2);
        const auto by_head = [](const torch::Tensor& part) {
            return part.view({texts, length, heads, width / heads}).transpose(1, 2);
        };
        const torch::Tensor scores = by_head(parts[0]).matmul(by_head(parts[1]).transpose(-2, -1)) /
                                     std::sqrt(static_cast<double>(width / heads));
        const torch::Tensor weights =
            torch::softmax(scores.masked_fill(hidden, -std::numeric_limits<double>::infinity()), -1);
        return c_proj(weights.matmul(by_head(parts[2])).transpose(1, 2).reshape({texts, length, width}));
    }
    torch::Tensor forward(const torch::Tensor& x) {
        const torch::Tensor attended = x + attend(ln_1(x));
        return attended + mlp->forward(ln_2(attended));
    }

    nn::LayerNorm ln_1 = register_module("ln_1", nn::LayerNorm(nn::LayerNormOptions({width})));
    nn::Linear c_attn = register_module("c_attn", nn::Linear(width, 3 * width));
    nn::Linear c_proj = register_module("c_proj", nn::Linear(width, width));
    nn::LayerNorm ln_2 = register_module("ln_2", nn::LayerNorm(nn::LayerNormOptions({width})));
    nn::Sequential mlp = register_module("mlp", nn::Sequential(nn::Linear(width, 4 * width),
                                                               nn::GELU(nn::GELUOptions().approximate("tanh")),
                                                               nn::Linear(4 * width, width)));
    torch::Tensor hidden = register_buffer("hidden", torch::ones({length, length}, torch::kBool).triu(1));
};
TORCH_MODULE(Layer);

struct GptImpl : torch::nn::Module {
    GptImpl() {
        for (int i = 0; i < 4; ++i)
            layers->push_back(Layer());
        wte->weight = lm_head->weight;
    }
    torch::Tensor forward(const torch::Tensor& tokens) {
        const torch::Tensor embedded = wte(tokens) + wpe(torch::arange(length));
        return lm_head(ln_f(layers->forward(embedded))).view({texts * length, vocabulary});
    }

    nn::Linear lm_head = register_module("lm_head", nn::Linear(nn::LinearOptions(width, vocabulary).bias(false)));
    nn::Embedding wpe = register_module("wpe", nn::Embedding(length, width));
    nn::Sequential layers = register_module("layers", nn::Sequential());
    nn::LayerNorm ln_f = register_module("ln_f", nn::LayerNorm(nn::LayerNormOptions({width})));
    nn::Embedding wte{vocabulary, width}; ///< shares the weight of lm_head, so it is not registered
};
TORCH_MODULE(Gpt);

template <class MakeNet>
void train(benchmark::State& state, MakeNet make_net, const torch::Tensor& input, const torch::Tensor& target) {
    torch::set_num_threads(static_cast<int>(state.range(0)));
    torch::manual_seed(1);
    const PeakMemory peak;
    auto net = make_net();
    torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(1e-4).momentum(0.9));
    for (auto _ : state) {
        sgd.zero_grad();
        nn::functional::cross_entropy(net->forward(input), target).backward();
        sgd.step();
    }
    state.counters["peak_mib"] = peak.mebibytes();
}

void train_mlp(benchmark::State& state) {
    train(state, mlp, torch::randn({64, 784}), torch::randint(0, 10, {64}));
}
void train_cnn(benchmark::State& state) {
    train(state, lenet, torch::randn({64, 1, 28, 28}), torch::randint(0, 10, {64}));
}
void train_resnet_cifar(benchmark::State& state) {
    train(
        state, [] { return resnet18(true, 10); }, torch::randn({32, 3, 32, 32}), torch::randint(0, 10, {32}));
}
void train_resnet(benchmark::State& state) {
    train(
        state, [] { return resnet18(false, 1000); }, torch::randn({4, 3, 224, 224}), torch::randint(0, 1000, {4}));
}
void train_gpt(benchmark::State& state) {
    train(
        state, [] { return Gpt(); }, torch::randint(0, vocabulary, {texts, length}),
        torch::randint(0, vocabulary, {texts * length}));
}

BENCHMARK(train_mlp)->Name("peer/train/mlp")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_cnn)->Name("peer/train/cnn")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_resnet_cifar)
    ->Name("peer/train/resnet18_cifar")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(train_resnet)->Name("peer/train/resnet18")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(train_gpt)->Name("peer/train/gpt")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
