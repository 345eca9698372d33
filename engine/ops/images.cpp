#include "engine/ops/images.h"

#include "engine/ops/functional.h"

namespace hs::ops {

Tensor as_batch(const Tensor& images) {
    const Tensor plain = contiguous(images);
    if (plain.dim() == 4) return plain;
    const Shape& s = plain.shape();
    return make_view(plain, {1, s[0], s[1], s[2]}, {s[0] * s[1] * s[2], s[1] * s[2], s[2], 1}, plain.storage_offset());
}

Tensor in_rank_of(const Tensor& input, const Tensor& result) {
    if (input.dim() == 4) return result;
    Shape shape = result.shape();
    shape.erase(0);
    return make_tensor(result.impl()->storage, shape, contiguous_strides(shape), 0, result.dtype());
}

} // namespace hs::ops
