#include "engine/ops/elementwise.h"

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
