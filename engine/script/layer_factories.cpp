#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/distance.h"
#include "engine/nn/dropout.h"
#include "engine/nn/embedding.h"
#include "engine/nn/flatten.h"
#include "engine/nn/group_norm.h"
#include "engine/nn/instance_norm.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"
#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

using Made = std::unique_ptr<nn::Module>;
using Reader = ConstructorReader;

template <class M, std::size_t N>
Made convolution(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(2, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(3, "stride").value_or(1);
    const Argument* padding = r.find(4, "padding");
    if (padding && padding->ref().kind() == ArgumentRef::Kind::text)
        options.padding = padding->ref().text() == "same" ? nn::Padding<N>("same") : nn::Padding<N>("valid");
    else
        options.padding = r.sizes<N>(4, "padding").value_or(0);
    options.dilation = r.sizes<N>(5, "dilation").value_or(1);
    options.groups = r.integer(6, "groups", 1);
    options.bias = r.boolean(7, "bias", true);
    const std::string mode = r.text(8, "padding_mode", "zeros");
    options.padding_mode = mode;
    return std::make_unique<M>(r.integer(0, "in_channels"), r.integer(1, "out_channels"), options);
}

template <class M, std::size_t N>
Made transposed_convolution(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(2, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(3, "stride").value_or(1);
    options.padding = r.sizes<N>(4, "padding").value_or(0);
    options.output_padding = r.sizes<N>(5, "output_padding").value_or(0);
    options.groups = r.integer(6, "groups", 1);
    options.bias = r.boolean(7, "bias", true);
    options.dilation = r.sizes<N>(8, "dilation").value_or(1);
    return std::make_unique<M>(r.integer(0, "in_channels"), r.integer(1, "out_channels"), options);
}

template <class M>
Made running_norm(Reader& r) {
    typename M::Options options;
    options.eps = r.floating(1, "eps", options.eps);
    if (const Argument* momentum = r.find(2, "momentum"))
        options.momentum = momentum->ref().is_none() ? std::nullopt : std::optional(momentum->ref().floating());
    options.affine = r.boolean(3, "affine", options.affine);
    options.track_running_stats = r.boolean(4, "track_running_stats", options.track_running_stats);
    return std::make_unique<M>(r.integer(0, "num_features"), options);
}

Made layer_norm(Reader& r) {
    nn::LayerNorm::Options options;
    options.eps = r.floating(1, "eps", options.eps);
    options.elementwise_affine = r.boolean(2, "elementwise_affine", true);
    options.bias = r.boolean(3, "bias", true);
    return std::make_unique<nn::LayerNorm>(r.dims(0, "normalized_shape"), options);
}

template <class M>
Made dropout(Reader& r) {
    return std::make_unique<M>(r.number(0, "p", 0.5), r.boolean(1, "inplace", false));
}

Made embedding_bag(Reader& r) {
    nn::EmbeddingBag::Options options;
    options.max_norm = r.optional_floating(2, "max_norm");
    options.norm_type = r.floating(3, "norm_type", options.norm_type);
    options.scale_grad_by_freq = r.boolean(4, "scale_grad_by_freq", false);
    options.mode = r.text(5, "mode", options.mode);
    options.sparse = r.boolean(6, "sparse", false);
    options.include_last_offset = r.boolean(8, "include_last_offset", false);
    options.padding_idx = r.optional_integer(9, "padding_idx");
    return std::make_unique<nn::EmbeddingBag>(r.integer(0, "num_embeddings"), r.integer(1, "embedding_dim"), options);
}

void add_norms(Factories& all) {
    all["BatchNorm1d"] = running_norm<nn::BatchNorm1d>;
    all["BatchNorm2d"] = running_norm<nn::BatchNorm2d>;
    all["BatchNorm3d"] = running_norm<nn::BatchNorm3d>;
    all["InstanceNorm1d"] = running_norm<nn::InstanceNorm1d>;
    all["InstanceNorm2d"] = running_norm<nn::InstanceNorm2d>;
    all["InstanceNorm3d"] = running_norm<nn::InstanceNorm3d>;
    all["LayerNorm"] = layer_norm;
    all["RMSNorm"] = [](Reader& r) {
        return std::make_unique<nn::RMSNorm>(r.dims(0, "normalized_shape"), r.optional_floating(1, "eps"),
                                             r.boolean(2, "elementwise_affine", true));
    };
    all["GroupNorm"] = [](Reader& r) {
        return std::make_unique<nn::GroupNorm>(r.integer(0, "num_groups"), r.integer(1, "num_channels"),
                                               r.floating(2, "eps", 1e-5), r.boolean(3, "affine", true));
    };
    all["LocalResponseNorm"] = [](Reader& r) {
        return std::make_unique<nn::LocalResponseNorm>(r.integer(0, "size"), r.number(1, "alpha", 1e-4),
                                                       r.number(2, "beta", 0.75), r.number(3, "k", 1.0));
    };
}

} // namespace

void add_layers(Factories& all) {
    add_norms(all);
    all["Conv1d"] = convolution<nn::Conv1d, 1>;
    all["Conv2d"] = convolution<nn::Conv2d, 2>;
    all["Conv3d"] = convolution<nn::Conv3d, 3>;
    all["ConvTranspose1d"] = transposed_convolution<nn::ConvTranspose1d, 1>;
    all["ConvTranspose2d"] = transposed_convolution<nn::ConvTranspose2d, 2>;
    all["ConvTranspose3d"] = transposed_convolution<nn::ConvTranspose3d, 3>;
    all["Dropout"] = dropout<nn::Dropout>;
    all["Dropout1d"] = dropout<nn::Dropout1d>;
    all["Dropout2d"] = dropout<nn::Dropout2d>;
    all["Dropout3d"] = dropout<nn::Dropout3d>;
    all["AlphaDropout"] = dropout<nn::AlphaDropout>;
    all["FeatureAlphaDropout"] = dropout<nn::FeatureAlphaDropout>;
    all["Bilinear"] = [](Reader& r) {
        return std::make_unique<nn::Bilinear>(r.integer(0, "in1_features"), r.integer(1, "in2_features"),
                                              r.integer(2, "out_features"), r.boolean(3, "bias", true));
    };
    all["Linear"] = [](Reader& r) {
        return std::make_unique<nn::Linear>(r.integer(0, "in_features"), r.integer(1, "out_features"),
                                            nn::Linear::Options{.bias = r.boolean(2, "bias", true)});
    };
    all["Embedding"] = [](Reader& r) {
        nn::Embedding::Options options{.padding_idx = r.optional_integer(2, "padding_idx")};
        options.max_norm = r.optional_floating(3, "max_norm");
        options.norm_type = r.floating(4, "norm_type", options.norm_type);
        options.scale_grad_by_freq = r.boolean(5, "scale_grad_by_freq", false);
        options.sparse = r.boolean(6, "sparse", false);
        return std::make_unique<nn::Embedding>(r.integer(0, "num_embeddings"), r.integer(1, "embedding_dim"), options);
    };
    all["EmbeddingBag"] = embedding_bag;
    all["Flatten"] = [](Reader& r) {
        return std::make_unique<nn::Flatten>(r.integer(0, "start_dim", 1), r.integer(1, "end_dim", -1));
    };
    all["Unflatten"] = [](Reader& r) {
        return std::make_unique<nn::Unflatten>(r.integer(0, "dim"), r.dims(1, "unflattened_size"));
    };
    all["Identity"] = [](Reader&) { return std::make_unique<nn::Identity>(); };
    all["CosineSimilarity"] = [](Reader& r) {
        return std::make_unique<nn::CosineSimilarity>(r.integer(0, "dim", 1), r.floating(1, "eps", 1e-8));
    };
    all["PairwiseDistance"] = [](Reader& r) {
        return std::make_unique<nn::PairwiseDistance>(r.floating(0, "p", 2), r.floating(1, "eps", 1e-6),
                                                      r.boolean(2, "keepdim", false));
    };
}

} // namespace hs::script
