#include "engine/gallery/gpt2.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

#include <cmath>

namespace hs::gallery {

namespace {

constexpr double weight_std = 0.02;

/// Of the layers that add to the residual stream, so that its variance does not grow with their number.
double residual_std(const GPT2Options& options) {
    return weight_std / std::sqrt(2.0 * static_cast<double>(options.layers));
}

Tensor normal(const Shape& shape, double std, Generator& generator) {
    const Tensor tensor = empty(shape);
    nn::init::normal_(tensor, 0, std, generator);
    return tensor;
}

nn::ModuleList blocks(const GPT2Options& options, Generator& generator) {
    nn::ModuleList list;
    for (std::int64_t i = 0; i < options.layers; ++i)
        list.append(GPT2Block(options, generator));
    return list;
}

} // namespace

Conv1D::Conv1D(std::int64_t out_features, std::int64_t in_features, double std, Generator& generator)
    : weight(add_parameter("weight", normal({in_features, out_features}, std, generator))),
      bias(add_parameter("bias", zeros({out_features}))), out_features_(out_features), in_features_(in_features) {}

Tensor Conv1D::forward(const Tensor& x) {
    if (x.dim() == 0) throw IndexError("Dimension specified as -1 but tensor has no dimensions");
    Shape shape = x.shape();
    shape[shape.size() - 1] = out_features_;
    return addmm(bias, reshape(x, {-1, in_features_}), weight).view(shape);
}

std::string Conv1D::extra_repr() const {
    return "nf=" + std::to_string(out_features_) + ", nx=" + std::to_string(in_features_);
}

GPT2Attention::GPT2Attention(const GPT2Options& options, Generator& generator)
    : c_attn(add("c_attn", Conv1D(3 * options.width, options.width, weight_std, generator))),
      c_proj(add("c_proj", Conv1D(options.width, options.width, residual_std(options), generator))),
      resid_dropout(add("resid_dropout", nn::Dropout(options.dropout))), heads_(options.heads),
      dropout_(options.dropout) {
    if (options.heads <= 0 || options.width % options.heads != 0)
        throw ValueError("a width of " + std::to_string(options.width) + " cannot be shared by " +
                         std::to_string(options.heads) + " heads");
}

Tensor GPT2Attention::forward(const Tensor& x) {
    const std::int64_t n = x.size(0), length = x.size(1), width = x.size(2);
    const Tensors parts = split(c_attn(x), width, 2);
    const auto by_head = [&](const Tensor& part) {
        return transpose(part.view({n, length, heads_, width / heads_}), 1, 2);
    };
    const Tensor attended =
        scaled_dot_product_attention(by_head(parts[0]), by_head(parts[1]), by_head(parts[2]),
                                     {.dropout_p = is_training() ? dropout_ : 0, .is_causal = true});
    return resid_dropout(c_proj(reshape(transpose(attended, 1, 2), {n, length, width})));
}

GPT2MLP::GPT2MLP(const GPT2Options& options, Generator& generator)
    : c_fc(add("c_fc", Conv1D(4 * options.width, options.width, weight_std, generator))),
      c_proj(add("c_proj", Conv1D(options.width, 4 * options.width, residual_std(options), generator))),
      act(add("act", nn::GELU("tanh"))), dropout(add("dropout", nn::Dropout(options.dropout))) {}

Tensor GPT2MLP::forward(const Tensor& x) {
    return dropout(c_proj(act(c_fc(x))));
}

GPT2Block::GPT2Block(const GPT2Options& options, Generator& generator)
    : ln_1(add("ln_1", nn::LayerNorm(options.width))), attn(add("attn", GPT2Attention(options, generator))),
      ln_2(add("ln_2", nn::LayerNorm(options.width))), mlp(add("mlp", GPT2MLP(options, generator))) {}

Tensor GPT2Block::forward(const Tensor& x) {
    const Tensor attended = attn(ln_1(x)) + x;
    return attended + mlp(ln_2(attended));
}

GPT2Model::GPT2Model(const GPT2Options& options, Generator& generator)
    : wte(add("wte", nn::Embedding(options.vocabulary, options.width, std::nullopt, generator))),
      wpe(add("wpe", nn::Embedding(options.positions, options.width, std::nullopt, generator))),
      drop(add("drop", nn::Dropout(options.dropout))), h(add("h", blocks(options, generator))),
      ln_f(add("ln_f", nn::LayerNorm(options.width))) {
    nn::init::normal_(wte.weight, 0, weight_std, generator);
    nn::init::normal_(wpe.weight, 0, weight_std, generator);
}

Tensor GPT2Model::forward(const Tensor& tokens) {
    Tensor x = drop(wte(tokens) + wpe(arange(0, tokens.size(-1))));
    for (std::size_t i = 0; i < h.size(); ++i)
        x = h[i](x);
    return ln_f(x);
}

GPT2LMHeadModel::GPT2LMHeadModel(const GPT2Options& options, Generator& generator)
    : transformer(add("transformer", GPT2Model(options, generator))),
      lm_head(add("lm_head", nn::Linear(options.width, options.vocabulary, {.bias = false}, generator))) {
    lm_head->register_parameter("weight", transformer.wte.weight);
}

} // namespace hs::gallery
