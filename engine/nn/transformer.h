#pragma once

#include "engine/nn/attention.h"
#include "engine/nn/container.h"
#include "engine/nn/dropout.h"
#include "engine/nn/layer_norm.h"

#include <string>

namespace hs::nn {

struct TransformerLayerOptions {
    std::int64_t dim_feedforward = 2048;
    Scalar dropout = 0.1;
    std::string activation = "relu"; ///< or "gelu"
    double layer_norm_eps = 1e-5;
    bool batch_first = false;
    bool norm_first = false; ///< normalises what goes into a part instead of what comes out of it
    bool bias = true;        ///< of the linear layers and the norms
};

/// Self-attention and two linear layers, each with a way around it (Vaswani et al. 2017).
///
/// Inputs: src; then, undefined where there is none, src_mask and src_key_padding_mask.
class TransformerEncoderLayer final : public Module {
  public:
    TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead)
        : TransformerEncoderLayer(d_model, nhead, TransformerLayerOptions{}) {}
    TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead, const TransformerLayerOptions& options,
                            Generator& generator = default_generator());

    Tensors forward_all(const Tensors& inputs) override;

    Child<MultiheadAttention> self_attn;
    Child<Linear> linear1;
    Child<Dropout> dropout;
    Child<Linear> linear2;
    Child<LayerNorm> norm1;
    Child<LayerNorm> norm2;
    Child<Dropout> dropout1;
    Child<Dropout> dropout2;

  private:
    std::string activation_;
    bool norm_first_;
};

/// The same with attention to the encoder's result between the two.
///
/// Inputs: tgt, memory; then, undefined where there is none, tgt_mask, memory_mask, tgt_key_padding_mask and
/// memory_key_padding_mask.
class TransformerDecoderLayer final : public Module {
  public:
    TransformerDecoderLayer(std::int64_t d_model, std::int64_t nhead)
        : TransformerDecoderLayer(d_model, nhead, TransformerLayerOptions{}) {}
    TransformerDecoderLayer(std::int64_t d_model, std::int64_t nhead, const TransformerLayerOptions& options,
                            Generator& generator = default_generator());

    Tensors forward_all(const Tensors& inputs) override;

    Child<MultiheadAttention> self_attn;
    Child<MultiheadAttention> multihead_attn;
    Child<Linear> linear1;
    Child<Dropout> dropout;
    Child<Linear> linear2;
    Child<LayerNorm> norm1;
    Child<LayerNorm> norm2;
    Child<LayerNorm> norm3;
    Child<Dropout> dropout1;
    Child<Dropout> dropout2;
    Child<Dropout> dropout3;

  private:
    std::string activation_;
    bool norm_first_;
};

/// Encoder layers one after the other, and a norm behind them. Inputs as one layer's.
class TransformerEncoder final : public Module {
  public:
    TransformerEncoder(std::int64_t d_model, std::int64_t nhead, std::int64_t num_layers,
                       const TransformerLayerOptions& options, Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;

    Child<ModuleList> layers;
    Child<LayerNorm> norm;
};

/// The same of decoder layers.
class TransformerDecoder final : public Module {
  public:
    TransformerDecoder(std::int64_t d_model, std::int64_t nhead, std::int64_t num_layers,
                       const TransformerLayerOptions& options, Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;

    Child<ModuleList> layers;
    Child<LayerNorm> norm;
};

/// Encoder and decoder. Inputs: src, tgt; then, undefined where there is none, src_mask, tgt_mask, memory_mask,
/// src_key_padding_mask, tgt_key_padding_mask and memory_key_padding_mask.
class Transformer final : public Module {
  public:
    struct Options {
        std::int64_t d_model = 512;
        std::int64_t nhead = 8;
        std::int64_t num_encoder_layers = 6;
        std::int64_t num_decoder_layers = 6;
        TransformerLayerOptions layer = {};
    };
    explicit Transformer(const Options& options, Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;

    Child<TransformerEncoder> encoder;
    Child<TransformerDecoder> decoder;

  private:
    std::int64_t d_model_;
    bool batch_first_;
};

} // namespace hs::nn
