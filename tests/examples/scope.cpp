#include "app/scope.h"
#include "engine/hookscope.h"
using namespace hs;

int main(int argc, char** argv) {
    return app::open_scope(argc, argv, [](std::uint64_t) {
        auto net = std::make_shared<nn::Sequential>(nn::Linear(2, 32), nn::Tanh(), nn::Linear(32, 2));
        auto sgd = std::make_shared<optim::Sgd>(net->parameters(), optim::SgdOptions{.lr = 0.1});
        const auto step = [net, sgd] {
            const Tensor x = randn({64, 2}, default_generator());
            const Tensor loss = mse_loss((*net)(x), x * x);
            sgd->zero_grad();
            loss.backward();
            sgd->step();
            return loss.item<double>();
        };
        return app::OwnTraining{.model = net, .optimizer = sgd, .step = step, .remembers_nothing = true};
    });
}
