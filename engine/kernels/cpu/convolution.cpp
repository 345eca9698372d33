#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/channels_last.h"
#include "engine/kernels/cpu/neural_slots.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// The shape of a convolution from x to y. float64 stays in PyTorch's layout.
ConvolutionShape shape_of(const Tensor& x, const Tensor& weight, const Tensor& y, const ConvolutionGeometry& geometry) {
    const auto pair = [](const Tensor& t) { return Pair{t.shape()[2], t.shape()[3]}; };
    const ImageLayout layout = x.dtype() == Dtype::float32 ? ImageLayout::nhwc : ImageLayout::nchw;
    return {.batch = x.shape()[0],
            .in_channels = x.shape()[1],
            .out_channels = y.shape()[1],
            .groups = geometry.groups,
            .input = pair(x),
            .kernel = pair(weight),
            .stride = geometry.stride,
            .padding = geometry.padding,
            .dilation = geometry.dilation,
            .source = layout,
            .destination = layout};
}

template <class T>
Tensor readable(const Tensor& images) {
    return std::is_same_v<T, float> ? as_channels_last(images) : images;
}

template <class T>
const T* bytes(const Tensor& images) {
    return std::is_same_v<T, float> ? images.raw_data<T>() : images.data<T>();
}

template <class T>
T* writable_bytes(const Tensor& images) {
    if constexpr (std::is_same_v<T, float>) declare_channels_last(images);
    return images.mutable_raw_data<T>();
}

} // namespace

void convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvolutionGeometry& geometry,
                 const Tensor& y) {
    visit_floating(x.dtype(), "conv2d", [&]<class T>(T) {
        const Tensor source = readable<T>(x);
        convolution_forward(shape_of(x, weight, y, geometry), bytes<T>(source), weight.data<T>(),
                            bias.defined() ? bias.data<T>() : nullptr, writable_bytes<T>(y));
    });
}

void convolution_backward_input(const Tensor& grad, const Tensor& weight, const ConvolutionGeometry& geometry,
                                const Tensor& dx) {
    visit_floating(grad.dtype(), "conv2d", [&]<class T>(T) {
        const Tensor destination = readable<T>(grad);
        hs::convolution_backward_input(shape_of(dx, weight, grad, geometry), bytes<T>(destination), weight.data<T>(),
                                       writable_bytes<T>(dx));
    });
}

void convolution_backward_weight(const Tensor& x, const Tensor& grad, const ConvolutionGeometry& geometry,
                                 const Tensor& dw, const Tensor& db) {
    visit_floating(grad.dtype(), "conv2d", [&]<class T>(T) {
        const Tensor source = readable<T>(x);
        const Tensor destination = readable<T>(grad);
        convolution_backward_weights(shape_of(x, dw, grad, geometry), bytes<T>(source), bytes<T>(destination),
                                     dw.mutable_data<T>(), db.defined() ? db.mutable_data<T>() : nullptr);
    });
}

} // namespace hs::cpu
