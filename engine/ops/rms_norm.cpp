#include "engine/ops/functional.h"
#include "engine/ops/layer_norm.h"
#include "engine/ops/samples.h"

#include <limits>

namespace hs::ops {

namespace {

Tensor compute_rms_norm(const Arguments& a) {
    const Tensor &x = a.tensor(0), weight = a.optional_tensor(2);
    const Dims shape = a.integers(1);
    check_normalized_shape(x, shape, weight);
    const double epsilon = x.dtype() == Dtype::float64 ? std::numeric_limits<double>::epsilon()
                                                       : static_cast<double>(std::numeric_limits<float>::epsilon());
    const Dims last = last_dims(x.shape().size(), shape.size());
    const Tensor y = x * rsqrt(mean(square(x), last, true) + (a.is_none(3) ? epsilon : a.floating(3)));
    return weight.defined() ? y * weight : y;
}

} // namespace

extern const Op rms_norm_op({
    .signature = "rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
    .summary = "Divides each position by its root mean square over the last dimensions.",
    .forward = "y = input / sqrt(mean of input^2 + eps) * weight",
    .dtypes = {floating_dtypes},
    .compute = compute_rms_norm,
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
