#pragma once

#include "engine/nn/linear.h"

namespace hs::gallery {

struct VAEOptions {
    std::int64_t inputs = 784;
    std::int64_t hidden_size = 400;
    std::int64_t latent_size = 20;
};

/// A variational autoencoder (Kingma and Welling 2013) with the names of PyTorch's vae example.
///
/// Input: pixels between 0 and 1, [n, ...] of `inputs` elements each. Outputs: the image again [n, inputs], and mean
/// and log variance of the latent vector [n, latent_size]. The latent vector is drawn from the default generator, in
/// evaluation too. Layers start as PyTorch's do.
class VAE final : public nn::Module {
  public:
    explicit VAE(const VAEOptions& options = {}, Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;

    struct Latent {
        Tensor mean, log_variance;
    };
    Latent encode(const Tensor& images);
    Tensor decode(const Tensor& latent);

    nn::Linear& fc1;
    nn::Linear& fc21; ///< mean
    nn::Linear& fc22; ///< log variance
    nn::Linear& fc3;
    nn::Linear& fc4;
};

/// What a VAE is trained with: binary cross entropy of the image, and the divergence of the latent vector's
/// distribution from the standard normal one, both summed.
Tensor vae_loss(const Tensors& outputs, const Tensor& images);

} // namespace hs::gallery
