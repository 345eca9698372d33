#include "engine/kernels/kernels.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// The part of a tensor that lies `before` elements after its begin along each dimension, of `shape`.
Tensor inner(const Tensor& x, const Dims& before, const Shape& shape) {
    std::int64_t offset = x.storage_offset();
    for (std::size_t i = 0; i < shape.size(); ++i)
        offset += before[i] * x.strides()[i];
    return make_view(x, shape, x.strides(), offset);
}

Tensor compute_pad(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Dims pad = a.integers(1);
    const std::size_t rank = x.shape().size();
    if (pad.size() % 2 != 0)
        throw Error("Length of pad must be even but instead it equals " + std::to_string(pad.size()));
    if (pad.size() > 2 * rank)
        throw Error("Length of pad should be no more than twice the number of dimensions of the input. Pad length is " +
                    std::to_string(pad.size()) + "while the input has " + std::to_string(rank) + "dimensions.");
    Shape shape = x.shape(), common = x.shape();
    Dims from(rank, 0), to(rank, 0);
    for (std::size_t k = 0; k < pad.size() / 2; ++k) {
        const std::size_t dim = rank - 1 - k;
        const std::int64_t before = pad[2 * k], behind = pad[2 * k + 1];
        shape[dim] += before + behind;
        if (shape[dim] < 0)
            throw Error("The input size " + std::to_string(x.shape()[dim]) + ", plus negative padding " +
                        std::to_string(before) + " and " + std::to_string(behind) +
                        " resulted in a negative output size, which is invalid. Check dimension " +
                        std::to_string(dim) + " of your input.");
        from[dim] = std::max<std::int64_t>(-before, 0);
        to[dim] = std::max<std::int64_t>(before, 0);
        common[dim] = std::max<std::int64_t>(x.shape()[dim] - from[dim] - std::max<std::int64_t>(-behind, 0), 0);
    }
    const Tensor y = full(shape, a.scalar(2), x.options());
    kernels_of(x).copy(inner(x, from, common), inner(y, to, common));
    return y;
}

} // namespace

extern const Op constant_pad_nd_op({
    .signature = "constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor",
    .summary = "Adds a border of one value, or with negative numbers cuts one off; pad names the last dimension first.",
    .forward = "y = x with pad[0] elements in front and pad[1] behind along the last dimension, and so on",
    .gradients = {{"self", "dL/dx = dL/dy without the border"}},
    .compute = compute_pad,
    .saves = {{"pad"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Dims pad = saved.integers("pad");
            for (std::int64_t& size : pad)
                size = -size;
            g.set(0, constant_pad_nd(g[0], pad));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), Dims{1, 2}}},
                                       {{uniform({2, 3}), Dims{-1, 1, 2, 0}, Scalar(1.5)}},
                                       {{uniform({3}), Dims{}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), Dims{1}}, {}, "Length of pad must be even but instead it equals 1"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor constant_pad_nd(const Tensor& self, const Dims& pad, const Scalar& value) {
    return call(ops::constant_pad_nd_op, {self, pad, value});
}

} // namespace hs
