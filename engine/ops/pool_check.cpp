#include "engine/ops/pool_check.h"

namespace hs::ops {

namespace {

std::int64_t divided(std::int64_t value, std::int64_t by) {
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

std::int64_t pooled_size(std::int64_t size, const PoolGeometry& g, std::size_t axis, bool ceil_mode) {
    const std::int64_t reach = size + 2 * g.padding[axis] - g.dilation[axis] * (g.kernel[axis] - 1) - 1;
    std::int64_t result = divided(reach + (ceil_mode ? g.stride[axis] - 1 : 0), g.stride[axis]) + 1;
    // The last window must begin inside the image or its padding in front.
    if (ceil_mode && (result - 1) * g.stride[axis] >= size + g.padding[axis]) --result;
    return result;
}

Pair pair(const Dims& given, const char* name, const char* op, const char* must) {
    if (given.size() != 1 && given.size() != 2)
        throw Error(std::string(op) + ": " + name + " must " + must + " a single int, or a tuple of two ints");
    return {given[0], given.back()};
}

PoolGeometry geometry_of(const Tensor& x, const PoolArguments& given, const char* op) {
    PoolGeometry g;
    g.kernel = pair(given.kernel, "kernel_size", op, "either be");
    g.stride = given.stride.empty() ? g.kernel : pair(given.stride, "stride", op, "either be omitted,");
    g.padding = pair(given.padding, "padding", op, "be either be");
    g.dilation = pair(given.dilation, "dilation", op, "be either");
    if (g.stride[0] == 0 || g.stride[1] == 0) throw Error("stride should not be zero");
    if (std::min({g.kernel[0], g.kernel[1], g.stride[0], g.stride[1]}) < 1)
        throw Error("kernel size should be greater than zero, but got kH: " + std::to_string(g.kernel[0]) +
                    " kW: " + std::to_string(g.kernel[1]));
    if (std::min(g.dilation[0], g.dilation[1]) < 1)
        throw Error("dilation should be greater than zero, but got dilationH: " + std::to_string(g.dilation[0]) +
                    " dilationW: " + std::to_string(g.dilation[1]));
    for (std::size_t i = 0; i < 2; ++i) {
        if (g.padding[i] < 0) throw Error("pad must be non-negative, but got pad: " + std::to_string(g.padding[i]));
        if (g.padding[i] > ((g.kernel[i] - 1) * g.dilation[i] + 1) / 2)
            throw Error("pad should be at most half of kernel size, but got pad=" + std::to_string(g.padding[i]) +
                        " and kernel_size=" + std::to_string(g.kernel[i]));
    }
    const Shape& shape = x.shape();
    const std::size_t first = shape.size() - 3;
    if (shape[first] == 0 || shape[first + 1] == 0 || shape[first + 2] == 0)
        throw Error("Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:" +
                    to_string(shape));
    const std::int64_t height = pooled_size(shape[first + 1], g, 0, given.ceil_mode);
    const std::int64_t width = pooled_size(shape[first + 2], g, 1, given.ceil_mode);
    const auto text = [&](std::int64_t h, std::int64_t w) {
        return "(" + std::to_string(shape[first]) + "x" + std::to_string(h) + "x" + std::to_string(w) + ")";
    };
    if (height < 1 || width < 1)
        throw Error("Given input size: " + text(shape[first + 1], shape[first + 2]) +
                    ". Calculated output size: " + text(height, width) + ". Output size is too small");
    return g;
}

} // namespace

Dims pool_sizes(const Dims& given, std::size_t rank, const std::string& what) {
    if (given.size() == rank) return given;
    if (given.size() != 1) throw Error(what + " must either be a single Int or tuple of Ints");
    return Dims(rank, given[0]);
}

PoolGeometry max_pool_geometry(const Tensor& x, const PoolArguments& given) {
    if (x.dim() != 3 && x.dim() != 4) throw Error("non-empty 3D or 4D (batch mode) tensor expected for input");
    return geometry_of(x, given, "max_pool2d");
}

PoolGeometry average_pool_geometry(const Tensor& x, const PoolArguments& given) {
    if (x.dim() < 3)
        throw IndexError("Dimension out of range (expected to be in range of [" + std::to_string(-x.dim()) + ", " +
                         std::to_string(x.dim() - 1) + "], but got -3)");
    if (x.dim() > 4) throw Error("non-empty 3D or 4D (batch mode) tensor expected for input");
    return geometry_of(x, given, "avg_pool2d");
}

Shape pooled_shape(const Shape& input, const PoolGeometry& geometry, bool ceil_mode) {
    return {input[0], input[1], pooled_size(input[2], geometry, 0, ceil_mode),
            pooled_size(input[3], geometry, 1, ceil_mode)};
}

} // namespace hs::ops
