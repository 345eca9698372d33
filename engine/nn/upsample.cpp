#include "engine/nn/upsample.h"

#include "engine/nn/sizes.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

Tensor Upsample::forward(const Tensor& input) {
    return interpolate(input, {.size = options_.size,
                               .scale_factor = options_.scale_factor,
                               .mode = options_.mode,
                               .align_corners = options_.align_corners.value_or(false),
                               .recompute_scale_factor = options_.recompute_scale_factor});
}

std::string Upsample::extra_repr() const {
    const auto& factors = options_.scale_factor;
    std::string text;
    if (factors.size() == 1) {
        text = "scale_factor=" + float_text(factors[0]);
    } else if (!factors.empty()) {
        for (const double factor : factors)
            text += (text.empty() ? "scale_factor=(" : ", ") + float_text(factor);
        text += ")";
    } else {
        text = "size=" + (options_.size.size() == 1 ? std::to_string(options_.size[0]) : tuple_text(options_.size));
    }
    return text + ", mode='" + options_.mode + "'";
}

Tensor PixelShuffle::forward(const Tensor& input) {
    return pixel_shuffle(input, factor_);
}

Tensor PixelUnshuffle::forward(const Tensor& input) {
    return pixel_unshuffle(input, factor_);
}

Tensor ChannelShuffle::forward(const Tensor& input) {
    if (input.dim() < 3)
        throw Error("channel_shuffle expects input with > 2 dims, but got input with sizes " +
                    hs::to_string(input.shape()));
    const std::int64_t channels = input.size(1);
    if (groups_ <= 0)
        throw Error("Number of groups to divide channels in must be positive. Value of groups:" +
                    std::to_string(groups_));
    if (channels % groups_ != 0)
        throw Error("Number of channels must be divisible by groups. Got " + std::to_string(channels) +
                    " channels and " + std::to_string(groups_) + " groups.");
    const Tensor grouped = unflatten(input, 1, {groups_, channels / groups_});
    return reshape(transpose(grouped, 1, 2), input.shape());
}

} // namespace hs::nn
