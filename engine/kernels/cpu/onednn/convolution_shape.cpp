#include "engine/kernels/cpu/onednn/convolution_shape.h"

#include "engine/tensor/error.h"

#include <string>

namespace hs {

namespace {

std::string pair_text(const std::array<std::int64_t, 2>& pair) {
    std::string text = "[";
    text += std::to_string(pair[0]);
    text += ", ";
    text += std::to_string(pair[1]);
    text += "]";
    return text;
}

} // namespace

std::array<std::int64_t, 2> output_size(const ConvolutionShape& s) {
    std::array<std::int64_t, 2> size{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int64_t room = s.input[axis] + 2 * s.padding[axis] - s.dilation[axis] * (s.kernel[axis] - 1) - 1;
        size[axis] = room < 0 ? 0 : room / s.stride[axis] + 1;
    }
    return size;
}

std::string describe(const ConvolutionShape& s) {
    const auto layout = [](ImageLayout value) { return value == ImageLayout::nhwc ? "nhwc" : "nchw"; };
    return "batch " + std::to_string(s.batch) + ", channels " + std::to_string(s.in_channels) + " to " +
           std::to_string(s.out_channels) + ", groups " + std::to_string(s.groups) + ", input " + pair_text(s.input) +
           ", kernel " + pair_text(s.kernel) + ", stride " + pair_text(s.stride) + ", padding " + pair_text(s.padding) +
           ", dilation " + pair_text(s.dilation) + ", " + layout(s.source) + " to " + layout(s.destination);
}

void check(const ConvolutionShape& s) {
    const auto refuse = [&](const std::string& reason) {
        throw Error("convolution: " + reason + " (" + describe(s) + ")");
    };
    if (s.batch < 0) refuse("the batch is negative");
    if (s.groups < 1) refuse("groups must be positive");
    if (s.in_channels < 1 || s.out_channels < 1) refuse("channel counts must be positive");
    if (s.in_channels % s.groups || s.out_channels % s.groups) refuse("groups must divide the channel counts");
    for (std::size_t axis = 0; axis < 2; ++axis) {
        if (s.input[axis] < 1 || s.kernel[axis] < 1) refuse("input and kernel must not be empty");
        if (s.stride[axis] < 1 || s.dilation[axis] < 1) refuse("stride and dilation must be positive");
        if (s.padding[axis] < 0) refuse("padding must not be negative");
    }
    const auto size = output_size(s);
    if (size[0] < 1 || size[1] < 1) refuse("the kernel does not fit into the padded input");
}

} // namespace hs
