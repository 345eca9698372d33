#include "engine/ops/elementwise.h"

#include "engine/tensor/visit_dtype.h"

#include <cmath>
#include <limits>

namespace hs::ops {

namespace {

int category(Dtype dtype) {
    return dtype == Dtype::bool_ ? 0 : is_floating_point(dtype) ? 2 : 1;
}

} // namespace

Dtype result_type(std::span<const ArgumentRef> operands) {
    // By rank: tensors with dimensions, 0-dim tensors, numbers.
    std::optional<Dtype> ranks[3];
    for (const ArgumentRef& operand : operands) {
        if (operand.is_none()) continue;
        const int rank = operand.is_tensor() ? (operand.tensor().shape().empty() ? 1 : 0) : 2;
        const Dtype dtype = operand.is_tensor() ? operand.tensor().dtype() : operand.scalar().dtype();
        ranks[rank] = ranks[rank] ? promote(*ranks[rank], dtype) : dtype;
    }
    std::optional<Dtype> result;
    for (const std::optional<Dtype>& dtype : ranks) {
        if (!dtype) continue;
        if (!result)
            result = dtype;
        else if (category(*dtype) > category(*result))
            result = dtype;
    }
    return result.value_or(Dtype::float32);
}

Tensor prepared(const Tensor& tensor, Dtype dtype, const Shape& shape) {
    Tensor result = tensor;
    if (tensor.dtype() != dtype) {
        result = empty(tensor.shape(), {.dtype = dtype, .device = tensor.device()});
        kernels_of(tensor).copy(tensor, result);
    }
    if (result.shape() == shape) return result;
    Strides strides(shape.size(), 0);
    const std::size_t extra = shape.size() - result.shape().size();
    for (std::size_t i = 0; i < result.shape().size(); ++i)
        strides[extra + i] = result.shape()[i] == 1 ? 0 : result.strides()[i];
    return make_view(result, shape, strides, result.storage_offset());
}

Scalar checked_number(const Scalar& number, Dtype dtype) {
    if (dtype == Dtype::bool_) return number.to_bool();
    // What is greater than the greatest does not fit; negative numbers wrap in what has no sign. Infinity stays.
    const double value = number.to_double();
    const double size = dtype == Dtype::uint8 ? std::fabs(value) : value;
    double least = 0, greatest = 0;
    if (is_floating_point(dtype)) {
        if (!std::isfinite(value)) return number;
        greatest = dtype == Dtype::float16   ? 65504.0
                   : dtype == Dtype::float64 ? std::numeric_limits<double>::max()
                                             : static_cast<double>(std::numeric_limits<float>::max());
        if (dtype == Dtype::bfloat16) greatest = 0x1.FEp127;
        least = -greatest;
    } else {
        visit_any_dtype(dtype, [&]<class T>(T) {
            if constexpr (std::is_integral_v<T>) {
                least = static_cast<double>(std::numeric_limits<T>::lowest());
                greatest = static_cast<double>(std::numeric_limits<T>::max());
            }
        });
    }
    if (size >= least && size <= greatest) return number;
    constexpr std::string_view names[dtype_count] = {"float", "double",  "at::Half", "at::BFloat16", "int64_t",
                                                     "int",   "int16_t", "int8_t",   "uint8_t",      "bool"};
    throw Error("value cannot be converted to type " + std::string(names[static_cast<std::size_t>(dtype)]) +
                " without overflow");
}

BinaryPlan::BinaryPlan(const ArgumentRef& left, const ArgumentRef& right, bool floating) {
    const std::array<ArgumentRef, 2> operands{left, right};
    dtype = left.is_tensor() && right.is_tensor() && left.tensor().dtype() == right.tensor().dtype()
                ? left.tensor().dtype()
                : result_type(operands);
    if (floating && !is_floating_point(dtype)) dtype = Dtype::float32;
    if (left.is_tensor() && right.is_tensor() && left.tensor().shape() != right.tensor().shape())
        shape = broadcast_shapes(left.tensor().shape(), right.tensor().shape());
    else
        shape = left.is_tensor() ? left.tensor().shape() : right.tensor().shape();
    const auto prepare = [&](const ArgumentRef& operand) -> Operand {
        if (operand.is_tensor()) return prepared(operand.tensor(), dtype, shape);
        return operand.scalar();
    };
    a = prepare(left);
    b = prepare(right);
}

} // namespace hs::ops
