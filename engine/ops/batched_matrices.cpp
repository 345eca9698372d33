#include "engine/ops/batched_matrices.h"

#include "engine/ops/functional.h"

namespace hs::ops {

void check_matrices(const Tensor& a, const char* op) {
    if (a.dim() < 2) throw Error(std::string(op) + ": The input tensor A must have at least 2 dimensions.");
    if (!is_floating_point(a.dtype()))
        throw Error(std::string(op) + ": Expected a floating point or complex tensor as input. Got " +
                    std::string(scalar_type_name(a.dtype())));
}

void check_square(const Tensor& a, const char* op) {
    check_matrices(a, op);
    if (a.size(-1) != a.size(-2))
        throw Error(std::string(op) + ": A must be batches of square matrices, but they are " +
                    std::to_string(a.size(-2)) + " by " + std::to_string(a.size(-1)) + " matrices");
}

Tensor as_batch_of_matrices(const Tensor& a) {
    const Tensor plain = contiguous(a);
    const Shape shape{element_count(batch_shape(a)), a.size(-2), a.size(-1)};
    return make_view(plain, shape, contiguous_strides(shape), plain.storage_offset());
}

Shape batch_shape(const Tensor& a) {
    return Shape(std::span(a.shape().begin(), a.shape().end() - 2));
}

Shape with_sizes(Shape batch, std::initializer_list<std::int64_t> sizes) {
    for (const std::int64_t size : sizes)
        batch.push_back(size);
    return batch;
}

} // namespace hs::ops
