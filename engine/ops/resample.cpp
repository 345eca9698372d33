#include "engine/ops/resample.h"

namespace hs::ops {

Tensor resampled(const Tensor& x, std::size_t dim, const Taps& taps, std::int64_t size) {
    Shape shape = x.shape();
    shape[dim] = size;
    const Tensor y = empty(shape, x.options());
    neural_kernels_of(x).resample(x, dim, taps, y);
    return y;
}

Tensor resampled_backward(const Tensor& grad, std::size_t dim, const Taps& taps, std::int64_t size) {
    Shape shape = grad.shape();
    shape[dim] = size;
    const Tensor dx = empty(shape, grad.options());
    neural_kernels_of(grad).resample_backward(grad, dim, taps, dx);
    return dx;
}

} // namespace hs::ops
