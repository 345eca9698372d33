#include "engine/ops/sliding_windows.h"

#include "engine/kernels/kernels.h"

namespace hs::ops {

namespace {

Shape padded_shape(const Shape& shape, const SlidingWindows& w) {
    Shape padded = shape;
    for (std::size_t i = 0; i < w.padding.size(); ++i)
        padded[i + 2] += 2 * w.padding[i];
    return padded;
}

/// The part of a padded tensor that is not padding, of `shape`.
Tensor without_padding(const Tensor& padded, const Shape& shape, const SlidingWindows& w) {
    std::int64_t offset = padded.storage_offset();
    for (std::size_t i = 0; i < w.padding.size(); ++i)
        offset += w.padding[i] * padded.strides()[i + 2];
    return make_view(padded, shape, padded.strides(), offset);
}

Tensor sliding_view(const Tensor& padded, const SlidingWindows& w, const Dims& counts) {
    const Strides& given = padded.strides();
    Shape shape{padded.size(0), padded.size(1)};
    Strides strides{given[0], given[1]};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        shape.push_back(w.kernel[i]);
        strides.push_back(w.dilation[i] * given[i + 2]);
    }
    for (std::size_t i = 2; i < given.size(); ++i) {
        const bool slides = i - 2 < counts.size();
        shape.push_back(slides ? counts[i - 2] : padded.shape()[i]);
        strides.push_back(slides ? w.stride[i - 2] * given[i] : given[i]);
    }
    return make_view(padded, shape, strides, padded.storage_offset());
}

/// One element of all windows: [n, c, counts..., rest...].
Tensor element_of(const Tensor& windows, std::int64_t element, const SlidingWindows& w) {
    const std::size_t behind = w.kernel.size() + 2;
    std::int64_t offset = windows.storage_offset();
    for (std::size_t i = behind; i-- > 2; element /= windows.shape()[i])
        offset += element % windows.shape()[i] * windows.strides()[i];
    Shape shape{windows.size(0), windows.size(1)};
    Strides strides{windows.strides()[0], windows.strides()[1]};
    for (std::size_t i = behind; i < windows.shape().size(); ++i) {
        shape.push_back(windows.shape()[i]);
        strides.push_back(windows.strides()[i]);
    }
    return make_view(windows, shape, strides, offset);
}

} // namespace

Dims SlidingWindows::counts(std::span<const std::int64_t> sizes) const {
    Dims result;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const std::int64_t room = sizes[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1;
        result.push_back(room < 0 ? 0 : room / stride[i] + 1);
    }
    return result;
}

Tensor windows_of(const Tensor& x, const SlidingWindows& w) {
    Tensor padded = x;
    if (w.padding != Dims(w.padding.size(), 0)) {
        padded = zeros(padded_shape(x.shape(), w), x.options());
        kernels_of(x).copy(x, without_padding(padded, x.shape(), w));
    }
    return sliding_view(padded, w, w.counts(std::span(x.shape().begin() + 2, x.shape().end())));
}

Tensor sum_of_windows(const Tensor& values, const Shape& shape, const SlidingWindows& w) {
    const Tensor padded = zeros(padded_shape(shape, w), values.options());
    const auto* counts = values.shape().begin() + 2 + w.kernel.size();
    const Tensor windows = sliding_view(padded, w, Dims(std::span(counts, w.kernel.size())));
    std::int64_t elements = 1;
    for (const std::int64_t size : w.kernel)
        elements *= size;
    // Windows overlap, but the same element of all windows does not.
    for (std::int64_t i = 0; i < elements; ++i) {
        const Tensor to = element_of(windows, i, w);
        kernels_of(to).add(to, element_of(values, i, w), 1, to);
    }
    if (padded.shape() == shape) return padded;
    const Tensor result = empty(shape, values.options());
    kernels_of(result).copy(without_padding(padded, shape, w), result);
    return result;
}

} // namespace hs::ops
