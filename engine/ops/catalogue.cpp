#include "engine/ops/op.h"

#include <algorithm>

// One line an operation.
// clang-format off
#define HS_CATALOGUE(X) \
    X(add) X(sub) X(rsub) X(mul) X(div) X(neg) X(reciprocal) \
    X(sum) X(sum_dim) \
    X(view) X(reshape) X(flatten) X(expand) X(transpose) X(t) X(unsqueeze) X(squeeze_dim) X(squeeze_dims) X(clone) X(to) \
    X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(logical_not) X(logical_and) X(logical_or) X(logical_xor) \
    X(bitwise_and) X(bitwise_or) X(bitwise_xor) X(isnan) X(isinf) X(isfinite) \
    X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) \
    X(sinh) X(cosh) X(erf) X(erfc) \
    X(pow) X(pow_tensor) X(pow_scalar) X(square) X(sqrt) X(rsqrt) X(hypot) X(atan2) X(logaddexp) X(xlogy) \
    X(floor) X(ceil) X(trunc) X(round) X(round_decimals) X(frac) X(sign) X(abs) X(remainder) \
    X(remainder_tensor) X(fmod) X(fmod_tensor) X(div_mode) X(floor_divide) X(copysign) \
    X(maximum) X(minimum) X(max) X(min) X(max_dim) X(min_dim) X(max_other) X(min_other) X(amax) X(amin) \
    X(argmax) X(argmin) \
    X(clamp) X(clamp_tensor) X(clamp_min) X(clamp_min_tensor) X(clamp_max) X(clamp_max_tensor) \
    X(mean) X(mean_dim) X(var) X(std) X(var_mean) X(std_mean) X(var_unbiased) X(var_dim) X(std_unbiased) \
    X(std_dim) X(var_mean_unbiased) X(var_mean_dim) X(std_mean_unbiased) X(std_mean_dim) \
    X(prod) X(prod_dim) X(cumsum) X(cumprod) \
    X(linalg_vector_norm) X(norm) X(norm_text) X(logsumexp) X(nansum) X(nanmean) X(count_nonzero) X(any) X(any_dim) X(all) \
    X(all_dim) \
    X(where) X(where_self) X(masked_fill) X(masked_fill_tensor) X(nonzero) X(masked_select) \
    X(gather) X(scatter) X(scatter_value) X(scatter_add) X(index_select) X(index_add) X(index_copy) \
    X(index_fill) X(index_fill_tensor) X(take) X(take_along_dim) \
    X(select) X(select_backward) X(slice) X(slice_backward) X(narrow) X(narrow_tensor) X(diagonal) \
    X(diagonal_backward) \
    X(index) X(index_put) X(getitem) \
    X(cat) X(stack) X(split) X(split_with_sizes) X(split_sizes) X(chunk) X(unbind) \
    X(permute) X(movedim) X(squeeze) X(repeat) X(tile) X(flip) X(roll) X(rot90) X(broadcast_to) X(expand_as) \
    X(view_as) X(ravel) X(unflatten) X(contiguous) \
    X(as_strided) X(unfold) \
    X(tril) X(triu) X(diag_embed) X(diag) X(trace) X(outer) \
    X(addcmul) X(addcdiv) X(lerp) X(lerp_tensor) X(zeros_like) X(ones_like) X(full_like) \
    X(hstack) X(vstack) X(tensor_split) X(tensor_split_indices) X(tensor_split_tensor) X(meshgrid) \
    X(meshgrid_variadic) X(repeat_interleave) X(repeat_interleave_tensor) \
    X(einsum) X(einsum_list) X(tensordot) X(tensordot_lists) X(kron) X(addr) X(addmv) X(addbmm) \
    X(sort) X(topk) X(kthvalue) X(median) X(median_dim) \
    X(linalg_det) X(linalg_slogdet) X(linalg_inv) X(linalg_solve) X(linalg_solve_primitive) X(linalg_cholesky) \
    X(linalg_svd) X(linalg_svd_primitive) X(linalg_svdvals) X(linalg_matrix_norm) X(linalg_matrix_norm_text) \
    X(linalg_norm) X(linalg_norm_text) \
    HS_NEURAL(X)
