#include "engine/gallery/vision_transformer.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

#include <cmath>

namespace hs::gallery {

namespace {

constexpr nn::LayerNorm::Options norm_options{.eps = 1e-6};
constexpr std::int64_t colours = 3;

Tensor normal_positions(const VisionTransformerOptions& options, Generator& generator) {
    const std::int64_t patches = options.image_size / options.patch_size;
    const Tensor positions = empty({1, patches * patches + 1, options.hidden_size});
    nn::init::normal_(positions, 0, 0.02, generator);
    return positions;
}

nn::Sequential blocks(const VisionTransformerOptions& options, Generator& generator) {
    nn::Sequential layers;
    for (std::int64_t i = 0; i < options.layers; ++i)
        layers.add("encoder_layer_" + std::to_string(i), EncoderBlock(options, generator));
    return layers;
}

nn::Conv2d patch_projection(const VisionTransformerOptions& options, Generator& generator) {
    if (options.patch_size <= 0 || options.image_size % options.patch_size != 0)
        throw ValueError("an image of " + std::to_string(options.image_size) +
                         " pixels cannot be cut into patches of " + std::to_string(options.patch_size));
    return {colours, options.hidden_size, {.kernel_size = options.patch_size, .stride = options.patch_size}, generator};
}

} // namespace

MLPBlock::MLPBlock(std::int64_t hidden_size, std::int64_t mlp_size, double dropout, Generator& generator)
    : MLP({.inputs = hidden_size, .widths = {mlp_size, hidden_size}, .gelu = true, .dropout = dropout}, generator) {
    for (const auto& [name, child] : named_children()) {
        const auto* linear = dynamic_cast<nn::Linear*>(child);
        if (!linear) continue;
        nn::init::xavier_uniform_(linear->weight, 1, generator);
        nn::init::normal_(linear->bias, 0, 1e-6, generator);
    }
}

EncoderBlock::EncoderBlock(const VisionTransformerOptions& options, Generator& generator)
    : ln_1(add("ln_1", nn::LayerNorm({options.hidden_size}, norm_options))),
      self_attention(
          add("self_attention",
              nn::MultiheadAttention(options.hidden_size, options.heads,
                                     {.dropout = options.attention_dropout, .batch_first = true}, generator))),
      dropout(add("dropout", nn::Dropout(options.dropout))),
      ln_2(add("ln_2", nn::LayerNorm({options.hidden_size}, norm_options))),
      mlp(add("mlp", MLPBlock(options.hidden_size, options.mlp_size, options.dropout, generator))) {}

Tensor EncoderBlock::forward(const Tensor& x) {
    const Tensor normal = ln_1(x);
    const Tensor attended = dropout(self_attention.call({normal, normal, normal})[0]) + x;
    return attended + mlp(ln_2(attended));
}

Encoder::Encoder(const VisionTransformerOptions& options, Generator& generator)
    : pos_embedding(add_parameter("pos_embedding", normal_positions(options, generator))),
      dropout(add("dropout", nn::Dropout(options.dropout))), layers(add("layers", blocks(options, generator))),
      ln(add("ln", nn::LayerNorm({options.hidden_size}, norm_options))) {}

Tensor Encoder::forward(const Tensor& x) {
    return ln(layers(dropout(x + pos_embedding)));
}

VisionTransformer::VisionTransformer(const VisionTransformerOptions& options, Generator& generator)
    : class_token(add_parameter("class_token", zeros({1, 1, options.hidden_size}))),
      conv_proj(add("conv_proj", patch_projection(options, generator))),
      encoder(add("encoder", Encoder(options, generator))), heads(add("heads", nn::Sequential())),
      image_size_(options.image_size) {
    const nn::Child<nn::Linear> head =
        heads.add("head", nn::Linear(options.hidden_size, options.classes, {}, generator));
    const auto fan_in = static_cast<double>(colours * options.patch_size * options.patch_size);
    nn::init::trunc_normal_(conv_proj.weight, 0, std::sqrt(1 / fan_in), -2, 2, generator);
    nn::init::zeros_(conv_proj.bias);
    nn::init::zeros_(head->weight);
    nn::init::zeros_(head->bias);
}

Tensor VisionTransformer::forward(const Tensor& images) {
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[2] != image_size_ || shape[3] != image_size_)
        throw ValueError("expected images of shape [n, " + std::to_string(colours) + ", " +
                         std::to_string(image_size_) + ", " + std::to_string(image_size_) + "], got " +
                         hs::to_string(shape));
    const Tensor patches = transpose(flatten(conv_proj(images), 2), 1, 2);
    const Tensor tokens = expand(class_token, {shape[0], 1, class_token.size(2)});
    return heads(select(encoder(cat({tokens, patches}, 1)), 1, 0));
}

} // namespace hs::gallery
