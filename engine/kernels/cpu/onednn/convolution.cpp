#include "engine/kernels/cpu/onednn/convolution.h"

#include "engine/kernels/cpu/onednn/convolution_primitive.h"
#include "engine/kernels/cpu/onednn/convolution_shape.h"
#include "engine/kernels/cpu/onednn/few_channels.h"
#include "engine/kernels/cpu/onednn/few_pixels.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>
#include <memory>

namespace hs {

namespace {

using Index = std::int64_t;

/// Images of one tensor: how many, and their size.
struct Images {
    Index batch, channels, pixels;

    Index size() const { return batch * channels * pixels; }
    /// With one channel or one pixel both layouts are the same.
    bool same_in_both() const { return channels == 1 || pixels == 1; }
};

Images source_of(const ConvolutionShape& s) {
    return {s.batch, s.in_channels, s.input[0] * s.input[1]};
}

Images destination_of(const ConvolutionShape& s) {
    const auto out = output_size(s);
    return {s.batch, s.out_channels, out[0] * out[1]};
}

void reorder(const Images& images, ImageLayout to, const float* x, float* y) {
    const Index rows = to == ImageLayout::nhwc ? images.channels : images.pixels;
    const Index cols = to == ImageLayout::nhwc ? images.pixels : images.channels;
    parallel_for(images.batch, 1 + 16384 / (rows * cols), [&](Index begin, Index end) {
        for (Index n = begin; n < end; ++n) {
            vector_kernels().reduce.transpose(x + n * rows * cols, rows, cols, y + n * rows * cols);
        }
    });
}

/// An array that is read channels-last, whatever it is.
class ChannelsLastInput {
  public:
    ChannelsLastInput(const Images& images, ImageLayout layout, const float* x) : data_(x) {
        if (layout == ImageLayout::nhwc || images.same_in_both()) return;
        copy_ = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(images.size()));
        reorder(images, ImageLayout::nhwc, x, copy_.get());
        data_ = copy_.get();
    }
    const float* data() const { return data_; }

  private:
    const float* data_;
    std::unique_ptr<float[]> copy_;
};

/// An array that is written channels-last; `finish` brings it into its own layout.
class ChannelsLastOutput {
  public:
    ChannelsLastOutput(const Images& images, ImageLayout layout, float* x) : images_(images), target_(x) {
        if (layout == ImageLayout::nhwc || images.same_in_both()) return;
        copy_ = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(images.size()));
    }
    float* data() const { return copy_ ? copy_.get() : target_; }
    void finish() const {
        if (copy_) reorder(images_, ImageLayout::nchw, copy_.get(), target_);
    }

  private:
    Images images_;
    float* target_;
    std::unique_ptr<float[]> copy_;
};

ConvolutionShape channels_last(ConvolutionShape shape) {
    shape.source = ImageLayout::nhwc;
    shape.destination = ImageLayout::nhwc;
    return shape;
}

} // namespace

void convolution_forward(const ConvolutionShape& shape, const float* x, const float* weights, const float* bias,
                         float* y) {
    check(shape);
    if (shape.batch == 0) return;
    const ChannelsLastInput source(source_of(shape), shape.source, x);
    const ChannelsLastOutput destination(destination_of(shape), shape.destination, y);
    const ConvolutionShape inner = channels_last(shape);
    if (few_channels_forward(inner)) {
        run_few_channels_forward(inner, source.data(), weights, bias, destination.data());
    } else {
        run_convolution(ConvolutionDirection::forward, inner, {source.data(), weights, bias, destination.data()});
    }
    destination.finish();
}

void convolution_backward_input(const ConvolutionShape& shape, const float* grad, const float* weights, float* grad_x) {
    check(shape);
    if (shape.batch == 0) return;
    const ChannelsLastInput destination(destination_of(shape), shape.destination, grad);
    const ChannelsLastOutput source(source_of(shape), shape.source, grad_x);
    const ConvolutionShape inner = channels_last(shape);
    if (few_channels_backward_input(inner)) {
        run_few_channels_backward_input(inner, destination.data(), weights, source.data());
    } else {
        run_convolution(ConvolutionDirection::backward_input, inner,
                        {source.data(), weights, nullptr, destination.data()});
    }
    source.finish();
}

void convolution_backward_weights(const ConvolutionShape& shape, const float* x, const float* grad, float* grad_weights,
                                  float* grad_bias) {
    check(shape);
    if (shape.batch == 0) {
        std::fill_n(grad_weights,
                    shape.out_channels * (shape.in_channels / shape.groups) * shape.kernel[0] * shape.kernel[1], 0.0F);
        if (grad_bias) std::fill_n(grad_bias, shape.out_channels, 0.0F);
        return;
    }
    const ChannelsLastInput source(source_of(shape), shape.source, x);
    const ChannelsLastInput destination(destination_of(shape), shape.destination, grad);
    const ConvolutionShape inner = channels_last(shape);
    if (few_channels_forward(inner)) {
        run_few_channels_backward_weights(inner, source.data(), destination.data(), grad_weights, grad_bias);
    } else if (few_pixels_backward_weights(inner)) {
        run_few_pixels_backward_weights(inner, source.data(), destination.data(), grad_weights, grad_bias);
    } else {
        run_convolution(ConvolutionDirection::backward_weights, inner,
                        {source.data(), grad_weights, grad_bias, destination.data()});
    }
}

} // namespace hs
