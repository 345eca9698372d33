#include "engine/ops/convolution_run.h"

#include "engine/ops/functional.h"
#include "engine/ops/sliding_windows.h"

namespace hs::ops {

namespace {

/// A signal [n, c, l] as images of height 1; images are themselves. Contiguous, without history.
Tensor as_images(const Tensor& x) {
    const Tensor plain = contiguous(x);
    if (plain.dim() == 4) return plain;
    const Shape& s = plain.shape();
    return make_view(plain, {s[0], s[1], 1, s[2]}, {s[1] * s[2], s[2], s[2], 1}, plain.storage_offset());
}

/// An empty tensor of `shape`, and the same memory as images for a kernel to write.
struct Result {
    Result(const Shape& shape, const TensorOptions& options) : images(empty(as_four(shape), options)) {
        tensor = shape.size() == 4
                     ? images
                     : make_tensor(images.impl()->storage, shape, contiguous_strides(shape), 0, options.dtype);
    }
    static Shape as_four(const Shape& shape) {
        return shape.size() == 4 ? shape : Shape{shape[0], shape[1], 1, shape[2]};
    }
    Tensor tensor, images;
};

bool of_volumes(const Convolution& c) {
    return c.stride.size() == 3;
}

SlidingWindows along_depth(const Convolution& c, const Shape& weight) {
    return {.kernel = {weight[2]}, .stride = {c.stride[0]}, .padding = {c.padding[0]}, .dilation = {c.dilation[0]}};
}

/// What a kernel sees at each depth of the result: images [n * out_depth, c * kernel_depth, h, w].
Tensor windows_as_images(const Tensor& x, const Shape& weight, const Convolution& c) {
    const Tensor windows = contiguous(permute(windows_of(x, along_depth(c, weight)), Dims{0, 3, 1, 2, 4, 5}));
    const Shape& s = windows.shape();
    return view(windows, {s[0] * s[1], s[2] * s[3], s[4], s[5]});
}

/// Volumes [n, c, d, h, w] as images [n * d, c, h, w].
Tensor slices_as_images(const Tensor& x) {
    const Tensor slices = contiguous(transpose(x, 1, 2));
    const Shape& s = slices.shape();
    return view(slices, {s[0] * s[1], s[2], s[3], s[4]});
}

Tensor weight_as_images(const Tensor& weight) {
    const Shape& s = weight.shape();
    return view(contiguous(weight), {s[0], s[1] * s[2], s[3], s[4]});
}

} // namespace

Tensor run_convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, const Convolution& c,
                       const Shape& output) {
    const Tensor offset = bias.defined() ? contiguous(bias) : bias;
    if (!of_volumes(c)) {
        const Result y(output, x.options());
        neural_kernels_of(x).convolution(as_images(x), as_images(weight), offset, c.geometry(), y.images);
        return y.tensor;
    }
    const Tensor images = empty({output[0] * output[2], output[1], output[3], output[4]}, x.options());
    neural_kernels_of(x).convolution(windows_as_images(x, weight.shape(), c), weight_as_images(weight), offset,
                                     c.geometry(), images);
    return contiguous(transpose(view(images, {output[0], output[2], output[1], output[3], output[4]}), 1, 2));
}

Tensor run_backward_input(const Tensor& grad, const Tensor& weight, const Convolution& c, const Shape& input) {
    if (!of_volumes(c)) {
        const Result dx(input, grad.options());
        neural_kernels_of(grad).convolution_backward_input(as_images(grad), as_images(weight), c.geometry(), dx.images);
        return dx.tensor;
    }
    const std::int64_t depth = grad.size(2), kernel = weight.size(2);
    const Tensor images = empty({input[0] * depth, input[1] * kernel, input[3], input[4]}, grad.options());
    neural_kernels_of(grad).convolution_backward_input(slices_as_images(grad), weight_as_images(weight), c.geometry(),
                                                       images);
    const Tensor windows = view(images, {input[0], depth, input[1], kernel, input[3], input[4]});
    return sum_of_windows(permute(windows, Dims{0, 2, 3, 1, 4, 5}), input, along_depth(c, weight.shape()));
}

Tensors run_backward_weight(const Tensor& x, const Tensor& grad, const Convolution& c, const Shape& weight, bool bias) {
    const Tensor db = bias ? empty({grad.size(1)}, x.options()) : Tensor();
    if (!of_volumes(c)) {
        const Result dw(weight, x.options());
        neural_kernels_of(x).convolution_backward_weight(as_images(x), as_images(grad), c.geometry(), dw.images, db);
        return {dw.tensor, db};
    }
    const Tensor dw = empty({weight[0], weight[1] * weight[2], weight[3], weight[4]}, x.options());
    neural_kernels_of(x).convolution_backward_weight(windows_as_images(x, weight, c), slices_as_images(grad),
                                                     c.geometry(), dw, db);
    return {view(dw, weight), db};
}

} // namespace hs::ops
