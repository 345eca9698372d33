#include "engine/kernels/cpu/widened.h"

#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

Tensor widened(const Tensor& tensor) {
    if (!tensor.defined() || !is_narrow(tensor.dtype())) return tensor;
    const Tensor result = empty(
        tensor.shape(), {.dtype = is_half(tensor.dtype()) ? Dtype::float32 : Dtype::int32, .device = tensor.device()});
    copy(tensor, result);
    return result;
}

Scalar rounded(const Scalar& number, Dtype dtype) {
    if (!is_narrow(dtype)) return number;
    return visit_any_dtype(dtype, [&]<class T>(T) {
        if constexpr (std::is_integral_v<T>)
            return Scalar(number.to<T>());
        else
            return Scalar(static_cast<float>(number.to<T>()));
    });
}

void add_any(const Operand& a, const Operand& b, const Scalar& alpha, const Tensor& y) {
    widening_slot<add, 3>(a, b, rounded(alpha, y.dtype()), y);
}

Tensor nonzero_any(const Tensor& x) {
    return nonzero(widened(x));
}

} // namespace hs::cpu
