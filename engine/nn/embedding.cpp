#include "engine/nn/embedding.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/init.h"
#include "engine/ops/functional.h"

namespace hs::nn {

Embedding::Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, std::optional<std::int64_t> padding_idx,
                     Generator& generator)
    : weight(register_parameter("weight", empty({num_embeddings, embedding_dim}))), padding_idx_(padding_idx) {
    if (padding_idx_) {
        if (*padding_idx_ < -num_embeddings || *padding_idx_ >= num_embeddings)
            throw ValueError("Padding_idx must be within num_embeddings");
        if (*padding_idx_ < 0) *padding_idx_ += num_embeddings;
    }
    init::normal_(weight, 0, 1, generator);
    if (!padding_idx_) return;
    const NoGrad scope;
    weight[*padding_idx_].zero_();
}

Tensor Embedding::forward(const Tensor& indices) {
    return embedding(indices, weight, padding_idx_);
}

std::string Embedding::extra_repr() const {
    std::string text = std::to_string(weight.size(0)) + ", " + std::to_string(weight.size(1));
    if (padding_idx_) text += ", padding_idx=" + std::to_string(*padding_idx_);
    return text;
}

} // namespace hs::nn
