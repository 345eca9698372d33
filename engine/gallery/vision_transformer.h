#pragma once

#include "engine/gallery/mlp.h"
#include "engine/nn/attention.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"

namespace hs::gallery {

/// ViT-B/16 unless told otherwise.
struct VisionTransformerOptions {
    std::int64_t image_size = 224;
    std::int64_t patch_size = 16;
    std::int64_t layers = 12;
    std::int64_t heads = 12;
    std::int64_t hidden_size = 768;
    std::int64_t mlp_size = 3072;
    double dropout = 0;
    double attention_dropout = 0;
    std::int64_t classes = 1000;
};

/// Two linear layers with GELU between them.
class MLPBlock final : public MLP {
  public:
    MLPBlock(std::int64_t hidden_size, std::int64_t mlp_size, double dropout, Generator& generator);
};

/// Self-attention and an MLP, each behind a norm and with a way around it.
class EncoderBlock final : public nn::Module {
  public:
    EncoderBlock(const VisionTransformerOptions& options, Generator& generator);
    Tensor forward(const Tensor& x) override;

    nn::LayerNorm& ln_1;
    nn::MultiheadAttention& self_attention;
    nn::Dropout& dropout;
    nn::LayerNorm& ln_2;
    MLPBlock& mlp;
};

/// Learned positions, the blocks, and a norm.
class Encoder final : public nn::Module {
  public:
    Encoder(const VisionTransformerOptions& options, Generator& generator);
    Tensor forward(const Tensor& x) override;

    Tensor& pos_embedding; ///< [1, patches + 1, hidden_size]
    nn::Dropout& dropout;
    nn::Sequential& layers;
    nn::LayerNorm& ln;
};

/// A transformer over the patches of an image, with a learned token before them whose result is classified
/// (Dosovitskiy et al. 2020); torchvision's names and first weights. [n, 3, image_size, image_size] to [n, classes].
/// Throws ValueError where the patches do not fill the image.
class VisionTransformer final : public nn::Module {
  public:
    explicit VisionTransformer(const VisionTransformerOptions& options = {},
                               Generator& generator = default_generator());
    /// Throws ValueError for images of another size.
    Tensor forward(const Tensor& images) override;

    Tensor& class_token; ///< [1, 1, hidden_size]
    nn::Conv2d& conv_proj;
    Encoder& encoder;
    nn::Sequential& heads;

  private:
    std::int64_t image_size_;
};

} // namespace hs::gallery
