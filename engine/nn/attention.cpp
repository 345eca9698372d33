#include "engine/nn/attention.h"

#include "engine/nn/init.h"
#include "engine/nn/sizes.h"
#include "engine/ops/functional.h"

#include <cmath>
#include <limits>

namespace hs::nn {

namespace {

bool is_wide(std::int64_t embed_dim, const MultiheadAttention::Options& options) {
    return options.kdim.value_or(embed_dim) != embed_dim || options.vdim.value_or(embed_dim) != embed_dim;
}

/// A mask as numbers to add: -Inf at what a bool mask hides.
Tensor to_addend(const Tensor& mask, Dtype dtype) {
    if (!mask.defined() || mask.dtype() != Dtype::bool_) return mask;
    return masked_fill(zeros(mask.shape(), {.dtype = dtype}), mask, Scalar(-std::numeric_limits<double>::infinity()));
}

/// One more key that everybody may look at.
Tensor with_another_key(const Tensor& mask) {
    return mask.defined() ? constant_pad_nd(mask, {0, 1}) : mask;
}

/// [length, n, width] as [n * heads, length, width / heads].
Tensor by_head(const Tensor& x, std::int64_t heads) {
    const Shape& shape = x.shape();
    return transpose(reshape(x, {shape[0], shape[1] * heads, shape[2] / heads}), 0, 1);
}

} // namespace

MultiheadAttention::MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads, Options options,
                                       Generator& generator)
    : q_proj_weight(
          add_parameter("q_proj_weight", is_wide(embed_dim, options) ? empty({embed_dim, embed_dim}) : Tensor())),
      k_proj_weight(add_parameter("k_proj_weight", is_wide(embed_dim, options)
                                                       ? empty({embed_dim, options.kdim.value_or(embed_dim)})
                                                       : Tensor())),
      v_proj_weight(add_parameter("v_proj_weight", is_wide(embed_dim, options)
                                                       ? empty({embed_dim, options.vdim.value_or(embed_dim)})
                                                       : Tensor())),
      in_proj_weight(
          add_parameter("in_proj_weight", is_wide(embed_dim, options) ? Tensor() : empty({3 * embed_dim, embed_dim}))),
      in_proj_bias(add_parameter("in_proj_bias", options.bias ? zeros({3 * embed_dim}) : Tensor())),
      out_proj(add("out_proj", NonDynamicallyQuantizableLinear(embed_dim, embed_dim,
                                                               Linear::Options{.bias = options.bias}, generator))),
      bias_k(add_parameter("bias_k", options.add_bias_kv ? empty({1, 1, embed_dim}) : Tensor())),
      bias_v(add_parameter("bias_v", options.add_bias_kv ? empty({1, 1, embed_dim}) : Tensor())), embed_dim_(embed_dim),
      num_heads_(num_heads), options_(options) {
    if (embed_dim <= 0 || num_heads <= 0)
        throw ValueError("embed_dim and num_heads must be greater than 0, got embed_dim=" + std::to_string(embed_dim) +
                         " and num_heads=" + std::to_string(num_heads) + " instead");
    if (embed_dim % num_heads != 0) throw Error("embed_dim must be divisible by num_heads");
    for (Tensor* weight : {&in_proj_weight, &q_proj_weight, &k_proj_weight, &v_proj_weight})
        if (weight->defined()) init::xavier_uniform_(*weight, 1, generator);
    if (out_proj->bias.defined()) init::constant_(out_proj->bias, 0);
    for (Tensor* bias : {&bias_k, &bias_v})
        if (bias->defined()) init::xavier_normal_(*bias, 1, generator);
}

MultiheadAttention::Projected MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                          const Tensor& value) const {
    const Tensors biases = in_proj_bias.defined() ? chunk(in_proj_bias, 3, 0) : Tensors(3);
    if (!in_proj_weight.defined())
        return {linear(query, q_proj_weight, biases[0]), linear(key, k_proj_weight, biases[1]),
                linear(value, v_proj_weight, biases[2])};
    const Tensors weights = chunk(in_proj_weight, 3, 0);
    return {linear(query, weights[0], biases[0]), linear(key, weights[1], biases[1]),
            linear(value, weights[2], biases[2])};
}

