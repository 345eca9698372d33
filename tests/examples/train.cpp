#include "engine/hookscope.h"
#include <cstdio>
using namespace hs;

struct Net : nn::Module {
    nn::Linear& fc1 = add("fc1", nn::Linear(2, 32));
    nn::Linear& fc2 = add("fc2", nn::Linear(32, 2));
    Tensor forward(const Tensor& x) override { return fc2(tanh(fc1(x))); }
};
int main() {
    Net net;
    optim::Sgd sgd(net.parameters(), {.lr = 0.1});
    net.fc1.register_forward_hook([](auto&, auto&, auto& out) { std::puts(to_string(out[0].shape()).c_str()); });
    net.fc2.register_full_backward_hook([](auto&, auto& in, auto&) { std::puts(to_string(in[0].sum()).c_str()); });
    for (int step = 0; step < 100; ++step, sgd.step(), sgd.zero_grad()) {
        const Tensor x = randn({64, 2}, default_generator());
        mse_loss(net(x), x * x).backward();
    }
}
