#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// Rows of `weight` [num_embeddings, embedding_dim] by integer index; starts N(0, 1), the row padding_idx zero and
/// without gradient.
class Embedding final : public Module {
  public:
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
              std::optional<std::int64_t> padding_idx = std::nullopt, Generator& generator = default_generator());
    Tensor forward(const Tensor& indices) override;
    std::string extra_repr() const override;

    Tensor& weight;

  private:
    std::optional<std::int64_t> padding_idx_;
};

} // namespace hs::nn
