#include "engine/gallery/weights.h"

#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/init.h"
#include "engine/nn/linear.h"

namespace hs::gallery {

void draw_convolutions(nn::Module& net, Generator& generator) {
    for (const auto& [name, module] : net.named_modules()) {
        if (const auto* conv = dynamic_cast<nn::Convolution*>(module)) {
            nn::init::kaiming_normal_(conv->weight, {.mode = "fan_out", .nonlinearity = "relu"}, generator);
            if (conv->bias.defined()) nn::init::zeros_(conv->bias);
        } else if (const auto* norm = dynamic_cast<nn::BatchNorm*>(module)) {
            nn::init::ones_(norm->weight);
            nn::init::zeros_(norm->bias);
        }
    }
}

void draw_linear_layers(nn::Module& net, double std, Generator& generator) {
    for (const auto& [name, module] : net.named_modules()) {
        if (const auto* linear = dynamic_cast<nn::Linear*>(module)) {
            nn::init::normal_(linear->weight, 0, std, generator);
            if (linear->bias.defined()) nn::init::zeros_(linear->bias);
        }
    }
}

} // namespace hs::gallery
