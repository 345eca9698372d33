#include "engine/nn/conv.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

#include <cmath>

namespace hs::nn {

namespace {

/// PyTorch's checks, before a weight of a wrong shape is made.
Shape weight_shape(std::int64_t in_channels, std::int64_t out_channels, const Conv2d::Options& options) {
    if (options.groups <= 0) throw ValueError("groups must be a positive integer");
    if (in_channels % options.groups != 0) throw ValueError("in_channels must be divisible by groups");
    if (out_channels % options.groups != 0) throw ValueError("out_channels must be divisible by groups");
    return {out_channels, in_channels / options.groups, options.kernel_size.height, options.kernel_size.width};
}

} // namespace

Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, Options options, Generator& generator)
    : weight(register_parameter("weight", empty(weight_shape(in_channels, out_channels, options)))),
      bias(register_parameter("bias", options.bias ? empty({out_channels}) : Tensor())), in_channels_(in_channels),
      out_channels_(out_channels), options_(options) {
    if (weight.numel() == 0) return;
    init::kaiming_uniform_(weight, std::sqrt(5.0), generator);
    if (!bias.defined()) return;
    const double bound = 1 / std::sqrt(static_cast<double>(init::fan_in_and_fan_out(weight).first));
    init::uniform_(bias, -bound, bound, generator);
}

Tensor Conv2d::forward(const Tensor& input) {
    return conv2d(input, weight, bias,
                  {.stride = options_.stride.dims(),
                   .padding = options_.padding.dims(),
                   .dilation = options_.dilation.dims(),
                   .groups = options_.groups});
}

std::string Conv2d::extra_repr() const {
    std::string text = std::to_string(in_channels_) + ", " + std::to_string(out_channels_) +
                       ", kernel_size=" + options_.kernel_size.tuple() + ", stride=" + options_.stride.tuple();
    if (options_.padding != Pair(0)) text += ", padding=" + options_.padding.tuple();
    if (options_.dilation != Pair(1)) text += ", dilation=" + options_.dilation.tuple();
    if (options_.groups != 1) text += ", groups=" + std::to_string(options_.groups);
    if (!bias.defined()) text += ", bias=False";
    return text;
}

} // namespace hs::nn
