#pragma once

#include "engine/nn/linear.h"

#include <optional>

namespace hs::nn {

/// The output layer of MultiheadAttention, under the name that PyTorch prints for it.
class NonDynamicallyQuantizableLinear final : public Linear {
  public:
    using Linear::Linear;
};

/// Attention in `num_heads` parts of the width: each part attends by itself, and a linear layer joins them.
///
/// Inputs: query [length, n, embed_dim], key [keys, n, kdim], value [keys, n, vdim] (or without n; with `batch_first` n
/// comes first); then, undefined where there is none, key_padding_mask [n, keys] and attn_mask [length, keys] or
/// [n * num_heads, length, keys]. A bool mask is true at what must not be looked at; one of numbers is added to the
/// scores. Outputs: the result, shaped as query, and the weights [n, length, keys], averaged over the heads.
class MultiheadAttention final : public Module {
  public:
    struct Options {
        double dropout = 0; ///< of the weights, in training
        bool bias = true;
        bool add_bias_kv = false;                        ///< adds a learned key and value
        bool add_zero_attn = false;                      ///< adds a key and value of zeros
        std::optional<std::int64_t> kdim = std::nullopt; ///< embed_dim unless given
        std::optional<std::int64_t> vdim = std::nullopt;
        bool batch_first = false;
    };
    MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads)
        : MultiheadAttention(embed_dim, num_heads, Options{}) {}
    MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads, Options options,
                       Generator& generator = default_generator());

    Tensors forward_all(const Tensors& inputs) override;

    Tensor& q_proj_weight; ///< these three only where key or value have another width
    Tensor& k_proj_weight;
    Tensor& v_proj_weight;
    Tensor& in_proj_weight; ///< else the three in one: [3 * embed_dim, embed_dim]
    Tensor& in_proj_bias;
    Child<NonDynamicallyQuantizableLinear> out_proj;
    Tensor& bias_k;
    Tensor& bias_v;

  private:
    struct Projected {
        Tensor query, key, value; ///< [length, n, embed_dim]
    };
    void check(const Tensors& inputs) const;
    Projected project(const Tensor& query, const Tensor& key, const Tensor& value) const;

    std::int64_t embed_dim_, num_heads_;
    Options options_;
};

} // namespace hs::nn