/// PyTorch's checks, of ranks first.
void MultiheadAttention::check(const Tensors& inputs) const {
    const Tensor &query = inputs[0], &key = inputs[1], &value = inputs[2];
    const Tensor padding = inputs.size() > 3 ? inputs[3] : Tensor(), mask = inputs.size() > 4 ? inputs[4] : Tensor();
    const std::int64_t rank = query.dim();
    if (rank != 2 && rank != 3)
        throw Error("query should be unbatched 2D or batched 3D tensor but received " + std::to_string(rank) +
                    "-D query tensor");
    const std::string start =
        rank == 3 ? "For batched (3-D) `query`, expected " : "For unbatched (2-D) `query`, expected ";
    const auto text = [](std::int64_t number) { return std::to_string(number) + "-D"; };
    if (key.dim() != rank || value.dim() != rank)
        throw Error(start + "`key` and `value` to be " + text(rank) + " but found " + text(key.dim()) + " and " +
                    text(value.dim()) + " tensors respectively");
    if (padding.defined() && padding.dim() != rank - 1)
        throw Error(start + "`key_padding_mask` to be `None` or " + text(rank - 1) + " but found " +
                    text(padding.dim()) + " tensor instead");
    if (mask.defined() && mask.dim() != 2 && mask.dim() != 3)
        throw Error(start + "`attn_mask` to be `None`, 2-D or 3-D but found " + text(mask.dim()) + " tensor instead");
    const auto check_mask = [](const Tensor& given, const std::string& name) {
        if (given.defined() && given.dtype() != Dtype::bool_ && !is_floating_point(given.dtype()))
            throw Error("only bool and floating types of " + name + " are supported");
    };
    check_mask(padding, "key_padding_mask");
    check_mask(mask, "attn_mask");
    const auto size = [](const Tensor& tensor) { return "torch.Size(" + hs::to_string(tensor.shape()) + ")"; };
    if (query.size(-1) != embed_dim_)
        throw Error("was expecting embedding dimension of " + std::to_string(embed_dim_) + ", but got " +
                    std::to_string(query.size(-1)));
    if (in_proj_weight.defined() && key.shape() != value.shape())
        throw Error("key shape " + size(key) + " does not match value shape " + size(value));
    const auto leading = [](const Tensor& tensor) {
        Shape shape = tensor.shape();
        shape.erase(shape.size() - 1);
        return "torch.Size(" + hs::to_string(shape) + ")";
    };
    if (leading(key) != leading(value))
        throw Error("key's sequence and batch dims " + leading(key) + " do not match value's " + leading(value));
    const std::size_t length = rank == 3 && options_.batch_first ? 1 : 0;
    const std::int64_t n = rank == 3 ? query.shape()[1 - length] : 1;
    const std::int64_t queries = query.shape()[length], keys = key.shape()[length];
    const Shape of_mask =
        mask.defined() && mask.dim() == 3 ? Shape{n * num_heads_, queries, keys} : Shape{queries, keys};
    if (mask.defined() && mask.shape() != of_mask)
        throw Error("The shape of the " + std::to_string(mask.dim()) + "D attn_mask is " + size(mask) +
                    ", but should be " + tuple_text(of_mask) + ".");
    if (padding.defined() && padding.shape() != (rank == 3 ? Shape{n, keys} : Shape{keys}))
        throw Error("expecting key_padding_mask shape of " + tuple_text(Shape{n, keys}) + ", but got " + size(padding));
}

Tensors MultiheadAttention::forward_all(const Tensors& inputs) {
    if (inputs.size() < 3 || inputs.size() > 5)
        throw TypeError("MultiheadAttention.forward() takes from 3 to 5 tensors but " + std::to_string(inputs.size()) +
                        " were given");
    check(inputs);
    const bool batched = inputs[0].dim() == 3;
    const auto sequence_first = [&](const Tensor& x) {
        return !batched ? unsqueeze(x, 1) : options_.batch_first ? transpose(x, 0, 1) : x;
    };
    auto [query, key, value] = project(sequence_first(inputs[0]), sequence_first(inputs[1]), sequence_first(inputs[2]));
    const std::int64_t length = query.shape()[0], n = query.shape()[1];
    Tensor padding = to_addend(inputs.size() > 3 ? inputs[3] : Tensor(), query.dtype());
    Tensor mask = to_addend(inputs.size() > 4 ? inputs[4] : Tensor(), query.dtype());
    if (padding.defined() && !batched) padding = unsqueeze(padding, 0);
    if (bias_k.defined()) {
        key = cat({key, expand(bias_k, {1, n, embed_dim_})}, 0);
        value = cat({value, expand(bias_v, {1, n, embed_dim_})}, 0);
        padding = with_another_key(padding);
        mask = with_another_key(mask);
    }
    query = by_head(query, num_heads_);
    key = by_head(key, num_heads_);
    value = by_head(value, num_heads_);
    if (options_.add_zero_attn) {
        const Tensor nothing = zeros({key.shape()[0], 1, key.shape()[2]}, key.options());
        key = cat({key, nothing}, 1);
        value = cat({value, nothing}, 1);
        padding = with_another_key(padding);
        mask = with_another_key(mask);
    }
    const std::int64_t keys = key.shape()[1];
    Tensor scores = matmul(query * (1 / std::sqrt(static_cast<double>(embed_dim_ / num_heads_))), transpose(key, 1, 2));
    if (mask.defined()) scores = scores + mask;
    if (padding.defined())
        scores = scores + reshape(expand(reshape(padding, {n, 1, 1, keys}), {n, num_heads_, 1, keys}),
                                  {n * num_heads_, 1, keys});
    Tensor weights = softmax(scores, -1);
    if (options_.dropout > 0) weights = dropout(weights, options_.dropout, is_training(), default_generator());
    const Tensor joined = reshape(transpose(matmul(weights, value), 0, 1), {length * n, embed_dim_});
    Tensor output = reshape(out_proj(joined), {length, n, embed_dim_});
    Tensor average = mean(reshape(weights, {n, num_heads_, length, keys}), Dims{1});
    if (!batched) return {squeeze(output, 1), squeeze(average, 0)};
    return {options_.batch_first ? transpose(output, 0, 1) : output, average};
}

} // namespace hs::nn
