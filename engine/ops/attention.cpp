#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/tensor/generator.h"

#include <cmath>
#include <limits>

namespace hs::ops {

extern const Op all_dim_op;

namespace {

struct Attention {
    Tensor output, weights;
};

/// What is added to the scores, or undefined: mask (bool: -inf where it is false), or the lower triangle.
Tensor bias_of(const Tensor& mask, bool is_causal, const Tensor& query, const Tensor& key) {
    constexpr double none = -std::numeric_limits<double>::infinity();
    Tensor allowed = mask;
    if (is_causal) {
        if (mask.defined()) throw Error("Explicit attn_mask should not be set when is_causal=True");
        allowed = tril(ones({query.size(-2), key.size(-2)}, {.dtype = Dtype::bool_}));
    }
    if (!allowed.defined() || allowed.dtype() != Dtype::bool_) return allowed;
    return masked_fill(zeros(allowed.shape(), query.options()), logical_not(allowed), none);
}

/// The softmax of the scores; zeros, not NaN, for queries whose keys are all masked (as PyTorch does since 2.5).
Tensor weights_of(const Tensor& scores, const Tensor& bias) {
    if (!bias.defined()) return softmax(scores, -1);
    const Tensor masked = call(all_dim_op, {eq(bias.detach(), -std::numeric_limits<double>::infinity()), -1, true});
    if (!any(masked).item<bool>()) return softmax(scores, -1);
    return masked_fill(softmax(masked_fill(scores, masked, 0), -1), masked, 0);
}

Attention attend(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& bias, double scale,
                 double dropout_p) {
    // Each factor gets the root of the scale, so that the scores of small dtypes do not overflow.
    const double root = std::sqrt(scale);
    Tensor scores = matmul(query * root, transpose(key, -2, -1) * root);
    if (bias.defined()) scores = scores + bias;
    const Tensor weights = dropout(weights_of(scores, bias), dropout_p, true, default_generator());
    return {matmul(weights, value), weights};
}

std::string type_name(const Tensor& x) {
    if (x.dtype() == Dtype::float64) return "double";
    return x.dtype() == Dtype::float32 ? "float" : std::string(name(x.dtype()));
}

void check(const Tensor& query, const Tensor& key, const Tensor& value) {
    if (query.dtype() != key.dtype() || query.dtype() != value.dtype())
        throw Error("Expected query, key, and value to have the same dtype, but got query.dtype: " + type_name(query) +
                    " key.dtype: " + type_name(key) + " and value.dtype: " + type_name(value) + " instead.");
    if (query.dim() < 2 || key.dim() < 2 || value.dim() < 2)
        throw Error("Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: " +
                    std::to_string(query.dim()) + ", key.dim: " + std::to_string(key.dim()) +
                    " and value.dim: " + std::to_string(value.dim()) + " instead.");
}

double default_scale(const Tensor& query) {
    return 1 / std::sqrt(static_cast<double>(query.size(-1)));
}

std::vector<Sample> attention_samples() {
    const Tensor q = uniform({2, 3, 2}), k = uniform({2, 4, 2}), v = uniform({2, 4, 3});
    return {{{q, k, v}}, {{q, k, v}, {{"is_causal", Scalar(true)}}}};
}

} // namespace

extern const Op scaled_dot_product_attention_op({
    .signature = "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float "
                 "dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> "
                 "Tensor",
    .summary = "Means of the values, weighted by how well each query fits each key; with enable_gqa a head of keys and "
               "values serves several of queries. Dropout draws from the default "
               "generator.",
    .forward = "y = softmax(query key^T / sqrt(width) + mask) value",
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const Tensor& query = a.tensor(0);
            Tensor key = a.tensor(1), value = a.tensor(2);
            check(query, key, value);
            if (a.boolean(7)) {
                if (query.dim() < 3 || query.size(-3) % key.size(-3) != 0 || query.size(-3) % value.size(-3) != 0)
                    throw Error("Number of heads in key and value must divide the number of heads in query");
                key = repeat_interleave(key, query.size(-3) / key.size(-3), -3);
                value = repeat_interleave(value, query.size(-3) / value.size(-3), -3);
            }
            const double scale = a.is_none(6) ? default_scale(query) : a.floating(6);
            const Tensor bias = bias_of(a.optional_tensor(3), a.boolean(5), query, key);
            return attend(query, key, value, bias, scale, a.floating(4)).output;
        },
    .composite = true,
    .samples =
        [] {
            std::vector<Sample> samples = attention_samples();
            samples[0].keywords = {{"attn_mask", uniform({3, 4})}, {"scale", Scalar(0.5)}};
            samples.push_back(samples[1]);
            samples[2].keywords = {{"attn_mask", gt(arange(0, 3), 0).view({3, 1})}};
            return samples;
        },
    .errors =
        [] {
            const Tensor x = uniform({2, 2});
            return std::vector<ErrorSample>{{{x, x, x, x},
                                             {{"is_causal", Scalar(true)}},
                                             "Explicit attn_mask should not be set when is_causal=True"}};
        },
});

extern const Op scaled_dot_product_attention_weights_op({
    .signature = "_scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float "
                 "dropout_p=0.0, bool need_attn_weights=False, bool is_causal=False) -> (Tensor, Tensor)",
    .summary = "scaled_dot_product_attention that gives the weights, too, whether they are asked for or not; the form "
               "of PyTorch 1.13.",
    .forward = "w = softmax(query key^T / sqrt(width) + mask), y = w value",
    .dtypes = {floating_dtypes},
    .compute_many =
        [](const Arguments& a) {
            const Tensor &query = a.tensor(0), &key = a.tensor(1), &value = a.tensor(2);
            check(query, key, value);
            const Tensor bias = bias_of(a.optional_tensor(3), a.boolean(6), query, key);
            Attention found = attend(query, key, value, bias, default_scale(query), a.floating(4));
            return Tensors{std::move(found.output), std::move(found.weights)};
        },
    .composite = true,
    .samples = attention_samples,
});

} // namespace hs::ops

namespace hs {

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& o) {
    return call(ops::scaled_dot_product_attention_op, {query, key, value, o.mask, o.dropout_p, o.is_causal, o.scale});
}

} // namespace hs
