#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/onednn/convolution_shape.h"
#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/parallel.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace hs {

namespace {

using Index = std::int64_t;

/// Where the values of one image and one group lie: channel c of pixel p at c * channel_step + p * pixel_step.
struct Plane {
    Index image_step, group_step, channel_step, pixel_step;

    Plane(ImageLayout layout, Index channels, Index groups, Index pixels)
        : image_step(channels * pixels),
          group_step(layout == ImageLayout::nchw ? channels / groups * pixels : channels / groups),
          channel_step(layout == ImageLayout::nchw ? pixels : 1),
          pixel_step(layout == ImageLayout::nchw ? 1 : channels) {}
};

/// One image and one group as matrices: columns [taps, pixels] of x (im2col), where taps = channels * kernel area, and
/// y [out channels, pixels]. A convolution is then weights [out channels, taps] times columns.
struct Lowering {
    const ConvolutionShape& s;
    std::array<Index, 2> out;
    Index in_channels, out_channels, in_pixels, out_pixels, taps;
    Plane source, destination;

    explicit Lowering(const ConvolutionShape& shape)
        : s(shape), out(output_size(shape)), in_channels(s.in_channels / s.groups),
          out_channels(s.out_channels / s.groups), in_pixels(s.input[0] * s.input[1]), out_pixels(out[0] * out[1]),
          taps(in_channels * s.kernel[0] * s.kernel[1]), source(s.source, s.in_channels, s.groups, in_pixels),
          destination(s.destination, s.out_channels, s.groups, out_pixels) {}

    /// Calls body(column, pixel) for each place in the columns that is a pixel of the image and not padding: the index
    /// within the columns and the offset within the image and group.
    template <class Body>
    void for_taps(Body body) const {
        Index row = 0;
        for (Index c = 0; c < in_channels; ++c) {
            for (Index ky = 0; ky < s.kernel[0]; ++ky) {
                for (Index kx = 0; kx < s.kernel[1]; ++kx, ++row) {
                    for (Index oy = 0; oy < out[0]; ++oy) {
                        const Index y = oy * s.stride[0] - s.padding[0] + ky * s.dilation[0];
                        if (y < 0 || y >= s.input[0]) continue;
                        for (Index ox = 0; ox < out[1]; ++ox) {
                            const Index x = ox * s.stride[1] - s.padding[1] + kx * s.dilation[1];
                            if (x < 0 || x >= s.input[1]) continue;
                            body(row * out_pixels + oy * out[1] + ox,
                                 c * source.channel_step + (y * s.input[1] + x) * source.pixel_step);
                        }
                    }
                }
            }
        }
    }

    std::vector<double> columns_of(const double* image) const {
        std::vector<double> columns(static_cast<std::size_t>(taps * out_pixels));
        for_taps([&](Index column, Index pixel) { columns[static_cast<std::size_t>(column)] = image[pixel]; });
        return columns;
    }

    std::vector<double> outputs_of(const double* image) const {
        std::vector<double> values(static_cast<std::size_t>(out_channels * out_pixels));
        auto value = values.begin();
        for (Index c = 0; c < out_channels; ++c) {
            for (Index p = 0; p < out_pixels; ++p) {
                *value++ = image[c * destination.channel_step + p * destination.pixel_step];
            }
        }
        return values;
    }
};

} // namespace

void convolution_forward(const ConvolutionShape& shape, const double* x, const double* weights, const double* bias,
                         double* y) {
    check(shape);
    const Lowering l(shape);
    parallel_for(shape.batch * shape.groups, 1, [&](Index begin, Index end) {
        std::vector<double> product(static_cast<std::size_t>(l.out_channels * l.out_pixels));
        for (Index i = begin; i < end; ++i) {
            const Index n = i / shape.groups, g = i % shape.groups;
            const auto columns = l.columns_of(x + n * l.source.image_step + g * l.source.group_step);
            gemm(false, false, l.out_channels, l.out_pixels, l.taps, 1.0, weights + g * l.out_channels * l.taps, l.taps,
                 columns.data(), l.out_pixels, 0.0, product.data(), l.out_pixels);
            double* image = y + n * l.destination.image_step + g * l.destination.group_step;
            auto value = product.cbegin();
            for (Index c = 0; c < l.out_channels; ++c) {
                const double offset = bias ? bias[g * l.out_channels + c] : 0.0;
                for (Index p = 0; p < l.out_pixels; ++p) {
                    image[c * l.destination.channel_step + p * l.destination.pixel_step] = *value++ + offset;
                }
            }
        }
    });
}

void convolution_backward_input(const ConvolutionShape& shape, const double* grad, const double* weights,
                                double* grad_x) {
    check(shape);
    const Lowering l(shape);
    std::fill_n(grad_x, shape.batch * l.source.image_step, 0.0);
    parallel_for(shape.batch * shape.groups, 1, [&](Index begin, Index end) {
        std::vector<double> columns(static_cast<std::size_t>(l.taps * l.out_pixels));
        for (Index i = begin; i < end; ++i) {
            const Index n = i / shape.groups, g = i % shape.groups;
            const auto outputs = l.outputs_of(grad + n * l.destination.image_step + g * l.destination.group_step);
            gemm(true, false, l.taps, l.out_pixels, l.out_channels, 1.0, weights + g * l.out_channels * l.taps, l.taps,
                 outputs.data(), l.out_pixels, 0.0, columns.data(), l.out_pixels);
            double* image = grad_x + n * l.source.image_step + g * l.source.group_step;
            l.for_taps([&](Index column, Index pixel) { image[pixel] += columns[static_cast<std::size_t>(column)]; });
        }
    });
}

void convolution_backward_weights(const ConvolutionShape& shape, const double* x, const double* grad,
                                  double* grad_weights, double* grad_bias) {
    check(shape);
    const Lowering l(shape);
    std::fill_n(grad_weights, shape.out_channels * l.taps, 0.0);
    if (grad_bias) std::fill_n(grad_bias, shape.out_channels, 0.0);
    parallel_for(shape.groups, 1, [&](Index begin, Index end) {
        for (Index g = begin; g < end; ++g) {
            for (Index n = 0; n < shape.batch; ++n) {
                const auto columns = l.columns_of(x + n * l.source.image_step + g * l.source.group_step);
                const auto outputs = l.outputs_of(grad + n * l.destination.image_step + g * l.destination.group_step);
                gemm(false, true, l.out_channels, l.taps, l.out_pixels, 1.0, outputs.data(), l.out_pixels,
                     columns.data(), l.out_pixels, 1.0, grad_weights + g * l.out_channels * l.taps, l.taps);
                if (!grad_bias) continue;
                auto value = outputs.cbegin();
                for (Index c = 0; c < l.out_channels; ++c, value += l.out_pixels) {
                    grad_bias[g * l.out_channels + c] =
                        std::accumulate(value, value + l.out_pixels, grad_bias[g * l.out_channels + c]);
                }
            }
        }
    });
}

} // namespace hs
