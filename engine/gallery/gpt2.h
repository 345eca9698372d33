#pragma once

#include "engine/nn/activation.h"
#include "engine/nn/container.h"
#include "engine/nn/dropout.h"
#include "engine/nn/embedding.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"

namespace hs::gallery {

/// The smallest of the four that were published unless told otherwise.
struct GPT2Options {
    std::int64_t vocabulary = 50257;
    std::int64_t positions = 1024; ///< the longest sequence
    std::int64_t width = 768;
    std::int64_t layers = 12;
    std::int64_t heads = 12;
    double dropout = 0.1; ///< of embeddings, attention weights, and what is added to the residual stream
};

/// A linear layer whose weight is [in, out]: y = x W + b.
class Conv1D final : public nn::Module {
  public:
    /// The weight starts normal with the standard deviation `std`, the bias at 0.
    Conv1D(std::int64_t out_features, std::int64_t in_features, double std, Generator& generator);
    Tensor forward(const Tensor& x) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  private:
    std::int64_t out_features_, in_features_;
};

/// Causal self-attention over [n, length, width].
class GPT2Attention final : public nn::Module {
  public:
    GPT2Attention(const GPT2Options& options, Generator& generator);
    Tensor forward(const Tensor& x) override;

    Conv1D& c_attn; ///< query, key and value in one
    Conv1D& c_proj;
    nn::Dropout& resid_dropout;

  private:
    std::int64_t heads_;
    double dropout_;
};

class GPT2MLP final : public nn::Module {
  public:
    GPT2MLP(const GPT2Options& options, Generator& generator);
    Tensor forward(const Tensor& x) override;

    Conv1D& c_fc;
    Conv1D& c_proj;
    nn::GELU& act;
    nn::Dropout& dropout;
};

/// Attention and an MLP, each behind a norm and with a way around it.
class GPT2Block final : public nn::Module {
  public:
    GPT2Block(const GPT2Options& options, Generator& generator);
    Tensor forward(const Tensor& x) override;

    nn::LayerNorm& ln_1;
    GPT2Attention& attn;
    nn::LayerNorm& ln_2;
    GPT2MLP& mlp;
};

/// Tokens [n, length] to hidden states [n, length, width]. Files of published weights often hold this part alone, and
/// masks `h.0.attn.bias` and so on, which are no parameters: load them into `transformer` with strict = false.
class GPT2Model final : public nn::Module {
  public:
    explicit GPT2Model(const GPT2Options& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& tokens) override;

    nn::Embedding& wte; ///< of tokens
    nn::Embedding& wpe; ///< of positions
    nn::Dropout& drop;
    nn::ModuleList& h;
    nn::LayerNorm& ln_f;
};

/// GPT-2 (Radford et al. 2019) under the names of Hugging Face's implementation, with the paper's first weights: int64
/// tokens [n, length] to logits [n, length, vocabulary]. `lm_head.weight` is `transformer.wte.weight`: one parameter
/// under two names, of which parameters() gives the first.
class GPT2LMHeadModel final : public nn::Module {
  public:
    explicit GPT2LMHeadModel(const GPT2Options& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& tokens) override { return lm_head(transformer(tokens)); }

    GPT2Model& transformer;
    nn::Child<nn::Linear> lm_head;
};

} // namespace hs::gallery
