#pragma once

#include "engine/nn/module.h"

#include <optional>
#include <string>

namespace hs::nn {

/// Rows of `weight` [num_embeddings, embedding_dim] by integer index; starts N(0, 1), the row padding_idx zero and
/// without gradient.
class Embedding final : public Module {
  public:
    /// As functional.h's EmbeddingOptions.
    struct Options {
        std::optional<std::int64_t> padding_idx = std::nullopt;
        std::optional<double> max_norm = std::nullopt;
        double norm_type = 2;
        bool scale_grad_by_freq = false;
        bool sparse = false;
    };
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
              std::optional<std::int64_t> padding_idx = std::nullopt, Generator& generator = default_generator())
        : Embedding(num_embeddings, embedding_dim, Options{.padding_idx = padding_idx}, generator) {}
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, Options options,
              Generator& generator = default_generator());
    Tensor forward(const Tensor& indices) override;
    std::string extra_repr() const override;

    Tensor& weight;

  private:
    std::int64_t num_embeddings_, embedding_dim_;
    Options options_;
};

/// Sums, means or maxima of bags of rows. Inputs: indices [bags, length], or of any length with the offsets at which
/// the bags begin; then, of mode "sum", per_sample_weights of the indices' shape, or undefined.
class EmbeddingBag final : public Module {
  public:
    struct Options {
        std::string mode = "mean"; ///< or "sum", "max"
        bool include_last_offset = false;
        std::optional<std::int64_t> padding_idx = std::nullopt;
        std::optional<double> max_norm = std::nullopt;
        double norm_type = 2;
        bool scale_grad_by_freq = false;
        bool sparse = false;
    };
    EmbeddingBag(std::int64_t num_embeddings, std::int64_t embedding_dim)
        : EmbeddingBag(num_embeddings, embedding_dim, Options{}) {}
    EmbeddingBag(std::int64_t num_embeddings, std::int64_t embedding_dim, Options options,
                 Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

    Tensor& weight;

  private:
    std::int64_t num_embeddings_, embedding_dim_;
    Options options_;
};

} // namespace hs::nn
