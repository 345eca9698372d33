#include "engine/gallery/dcgan.h"

#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/init.h"
#include "engine/ops/functional.h"

namespace hs::gallery {

namespace {

/// Four times the image's sides at the start, twice at the other layers.
nn::ConvTranspose2d larger(std::int64_t in, std::int64_t out, bool first, Generator& generator) {
    return {in, out, {.kernel_size = 4, .stride = first ? 1 : 2, .padding = first ? 0 : 1, .bias = false}, generator};
}
nn::Conv2d smaller(std::int64_t in, std::int64_t out, bool last, Generator& generator) {
    return {in, out, {.kernel_size = 4, .stride = last ? 1 : 2, .padding = last ? 0 : 1, .bias = false}, generator};
}

nn::Sequential generator_layers(const DCGANOptions& o, Generator& generator) {
    nn::Sequential layers;
    std::int64_t channels = o.latent_size;
    for (std::int64_t factor = 8; factor > 0; factor /= 2) {
        layers.append(
            std::make_shared<nn::ConvTranspose2d>(larger(channels, factor * o.width, factor == 8, generator)));
        layers.append(std::make_shared<nn::BatchNorm2d>(factor * o.width));
        layers.append(std::make_shared<nn::ReLU>(true));
        channels = factor * o.width;
    }
    layers.append(std::make_shared<nn::ConvTranspose2d>(larger(channels, o.channels, false, generator)));
    layers.append(std::make_shared<nn::Tanh>());
    return layers;
}

nn::Sequential discriminator_layers(const DCGANOptions& o, Generator& generator) {
    nn::Sequential layers;
    std::int64_t channels = o.channels;
    for (std::int64_t factor = 1; factor <= 8; factor *= 2) {
        layers.append(std::make_shared<nn::Conv2d>(smaller(channels, factor * o.width, false, generator)));
        if (factor > 1) layers.append(std::make_shared<nn::BatchNorm2d>(factor * o.width));
        layers.append(std::make_shared<nn::LeakyReLU>(0.2, true));
        channels = factor * o.width;
    }
    layers.append(std::make_shared<nn::Conv2d>(smaller(channels, 1, true, generator)));
    layers.append(std::make_shared<nn::Sigmoid>());
    return layers;
}

void draw_weights(nn::Module& net, Generator& generator) {
    constexpr double std = 0.02;
    for (const auto& [name, module] : net.named_modules()) {
        if (const auto* conv = dynamic_cast<nn::Convolution*>(module)) {
            nn::init::normal_(conv->weight, 0, std, generator);
        } else if (const auto* norm = dynamic_cast<nn::BatchNorm*>(module)) {
            nn::init::normal_(norm->weight, 1, std, generator);
            nn::init::zeros_(norm->bias);
        }
    }
}

} // namespace

DCGANGenerator::DCGANGenerator(const DCGANOptions& options, Generator& generator)
    : main(add("main", generator_layers(options, generator))) {
    draw_weights(*this, generator);
}

DCGANDiscriminator::DCGANDiscriminator(const DCGANOptions& options, Generator& generator)
    : main(add("main", discriminator_layers(options, generator))) {
    draw_weights(*this, generator);
}

Tensor DCGANDiscriminator::forward(const Tensor& images) {
    return main(images).view({-1});
}

} // namespace hs::gallery
