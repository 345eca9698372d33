#include "engine/nn/embedding.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/init.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

namespace {

/// What extra_repr shows of the options that embeddings and bags share.
template <class Options>
std::string shared_repr(const Options& options) {
    std::string text;
    if (options.padding_idx) text += ", padding_idx=" + std::to_string(*options.padding_idx);
    if (options.max_norm) text += ", max_norm=" + float_text(*options.max_norm);
    if (options.norm_type != 2) text += ", norm_type=" + float_text(options.norm_type);
    if (options.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
    if (options.sparse) text += ", sparse=True";
    return text;
}

/// Normal numbers, and zeros in the row padding_idx, which counts from the end where it is negative.
void fill_rows(const Tensor& weight, std::optional<std::int64_t>& padding_idx, Generator& generator) {
    const std::int64_t rows = weight.size(0);
    if (padding_idx) {
        if (*padding_idx < -rows || *padding_idx >= rows) throw ValueError("Padding_idx must be within num_embeddings");
        if (*padding_idx < 0) *padding_idx += rows;
    }
    init::normal_(weight, 0, 1, generator);
    if (!padding_idx) return;
    const NoGrad scope;
    weight[*padding_idx].zero_();
}

} // namespace

Embedding::Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, Options options, Generator& generator)
    : weight(add_parameter("weight", empty({num_embeddings, embedding_dim}))), num_embeddings_(num_embeddings),
      embedding_dim_(embedding_dim), options_(options) {
    fill_rows(weight, options_.padding_idx, generator);
}

Tensor Embedding::forward(const Tensor& indices) {
    return embedding(indices, weight, options_.padding_idx,
                     {.max_norm = options_.max_norm,
                      .norm_type = options_.norm_type,
                      .scale_grad_by_freq = options_.scale_grad_by_freq,
                      .sparse = options_.sparse});
}

std::string Embedding::extra_repr() const {
    return std::to_string(num_embeddings_) + ", " + std::to_string(embedding_dim_) + shared_repr(options_);
}

EmbeddingBag::EmbeddingBag(std::int64_t num_embeddings, std::int64_t embedding_dim, Options options,
                           Generator& generator)
    : weight(add_parameter("weight", empty({num_embeddings, embedding_dim}))), num_embeddings_(num_embeddings),
      embedding_dim_(embedding_dim), options_(std::move(options)) {
    fill_rows(weight, options_.padding_idx, generator);
}

Tensors EmbeddingBag::forward_all(const Tensors& inputs) {
    if (inputs.empty() || inputs.size() > 3)
        throw TypeError("EmbeddingBag.forward() takes from 1 to 3 tensors but " + std::to_string(inputs.size()) +
                        " were given");
    return {embedding_bag(inputs[0], weight,
                          {.offsets = inputs.size() > 1 ? inputs[1] : Tensor(),
                           .mode = options_.mode,
                           .per_sample_weights = inputs.size() > 2 ? inputs[2] : Tensor(),
                           .include_last_offset = options_.include_last_offset,
                           .padding_idx = options_.padding_idx,
                           .max_norm = options_.max_norm,
                           .norm_type = options_.norm_type,
                           .scale_grad_by_freq = options_.scale_grad_by_freq,
                           .sparse = options_.sparse})};
}

std::string EmbeddingBag::extra_repr() const {
    std::string text =
        std::to_string(num_embeddings_) + ", " + std::to_string(embedding_dim_) + ", mode=" + options_.mode;
    if (options_.padding_idx) text += ", padding_idx=" + std::to_string(*options_.padding_idx);
    return text;
}

} // namespace hs::nn
