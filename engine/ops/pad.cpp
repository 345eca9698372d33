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
    .forward = "y = self with pad[0] elements in front and pad[1] behind along the last dimension, and so on",
    .gradients = {{"self", "dL/dself = dL/dy without the border"}},
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

namespace {

/// Where element i of the padded dimension comes from.
std::int64_t source_of(std::int64_t i, std::int64_t size, std::string_view mode) {
    if (mode == "replicate") return std::clamp<std::int64_t>(i, 0, size - 1);
    if (mode == "circular") return (i % size + size) % size;
    if (i < 0) return -i;
    return i < size ? i : 2 * (size - 1) - i;
}

Tensor pad_one(const Tensor& x, std::int64_t dim, std::int64_t before, std::int64_t behind, std::string_view mode) {
    if (before == 0 && behind == 0) return x;
    const std::int64_t size = x.size(dim);
    if (mode == "reflect" && (before >= size || behind >= size))
        throw Error("Argument #4: Padding size should be less than the corresponding input dimension, but got: "
                    "padding (" +
                    std::to_string(before) + ", " + std::to_string(behind) + ") at dimension " + std::to_string(dim) +
                    " of input " + to_string(x.shape()));
    if (mode == "circular" && (before > size || behind > size))
        throw Error("Padding value causes wrapping around more than once.");
    if (size == 0 || size + before + behind < 0)
        throw Error("dimension " + std::to_string(dim) + " of input " + to_string(x.shape()) + " cannot be padded");
    // What is cut off takes no part in going round.
    const std::int64_t cut = mode == "circular" ? std::max<std::int64_t>(-before, 0) : 0;
    const std::int64_t period = mode == "circular" ? size - cut - std::max<std::int64_t>(-behind, 0) : size;
    if (period < 1)
        throw Error("dimension " + std::to_string(dim) + " of input " + to_string(x.shape()) + " cannot be padded");
    const Tensor index = empty({size + before + behind}, {.dtype = Dtype::int64});
    auto* places = index.mutable_data<std::int64_t>();
    for (std::int64_t i = 0; i < index.numel(); ++i)
        places[i] = cut + source_of(i - before - cut, period, mode);
    return index_select(x, dim, index);
}

} // namespace

extern const Op pad_op({
    .signature = "pad(Tensor self, int[] pad, str mode='constant', float? value=None) -> Tensor",
    .summary = "Adds a border: of one value, or of the tensor's own elements by reflect, replicate or circular.",
    .forward = "y = self with pad[0] elements in front and pad[1] behind along the last dimension, and so on",
    .compute =
        [](const Arguments& a) {
            const std::string_view mode = a.text(2);
            const Dims pad = a.integers(1);
            if (mode == "constant") return constant_pad_nd(a.tensor(0), pad, a.is_none(3) ? Scalar(0) : a.scalar(3));
            if (mode != "reflect" && mode != "replicate" && mode != "circular")
                throw NotImplementedError("Unrecognised padding mode " + std::string(mode));
            Tensor x = a.tensor(0);
            if (pad.size() % 2 != 0 || pad.size() > 2 * x.shape().size())
                throw NotImplementedError(
                    "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now");
            for (std::size_t k = 0; k < pad.size() / 2; ++k)
                x = pad_one(x, x.dim() - 1 - static_cast<std::int64_t>(k), pad[2 * k], pad[2 * k + 1], mode);
            return x;
        },
    .composite = true,
    .samples =
        [] {
            const Tensor x = uniform({1, 2, 4});
            return std::vector<Sample>{{{x, Dims{1, 2}}},
                                       {{x, Dims{1, 2}, std::string("reflect")}},
                                       {{x, Dims{2, 0}, std::string("replicate")}},
                                       {{x, Dims{1, 3}, std::string("circular")}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor pad(const Tensor& self, const Dims& pad, std::string_view mode, double value) {
    return call(ops::pad_op, {self, pad, mode, value});
}

Tensor constant_pad_nd(const Tensor& self, const Dims& pad, const Scalar& value) {
    return call(ops::constant_pad_nd_op, {self, pad, value});
}

} // namespace hs
