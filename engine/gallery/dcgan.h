#pragma once

#include "engine/nn/container.h"

namespace hs::gallery {

struct DCGANOptions {
    std::int64_t latent_size = 100;
    std::int64_t channels = 3; ///< of the images
    std::int64_t width = 64;   ///< channels of the layer next to the images; each further one has twice as many
};

/// The generator of DCGAN (Radford et al. 2015) with the names and first weights of PyTorch's dcgan example:
/// [n, latent_size, 1, 1] to images [n, channels, 64, 64] between -1 and 1.
class DCGANGenerator final : public nn::Module {
  public:
    explicit DCGANGenerator(const DCGANOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& latent) override { return main(latent); }

    nn::Sequential& main;
};

/// Its discriminator: images [n, channels, 64, 64] to the probability [n] that they are real.
class DCGANDiscriminator final : public nn::Module {
  public:
    explicit DCGANDiscriminator(const DCGANOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Sequential& main;
};

} // namespace hs::gallery
