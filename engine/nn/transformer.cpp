#include "engine/nn/transformer.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

namespace hs::nn {

namespace {

MultiheadAttention attention(std::int64_t d_model, std::int64_t nhead, const TransformerLayerOptions& options,
                             Generator& generator) {
    return {d_model,
            nhead,
            {.dropout = options.dropout.to_double(), .bias = options.bias, .batch_first = options.batch_first},
            generator};
}

LayerNorm norm_of(std::int64_t d_model, const TransformerLayerOptions& options) {
    return {Dims{d_model}, {.eps = options.layer_norm_eps, .bias = options.bias}};
}

const std::string& checked_activation(const std::string& name) {
    if (name != "relu" && name != "gelu") throw Error("activation should be relu/gelu, not " + name);
    return name;
}

/// The inputs, with what was not given undefined.
Tensors padded(const Module& module, const Tensors& inputs, std::size_t least, std::size_t most) {
    if (inputs.size() < least || inputs.size() > most)
        throw TypeError(module.type_name() + ".forward() takes from " + std::to_string(least) + " to " +
                        std::to_string(most) + " tensors but " + std::to_string(inputs.size()) + " were given");
    Tensors all = inputs;
    all.resize(most);
    return all;
}

/// linear2(dropout(activation(linear1(x))))
Tensor feed_forward(const Child<Linear>& linear1, const std::string& activation, const Child<Dropout>& dropout,
                    const Child<Linear>& linear2, const Tensor& x) {
    const Tensor hidden = linear1(x);
    return linear2(dropout(activation == "relu" ? relu(hidden) : gelu(hidden)));
}

/// x with what `part` makes of it added, normalised before or after.
template <class Part>
Tensor around(const Tensor& x, const Child<LayerNorm>& norm, const Child<Dropout>& dropout, bool norm_first,
              Part part) {
    if (norm_first) return x + dropout(part(norm(x)));
    return norm(x + dropout(part(x)));
}

} // namespace

TransformerEncoderLayer::TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead,
                                                 const TransformerLayerOptions& options, Generator& generator)
    : self_attn(add("self_attn", attention(d_model, nhead, options, generator))),
      linear1(add("linear1", Linear(d_model, options.dim_feedforward, {.bias = options.bias}, generator))),
      dropout(add("dropout", Dropout(options.dropout))),
      linear2(add("linear2", Linear(options.dim_feedforward, d_model, {.bias = options.bias}, generator))),
      norm1(add("norm1", norm_of(d_model, options))), norm2(add("norm2", norm_of(d_model, options))),
      dropout1(add("dropout1", Dropout(options.dropout))), dropout2(add("dropout2", Dropout(options.dropout))),
      activation_(checked_activation(options.activation)), norm_first_(options.norm_first) {}

Tensors TransformerEncoderLayer::forward_all(const Tensors& inputs) {
    const Tensors given = padded(*this, inputs, 1, 3);
    Tensor x = around(given[0], norm1, dropout1, norm_first_, [&](const Tensor& y) {
        return self_attn.call({y, y, y, given[2], given[1]})[0];
    });
    x = around(x, norm2, dropout2, norm_first_,
               [&](const Tensor& y) { return feed_forward(linear1, activation_, dropout, linear2, y); });
    return {x};
}

TransformerDecoderLayer::TransformerDecoderLayer(std::int64_t d_model, std::int64_t nhead,
                                                 const TransformerLayerOptions& options, Generator& generator)
    : self_attn(add("self_attn", attention(d_model, nhead, options, generator))),
      multihead_attn(add("multihead_attn", attention(d_model, nhead, options, generator))),
      linear1(add("linear1", Linear(d_model, options.dim_feedforward, {.bias = options.bias}, generator))),
      dropout(add("dropout", Dropout(options.dropout))),
      linear2(add("linear2", Linear(options.dim_feedforward, d_model, {.bias = options.bias}, generator))),
      norm1(add("norm1", norm_of(d_model, options))), norm2(add("norm2", norm_of(d_model, options))),
      norm3(add("norm3", norm_of(d_model, options))), dropout1(add("dropout1", Dropout(options.dropout))),
      dropout2(add("dropout2", Dropout(options.dropout))), dropout3(add("dropout3", Dropout(options.dropout))),
      activation_(checked_activation(options.activation)), norm_first_(options.norm_first) {}

