#include "engine/ops/convolution_check.h"

#include "engine/tensor/printing.h"

namespace hs::ops {

namespace {

Dims repeated(const Dims& given, std::size_t dimensions, const char* name) {
    if (given.size() == dimensions) return given;
    if (given.size() == 1) return Dims(dimensions, given[0]);
    throw Error(std::string("expected ") + name + " to be a single integer value or a list of " +
                std::to_string(dimensions) + " values to match the convolution dimensions, but got " + name + "=" +
                to_string(given));
}

bool any_below(const Dims& values, std::int64_t bound) {
    return std::ranges::any_of(values, [&](std::int64_t value) { return value < bound; });
}

std::string by_x(const Shape& sizes) {
    std::string text;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        text += (i ? " x " : "") + std::to_string(sizes[i]);
    return text;
}

void check_numbers(const Convolution& c) {
    if (any_below(c.padding, 0)) throw Error("negative padding is not supported");
    if (any_below(c.output_padding, 0)) throw Error("negative output_padding is not supported");
    if (any_below(c.stride, 1)) throw Error("non-positive stride is not supported");
    if (any_below(c.dilation, 1)) throw Error("non-positive dilation is not supported");
    if (c.groups < 1) throw Error("non-positive groups is not supported");
}

void check_channels(const Tensor& input, const Tensor& weight, const Tensor& bias, const Convolution& c) {
    const std::string given = (c.transposed ? "Given transposed=1, weight of size "
                                            : "Given groups=" + std::to_string(c.groups) + ", weight of size ") +
                              to_string(weight.shape());
    const std::string groups = "Given groups=" + std::to_string(c.groups) + ", expected weight to be ";
    if (weight.size(0) < c.groups)
        throw Error(groups + "at least " + std::to_string(c.groups) + " at dimension 0, but got weight of size " +
                    to_string(weight.shape()) + " instead");
    if (weight.size(0) % c.groups != 0)
        throw Error(groups + "divisible by " + std::to_string(c.groups) + " at dimension 0, but got weight of size [" +
                    to_string(weight.shape()) + "] instead");
    const std::int64_t wanted = c.transposed ? weight.size(0) : weight.size(1) * c.groups;
    if (input.size(1) != wanted)
        throw Error(given + ", expected input" + to_string(input.shape()) + " to have " + std::to_string(wanted) +
                    " channels, but got " + std::to_string(input.size(1)) + " channels instead");
    const std::int64_t outputs = c.transposed ? weight.size(1) * c.groups : weight.size(0);
    if (bias.defined() && (bias.dim() != 1 || bias.size(0) != outputs))
        throw Error((c.transposed ? given : "Given weight of size " + to_string(weight.shape())) +
                    ", expected bias to be 1-dimensional with " + std::to_string(outputs) +
                    " elements, but got bias of size " + to_string(bias.shape()) + " instead");
}

void check_sizes(const Tensor& input, const Tensor& weight, const Convolution& c) {
    Shape padded, kernel;
    bool fits = true;
    for (std::size_t i = 0; i < c.stride.size(); ++i) {
        padded.push_back(input.shape()[i + 2] + 2 * c.padding[i]);
        kernel.push_back(c.dilation[i] * (weight.shape()[i + 2] - 1) + 1);
        fits = fits && kernel[i] <= padded[i];
        if (c.transposed && c.output_padding[i] >= c.stride[i] && c.output_padding[i] >= c.dilation[i])
            throw Error("output padding must be smaller than either stride or dilation, but got output_padding: " +
                        to_string(c.output_padding) + " stride: " + to_string(c.stride) +
                        " dilation: " + to_string(c.dilation));
    }
    if (!fits && !c.transposed)
        throw Error("Calculated padded input size per channel: (" + by_x(padded) + "). Kernel size: (" + by_x(kernel) +
                    "). Kernel size can't be greater than actual input size");
}

void check_types(const Tensor& input, const Tensor& weight, const Tensor& bias) {
    if (bias.defined() && bias.dtype() != input.dtype())
        throw Error("Input type (" + std::string(cpp_type_name(input.dtype())) + ") and bias type (" +
                    std::string(cpp_type_name(bias.dtype())) + ") should be the same");
    if (input.dtype() != weight.dtype())
        throw Error("expected scalar type " + std::string(scalar_type_name(input.dtype())) + " but found " +
                    std::string(scalar_type_name(weight.dtype())));
}

} // namespace

Convolution::Convolution(const Arguments& a, std::size_t first, std::size_t dimensions)
    : stride(repeated(a.integers(first), dimensions, "stride")),
      padding(repeated(a.integers(first + 1), dimensions, "padding")),
      dilation(repeated(a.integers(first + 2), dimensions, "dilation")), transposed(a.boolean(first + 3)),
      output_padding(repeated(a.integers(first + 4), dimensions, "output_padding")), groups(a.integer(first + 5)) {}

Convolution::Convolution(const Saved& saved, std::size_t dimensions)
    : stride(repeated(saved.integers("stride"), dimensions, "stride")),
      padding(repeated(saved.integers("padding"), dimensions, "padding")),
      dilation(repeated(saved.integers("dilation"), dimensions, "dilation")), transposed(saved.boolean("transposed")),
      output_padding(repeated(saved.integers("output_padding"), dimensions, "output_padding")),
      groups(saved.integer("groups")) {}

ConvolutionGeometry Convolution::geometry() const {
    const auto pair = [](const Dims& dims, std::int64_t of_height) {
        return dims.size() == 1 ? Pair{of_height, dims[0]} : Pair{dims[dims.size() - 2], dims.back()};
    };
    return {pair(stride, 1), pair(padding, 0), pair(dilation, 1), groups};
}

Shape Convolution::output_shape(const Shape& input, const Shape& weight) const {
    Shape shape{input[0], transposed ? weight[1] * groups : weight[0]};
    for (std::size_t i = 0; i < stride.size(); ++i) {
        const std::int64_t kernel = dilation[i] * (weight[i + 2] - 1) + 1;
        shape.push_back(transposed ? (input[i + 2] - 1) * stride[i] - 2 * padding[i] + kernel + output_padding[i]
                                   : (input[i + 2] + 2 * padding[i] - kernel) / stride[i] + 1);
    }
    return shape;
}

void check_convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, const Convolution& convolution) {
    check_numbers(convolution);
    if (input.dim() != weight.dim())
        throw Error("Expected " + std::to_string(weight.dim()) + "-dimensional input for " +
                    std::to_string(weight.dim()) + "-dimensional weight " + to_string(weight.shape()) + ", but got " +
                    std::to_string(input.dim()) + "-dimensional input of size " + to_string(input.shape()) +
                    " instead");
    check_channels(input, weight, bias, convolution);
    check_sizes(input, weight, convolution);
    check_types(input, weight, bias);
}

} // namespace hs::ops