#define HS_NEURAL(X) \
    X(mm) X(addmm) X(bmm) X(baddbmm) X(mv) X(dot) X(matmul) X(linear) X(unsafe_view) X(unsafe_squeeze) \
    X(relu) X(threshold_backward) X(threshold) X(leaky_relu) X(hardtanh) X(relu6) X(hardsigmoid) X(hardswish) \
    X(hardshrink) X(softshrink) X(tanh) X(sigmoid) X(elu) X(celu) X(selu) X(silu) X(mish) X(gelu) X(softplus) \
    X(logsigmoid) X(softsign) X(tanhshrink) X(softmin) X(prelu) X(glu) \
    X(softmax) X(log_softmax) X(softmax_backward) X(log_softmax_backward) \
    X(nll_loss) X(nll_loss_forward) X(nll_loss2d_forward) X(nll_loss_backward) X(cross_entropy) \
    X(convolution) X(convolution_backward_input) X(convolution_backward_weight) X(conv2d) X(conv2d_padding) \
    X(conv1d) X(conv1d_padding) X(conv3d) X(conv3d_padding) X(conv_transpose1d) X(conv_transpose2d) \
    X(conv_transpose3d) X(im2col) X(col2im) X(unfold_windows) X(fold) X(constant_pad_nd) X(bilinear) \
    X(max_pool2d) X(max_pool2d_primitive) X(max_pool2d_backward) X(avg_pool2d) X(avg_pool2d_backward) \
    X(adaptive_avg_pool2d) X(adaptive_avg_pool2d_primitive) X(adaptive_avg_pool2d_backward) \
    X(adaptive_max_pool2d) X(adaptive_max_pool2d_primitive) X(adaptive_avg_pool1d) X(adaptive_max_pool1d) \
    X(max_pool1d) X(avg_pool1d) X(max_pool3d) X(max_pool3d_primitive) X(avg_pool3d) X(avg_pool3d_backward) \
    X(adaptive_avg_pool3d) X(adaptive_avg_pool3d_primitive) X(adaptive_avg_pool3d_backward) X(adaptive_max_pool3d) \
    X(adaptive_max_pool3d_primitive) X(pad) X(pixel_shuffle) X(pixel_unshuffle) \
    X(upsample_nearest1d) X(upsample_nearest2d) X(upsample_nearest3d) X(upsample_nearest_exact1d) \
    X(upsample_nearest_exact2d) X(upsample_nearest_exact3d) X(upsample_linear1d) X(upsample_bilinear2d) \
    X(upsample_trilinear3d) X(upsample_bicubic2d) X(upsample_bilinear2d_aa) X(upsample_bicubic2d_aa) \
    X(upsample_backward) X(interpolate) X(upsample_nearest) X(upsample_bilinear) \
    X(native_batch_norm) X(batch_norm) X(native_layer_norm) X(layer_norm) X(rms_norm) X(native_group_norm) X(group_norm) \
    X(instance_norm) X(local_response_norm) \
    X(embedding) X(embedding_dense_backward) X(one_hot) X(embedding_bag) X(embedding_bag_primitive) \
    X(ctc_loss) X(ctc_loss_lists) X(ctc_loss_primitive) X(ctc_loss_backward) X(max_unpool_primitive) \
    X(max_unpool1d) X(max_unpool2d) X(max_unpool3d) X(fractional_max_pool_primitive) X(fractional_max_pool2d) \
    X(fractional_max_pool3d) \
    X(scaled_dot_product_attention) X(scaled_dot_product_attention_weights) \
    X(grid_sampler_2d) X(grid_sampler_3d) X(grid_sample) X(affine_grid) \
    X(mse_loss) X(mse_loss_primitive) X(l1_loss) X(smooth_l1_loss) X(smooth_l1_loss_primitive) X(huber_loss) \
    X(huber_loss_primitive) X(binary_cross_entropy) X(binary_cross_entropy_primitive) \
    X(binary_cross_entropy_with_logits) X(binary_cross_entropy_with_logits_primitive) X(kl_div) \
    X(margin_ranking_loss) X(hinge_embedding_loss) X(soft_margin_loss) X(poisson_nll_loss) X(gaussian_nll_loss) \
    X(cosine_embedding_loss) X(triplet_margin_loss) X(multi_margin_loss) \
    X(multilabel_margin_loss) X(multilabel_soft_margin_loss) X(cdist) X(dist) X(cosine_similarity) X(pairwise_distance) \
    X(normalize)
// clang-format on

namespace hs {

namespace ops {
#define HS_DECLARE(name) extern const Op name##_op;
HS_CATALOGUE(HS_DECLARE)
#undef HS_DECLARE
} // namespace ops

std::span<const Op* const> catalogue() {
    static const std::vector<const Op*> all = [] {
        std::vector<const Op*> list{
#define HS_LIST(name) &ops::name##_op,
            HS_CATALOGUE(HS_LIST)
#undef HS_LIST
        };
        std::ranges::stable_sort(list, {}, [](const Op* op) -> const std::string& { return op->name(); });
        return list;
    }();
    return all;
}

namespace {

bool has_alias(const Op& op, std::string_view name) {
    std::string_view rest = op.declaration().aliases;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (rest.substr(0, comma) == name) return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

} // namespace

std::vector<const Op*> find_ops(std::string_view name) {
    std::vector<const Op*> found;
    for (const Op* op : catalogue())
        if (op->name() == name || has_alias(*op, name)) found.push_back(op);
    return found;
}

Tensors call_by_name(std::string_view name, const std::vector<Argument>& positional,
                     const std::map<std::string, Argument>& keywords) {
    const std::vector<const Op*> overloads = find_ops(name);
    if (overloads.empty()) throw TypeError("there is no operation '" + std::string(name) + "'");
    std::string reasons;
    for (const Op* op : overloads) {
        std::vector<Argument> bound;
        try {
            bound = op->schema().bind(positional, keywords);
        } catch (const TypeError& error) {
            reasons += std::string("\n  ") + op->declaration().signature + ": " + error.what();
            continue;
        }
        std::vector<ArgumentRef> references;
        references.reserve(bound.size());
        for (const Argument& argument : bound)
            references.push_back(argument.ref());
        return call_many(*op, references);
    }
    throw TypeError("no form of '" + std::string(name) + "' takes these arguments:" + reasons);
}

} // namespace hs
