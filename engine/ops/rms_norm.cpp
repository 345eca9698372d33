#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

#include <limits>

namespace hs::ops {

namespace {

/// PyTorch's check of layer norm, which this one has too.
void check(const Tensor& x, const Dims& shape, const Tensor& weight) {
    const std::size_t rank = x.shape().size(), count = shape.size();
    bool fits = count > 0 && count <= rank;
    for (std::size_t i = 0; fits && i < count; ++i)
        fits = x.shape()[rank - count + i] == shape[i];
    if (!fits) {
        std::string wanted = "[*";
        for (const std::int64_t size : shape)
            wanted += ", " + std::to_string(size);
        throw Error("Given normalized_shape=" + to_string(shape) + ", expected input with shape " + wanted +
                    "], but got input of size" + to_string(x.shape()));
    }
    if (weight.defined() && weight.shape() != shape)
        throw Error("Expected weight to be of same shape as normalized_shape, but got weight of shape " +
                    to_string(weight.shape()) + " and normalized_shape = " + to_string(shape));
}

Tensor compute(const Arguments& a) {
    const Tensor &x = a.tensor(0), weight = a.optional_tensor(2);
    const Dims shape = a.integers(1);
    check(x, shape, weight);
    const double epsilon = x.dtype() == Dtype::float64 ? std::numeric_limits<double>::epsilon()
                                                       : static_cast<double>(std::numeric_limits<float>::epsilon());
    Dims last;
    for (std::size_t i = 1; i <= shape.size(); ++i)
        last.push_back(-static_cast<std::int64_t>(i));
    const Tensor y = x * rsqrt(mean(square(x), last, true) + (a.is_none(3) ? epsilon : a.floating(3)));
    return weight.defined() ? y * weight : y;
}

} // namespace

extern const Op rms_norm_op({
    .signature = "rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
    .summary = "Divides each position by its root mean square over the last dimensions.",
    .forward = "y = x / sqrt(mean of x^2 + eps) * weight",
    .compute = compute,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Dims{3, 4}, uniform({3, 4})}},
                                       {{uniform({3, 4}), Dims{4}, Argument(), Scalar(1e-3)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({4, 2}), Dims{3}},
                 {},
                 "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[4, 2]"},
                {{uniform({4, 2}), Dims{2}, uniform({3})},
                 {},
                 "Expected weight to be of same shape as normalized_shape, but got weight of shape [3] and "
                 "normalized_shape = [2]"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor rms_norm(const Tensor& input, const Dims& normalized_shape, const Tensor& weight, std::optional<double> eps) {
    return call(ops::rms_norm_op, {input, normalized_shape, weight, eps});
}

} // namespace hs
