#include "engine/ops/volumes.h"

#include "engine/ops/functional.h"

namespace hs::ops {

Triple triple_of(const Dims& dims) {
    return {dims[0], dims[dims.size() / 2], dims.back()};
}

Tensor slices_of(const Tensor& volumes) {
    const Shape& s = volumes.shape();
    const std::size_t first = s.size() - 3;
    return view(volumes, {first == 2 ? s[0] * s[1] : s[0], s[first], s[first + 1], s[first + 2]});
}

Tensor columns_of(const Tensor& slices) {
    const Shape& s = slices.shape();
    return view(slices, {s[0], 1, s[1], s[2] * s[3]});
}

Tensor as_volumes(const Tensor& columns, const Tensor& volumes, const Triple& size) {
    Shape shape(std::span(volumes.shape().begin(), volumes.shape().end() - 3));
    for (const std::int64_t each : size)
        shape.push_back(each);
    return make_tensor(columns.impl()->storage, shape, contiguous_strides(shape), 0, columns.dtype());
}

Tensor places_in_volumes(const Tensor& of_slices, const Tensor& of_columns, const Tensor& volumes) {
    const std::int64_t count = of_slices.size(0), window = of_slices.size(2) * of_slices.size(3);
    const Tensor chosen =
        reshape(to(of_columns, Dtype::int64), {count, of_columns.numel() / std::max<std::int64_t>(count, 1)});
    const Tensor in_slice =
        gather(reshape(to(of_slices, Dtype::int64), {count, of_slices.size(1) * window}), 1, chosen);
    const std::int64_t slice = volumes.size(-1) * volumes.size(-2);
    return floor_divide(chosen, Scalar(std::max<std::int64_t>(window, 1))) * Scalar(slice) + in_slice;
}

Tensor put_back(const Tensor& grad, const Tensor& places, const Shape& shape) {
    const std::size_t first = shape.size() - 3;
    const std::int64_t count = first == 2 ? shape[0] * shape[1] : shape[0];
    const std::int64_t size = shape[first] * shape[first + 1] * shape[first + 2];
    const Tensor index = reshape(places, {count, places.numel() / std::max<std::int64_t>(count, 1)});
    return reshape(scatter_add(zeros({count, size}, grad.options()), 1, index, reshape(grad, index.shape())), shape);
}

} // namespace hs::ops
