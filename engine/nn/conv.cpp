#include "engine/nn/conv.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

#include <algorithm>
#include <cmath>

namespace hs::nn {

namespace {

bool all_are(const Dims& sizes, std::int64_t value) {
    return std::ranges::all_of(sizes, [value](std::int64_t size) { return size == value; });
}

} // namespace

/// PyTorch's checks, before a weight of a wrong shape is made.
static Shape weight_shape(std::int64_t in_channels, std::int64_t out_channels, std::int64_t groups,
                          const Dims& kernel_size, bool transposed) {
    if (groups <= 0) throw ValueError("groups must be a positive integer");
    if (in_channels % groups != 0) throw ValueError("in_channels must be divisible by groups");
    if (out_channels % groups != 0) throw ValueError("out_channels must be divisible by groups");
    Shape shape{transposed ? in_channels : out_channels, (transposed ? out_channels : in_channels) / groups};
    for (const std::int64_t size : kernel_size)
        shape.push_back(size);
    return shape;
}

Convolution::Convolution(Plan plan, Generator& generator)
    : weight(add_parameter("weight", empty(weight_shape(plan.in_channels, plan.out_channels, plan.groups,
                                                        plan.kernel_size, plan.transposed)))),
      bias(add_parameter("bias", plan.bias ? empty({plan.out_channels}) : Tensor())), plan_(std::move(plan)) {
    if (!plan_.padding_word.empty() && plan_.padding_word != "same" && plan_.padding_word != "valid")
        throw ValueError("Invalid padding string '" + plan_.padding_word + "', should be one of {'valid', 'same'}");
    if (plan_.padding_word == "same" && !all_are(plan_.stride, 1))
        throw ValueError("padding='same' is not supported for strided convolutions");
    constexpr std::string_view modes[] = {"zeros", "reflect", "replicate", "circular"};
    if (std::ranges::find(modes, plan_.padding_mode) == std::end(modes))
        throw ValueError("padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got "
                         "padding_mode='" +
                         plan_.padding_mode + "'");
    lay_out_padding();
    if (weight.numel() == 0) return;
    init::kaiming_uniform_(weight, {.a = std::sqrt(5.0)}, generator);
    if (!bias.defined()) return;
    const double bound = 1 / std::sqrt(static_cast<double>(init::fan_in_and_fan_out(weight).first));
    init::uniform_(bias, -bound, bound, generator);
}

/// Zeros of the same width on both sides are the operation's own business; all else is put around the input first.
void Convolution::lay_out_padding() {
    const bool same = plan_.padding_word == "same";
    bool even = true;
    for (std::size_t i = plan_.kernel_size.size(); i-- > 0;) { // pad() begins at the last dimension
        const std::int64_t both = same ? plan_.dilation[i] * (plan_.kernel_size[i] - 1) : 2 * plan_.padding[i];
        pads_.push_back(both / 2);
        pads_.push_back(both - both / 2);
        padding_.push_back(0);
        even = even && both % 2 == 0;
    }
    if (plan_.padding_mode != "zeros" || !even) return;
    for (std::size_t i = 0; i < padding_.size(); ++i)
        padding_[i] = pads_[pads_.size() - 2 * i - 1];
    pads_ = {};
}

Tensor Convolution::forward(const Tensor& input) {
    const bool zeros = plan_.padding_mode == "zeros";
    const Tensor x = pads_.empty() ? input : pad(input, pads_, zeros ? "constant" : plan_.padding_mode);
    const ConvolutionOptions options{
        .stride = plan_.stride, .padding = padding_, .dilation = plan_.dilation, .groups = plan_.groups};
    switch (plan_.kernel_size.size()) {
    case 1:
        return plan_.transposed ? conv_transpose1d(x, weight, bias, options, plan_.output_padding)
                                : conv1d(x, weight, bias, options);
    case 2:
        return plan_.transposed ? conv_transpose2d(x, weight, bias, options, plan_.output_padding)
                                : conv2d(x, weight, bias, options);
    default:
        return plan_.transposed ? conv_transpose3d(x, weight, bias, options, plan_.output_padding)
                                : conv3d(x, weight, bias, options);
    }
}

std::string Convolution::extra_repr() const {
    std::string text = std::to_string(plan_.in_channels) + ", " + std::to_string(plan_.out_channels) +
                       ", kernel_size=" + tuple_text(plan_.kernel_size) + ", stride=" + tuple_text(plan_.stride);
    if (!plan_.padding_word.empty())
        text += ", padding=" + plan_.padding_word;
    else if (!all_are(plan_.padding, 0))
        text += ", padding=" + tuple_text(plan_.padding);
    if (!all_are(plan_.dilation, 1)) text += ", dilation=" + tuple_text(plan_.dilation);
    if (!all_are(plan_.output_padding, 0)) text += ", output_padding=" + tuple_text(plan_.output_padding);
    if (plan_.groups != 1) text += ", groups=" + std::to_string(plan_.groups);
    if (!plan_.bias) text += ", bias=False";
    if (plan_.padding_mode != "zeros") text += ", padding_mode=" + plan_.padding_mode;
    return text;
}

} // namespace hs::nn
