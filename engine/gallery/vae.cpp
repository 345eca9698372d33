#include "engine/gallery/vae.h"

#include "engine/ops/functional.h"

namespace hs::gallery {

VAE::VAE(const VAEOptions& options, Generator& generator)
    : fc1(add("fc1", nn::Linear(options.inputs, options.hidden_size, {}, generator))),
      fc21(add("fc21", nn::Linear(options.hidden_size, options.latent_size, {}, generator))),
      fc22(add("fc22", nn::Linear(options.hidden_size, options.latent_size, {}, generator))),
      fc3(add("fc3", nn::Linear(options.latent_size, options.hidden_size, {}, generator))),
      fc4(add("fc4", nn::Linear(options.hidden_size, options.inputs, {}, generator))) {}

VAE::Latent VAE::encode(const Tensor& images) {
    const Tensor hidden = relu(fc1(images));
    return {fc21(hidden), fc22(hidden)};
}

Tensor VAE::decode(const Tensor& latent) {
    return sigmoid(fc4(relu(fc3(latent))));
}

Tensors VAE::forward_all(const Tensors& inputs) {
    const Latent latent = encode(flatten(only(inputs), 1));
    const Tensor deviation = exp(latent.log_variance * 0.5);
    const Tensor noise = randn(deviation.shape(), default_generator(), deviation.options());
    return {decode(latent.mean + noise * deviation), latent.mean, latent.log_variance};
}

Tensor vae_loss(const Tensors& outputs, const Tensor& images) {
    const Tensor &mean = outputs.at(1), &log_variance = outputs.at(2);
    const Tensor divergence = sum(1 + log_variance - square(mean) - exp(log_variance)) * -0.5;
    return binary_cross_entropy(outputs.at(0), flatten(images, 1), {}, "sum") + divergence;
}

} // namespace hs::gallery
