#include "engine/nn/fold.h"
#include "engine/nn/padding.h"
#include "engine/nn/pooling.h"
#include "engine/nn/unpooling.h"
#include "engine/nn/upsample.h"
#include "engine/script/checked_argument.h"
#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

using Made = std::unique_ptr<nn::Module>;
using Reader = ConstructorReader;

template <class M, std::size_t N>
Made max_pool(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(0, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(1, "stride");
    options.padding = r.sizes<N>(2, "padding").value_or(0);
    options.dilation = r.sizes<N>(3, "dilation").value_or(1);
    options.return_indices = r.boolean(4, "return_indices", false);
    options.ceil_mode = r.boolean(5, "ceil_mode", false);
    return std::make_unique<M>(options);
}

template <class M, std::size_t N>
Made avg_pool(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(0, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(1, "stride");
    options.padding = r.sizes<N>(2, "padding").value_or(0);
    options.ceil_mode = r.boolean(3, "ceil_mode", false);
    options.count_include_pad = r.boolean(4, "count_include_pad", true);
    if (N > 1) options.divisor_override = r.optional_integer(5, "divisor_override");
    return std::make_unique<M>(options);
}

template <class M, std::size_t N>
Made lp_pool(Reader& r) {
    typename M::Options options{.norm_type = r.number(0, "norm_type", 2),
                                .kernel_size = r.sizes<N>(1, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(2, "stride");
    options.ceil_mode = r.boolean(3, "ceil_mode", false);
    return std::make_unique<M>(options);
}

template <class M, std::size_t N>
Made adaptive_avg_pool(Reader& r) {
    return std::make_unique<M>(r.sizes<N>(0, "output_size").value_or(1));
}

template <class M, std::size_t N>
Made adaptive_max_pool(Reader& r) {
    return std::make_unique<M>(r.sizes<N>(0, "output_size").value_or(1), r.boolean(1, "return_indices", false));
}

template <class M, std::size_t N>
Made border(Reader& r) {
    return std::make_unique<M>(r.sizes<2 * N>(0, "padding").value_or(0));
}

template <class M, std::size_t N>
Made constant_border(Reader& r) {
    return std::make_unique<M>(r.sizes<2 * N>(0, "padding").value_or(0), r.number(1, "value", 0));
}

template <class M, std::size_t N>
Made max_unpool(Reader& r) {
    return std::make_unique<M>(r.sizes<N>(0, "kernel_size").value_or(1), r.sizes<N>(1, "stride"),
                               r.sizes<N>(2, "padding").value_or(0));
}

template <class M, std::size_t N>
Made fractional_max_pool(Reader& r) {
    return std::make_unique<M>(r.sizes<N>(0, "kernel_size").value_or(1),
                               typename M::Options{.output_size = r.sizes<N>(1, "output_size"),
                                                   .output_ratio = r.floats(2, "output_ratio"),
                                                   .return_indices = r.boolean(3, "return_indices", false),
                                                   .random_samples = r.tensor(4, "_random_samples")});
}

Made upsample(Reader& r) {
    nn::Upsample::Options options{.size = r.dims(0, "size"), .scale_factor = r.floats(1, "scale_factor")};
    options.mode = r.text(2, "mode", options.mode);
    if (const Argument* align = r.find_value(3, "align_corners"))
        options.align_corners = boolean_of(*align, "'align_corners'");
    options.recompute_scale_factor = r.boolean(4, "recompute_scale_factor", false);
    return std::make_unique<nn::Upsample>(options);
}

template <class M>
Made upsampling(Reader& r) {
    return std::make_unique<M>(r.dims(0, "size"), r.floats(1, "scale_factor"));
}

/// `at`: the position of the kernel's size, after which the others follow.
nn::FoldOptions fold_options(Reader& r, std::size_t at) {
    return {.kernel_size = r.sizes<2>(at, "kernel_size").value_or(1),
            .dilation = r.sizes<2>(at + 1, "dilation").value_or(1),
            .padding = r.sizes<2>(at + 2, "padding").value_or(0),
            .stride = r.sizes<2>(at + 3, "stride").value_or(1)};
}

template <std::size_t N, class MaxPool, class AvgPool, class AdaptiveAvg, class AdaptiveMax, class LPPool>
void add_pooling(Factories& all) {
    const std::string d = std::to_string(N) + "d";
    all["MaxPool" + d] = max_pool<MaxPool, N>;
    all["AvgPool" + d] = avg_pool<AvgPool, N>;
    all["AdaptiveAvgPool" + d] = adaptive_avg_pool<AdaptiveAvg, N>;
    all["AdaptiveMaxPool" + d] = adaptive_max_pool<AdaptiveMax, N>;
    all["LPPool" + d] = lp_pool<LPPool, N>;
}

template <std::size_t N, class Constant, class Zero, class Reflection, class Replication, class Circular>
void add_padding(Factories& all) {
    const std::string d = std::to_string(N) + "d";
    all["ConstantPad" + d] = constant_border<Constant, N>;
    all["ZeroPad" + d] = border<Zero, N>;
    all["ReflectionPad" + d] = border<Reflection, N>;
    all["ReplicationPad" + d] = border<Replication, N>;
    all["CircularPad" + d] = border<Circular, N>;
}

} // namespace

void add_windows(Factories& all) {
    using namespace nn;
    add_pooling<1, MaxPool1d, AvgPool1d, AdaptiveAvgPool1d, AdaptiveMaxPool1d, LPPool1d>(all);
    add_pooling<2, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, LPPool2d>(all);
    add_pooling<3, MaxPool3d, AvgPool3d, AdaptiveAvgPool3d, AdaptiveMaxPool3d, LPPool3d>(all);
    add_padding<1, ConstantPad1d, ZeroPad1d, ReflectionPad1d, ReplicationPad1d, CircularPad1d>(all);
    add_padding<2, ConstantPad2d, ZeroPad2d, ReflectionPad2d, ReplicationPad2d, CircularPad2d>(all);
    add_padding<3, ConstantPad3d, ZeroPad3d, ReflectionPad3d, ReplicationPad3d, CircularPad3d>(all);
    all["MaxUnpool1d"] = max_unpool<MaxUnpool1d, 1>;
    all["MaxUnpool2d"] = max_unpool<MaxUnpool2d, 2>;
    all["MaxUnpool3d"] = max_unpool<MaxUnpool3d, 3>;
    all["FractionalMaxPool2d"] = fractional_max_pool<FractionalMaxPool2d, 2>;
    all["FractionalMaxPool3d"] = fractional_max_pool<FractionalMaxPool3d, 3>;
    all["Upsample"] = upsample;
    all["UpsamplingNearest2d"] = upsampling<UpsamplingNearest2d>;
    all["UpsamplingBilinear2d"] = upsampling<UpsamplingBilinear2d>;
    all["PixelShuffle"] = [](Reader& r) { return std::make_unique<PixelShuffle>(r.integer(0, "upscale_factor")); };
    all["PixelUnshuffle"] = [](Reader& r) {
        return std::make_unique<PixelUnshuffle>(r.integer(0, "downscale_factor"));
    };
    all["ChannelShuffle"] = [](Reader& r) { return std::make_unique<ChannelShuffle>(r.integer(0, "groups")); };
    all["Unfold"] = [](Reader& r) { return std::make_unique<Unfold>(fold_options(r, 0)); };
    all["Fold"] = [](Reader& r) {
        return std::make_unique<Fold>(r.sizes<2>(0, "output_size").value_or(1), fold_options(r, 1));
    };
}

} // namespace hs::script