Tensors TransformerDecoderLayer::forward_all(const Tensors& inputs) {
    const Tensors given = padded(*this, inputs, 2, 6);
    const Tensor& memory = given[1];
    Tensor x = around(given[0], norm1, dropout1, norm_first_, [&](const Tensor& y) {
        return self_attn.call({y, y, y, given[4], given[2]})[0];
    });
    x = around(x, norm2, dropout2, norm_first_, [&](const Tensor& y) {
        return multihead_attn.call({y, memory, memory, given[5], given[3]})[0];
    });
    x = around(x, norm3, dropout3, norm_first_,
               [&](const Tensor& y) { return feed_forward(linear1, activation_, dropout, linear2, y); });
    return {x};
}

TransformerEncoder::TransformerEncoder(std::int64_t d_model, std::int64_t nhead, std::int64_t num_layers,
                                       const TransformerLayerOptions& options, Generator& generator)
    : layers(add("layers", ModuleList())), norm(add("norm", norm_of(d_model, options))) {
    for (std::int64_t i = 0; i < num_layers; ++i)
        layers->append(TransformerEncoderLayer(d_model, nhead, options, generator));
}

Tensors TransformerEncoder::forward_all(const Tensors& inputs) {
    Tensors given = padded(*this, inputs, 1, 3);
    for (std::size_t i = 0; i < layers->size(); ++i)
        given[0] = (*layers)[i].call(given)[0];
    return {norm(given[0])};
}

TransformerDecoder::TransformerDecoder(std::int64_t d_model, std::int64_t nhead, std::int64_t num_layers,
                                       const TransformerLayerOptions& options, Generator& generator)
    : layers(add("layers", ModuleList())), norm(add("norm", norm_of(d_model, options))) {
    for (std::int64_t i = 0; i < num_layers; ++i)
        layers->append(TransformerDecoderLayer(d_model, nhead, options, generator));
}

Tensors TransformerDecoder::forward_all(const Tensors& inputs) {
    Tensors given = padded(*this, inputs, 2, 6);
    for (std::size_t i = 0; i < layers->size(); ++i)
        given[0] = (*layers)[i].call(given)[0];
    return {norm(given[0])};
}

Transformer::Transformer(const Options& options, Generator& generator)
    : encoder(add("encoder", TransformerEncoder(options.d_model, options.nhead, options.num_encoder_layers,
                                                options.layer, generator))),
      decoder(add("decoder", TransformerDecoder(options.d_model, options.nhead, options.num_decoder_layers,
                                                options.layer, generator))),
      d_model_(options.d_model), batch_first_(options.layer.batch_first) {
    for (Tensor& parameter : parameters())
        if (parameter.dim() > 1) init::xavier_uniform_(parameter, 1, generator);
}

Tensors Transformer::forward_all(const Tensors& inputs) {
    const Tensors given = padded(*this, inputs, 2, 8);
    const Tensor &src = given[0], &tgt = given[1];
    const std::int64_t batch = batch_first_ ? 0 : 1;
    if (src.dim() == 3 && tgt.dim() == 3 && src.size(batch) != tgt.size(batch))
        throw Error("the batch number of src and tgt must be equal");
    if (src.size(-1) != d_model_ || tgt.size(-1) != d_model_)
        throw Error("the feature number of src and tgt must be equal to d_model");
    const Tensor memory = encoder.call({given[0], given[2], given[5]})[0];
    return decoder.call({given[1], memory, given[3], given[4], given[6], given[7]});
}

} // namespace hs::nn
