#include "engine/ops/functional.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>

namespace hs {

namespace {

void check(double p) {
    if (p < 0 || p > 1) throw ValueError("dropout probability has to be between 0 and 1, but got " + float_text(p));
}

/// One number an element, or one a channel.
Shape noise_shape(const Tensor& input, bool by_channel) {
    if (!by_channel) return input.shape();
    if (input.dim() < 2) throw Error("Feature dropout requires at least 2 dimensions in the input");
    Shape shape(input.shape().size(), 1);
    shape[0] = input.size(0);
    shape[1] = input.size(1);
    return shape;
}

/// Factors of `shape`: 0 with probability p, else 1 / (1 - p).
Tensor keep_factors(const Shape& shape, double p, Generator& generator, const TensorOptions& options) {
    if (p == 1) return zeros(shape, options);
    const Tensor factors = empty(shape, options);
    const double keep = 1 - p;
    visit_any_floating(options.dtype, "bernoulli", [&]<class T>(T) {
        T* to = factors.mutable_data<T>();
        for (std::int64_t i = 0; i < factors.numel(); ++i)
            to[i] = generator.uniform_double() < keep ? static_cast<T>(1 / keep) : T(0);
    });
    return factors;
}

/// kept * (a x) + (1 - kept) a b', where b' is SELU's lower bound and a makes the variance 1 again.
Tensor alpha(const Tensor& input, double p, bool training, Generator& generator, bool by_channel) {
    check(p);
    if (!training || p == 0 || input.numel() == 0) return input;
    const Tensor kept = bernoulli(noise_shape(input, by_channel), 1 - p, generator, input.options());
    if (p == 1) return input * kept;
    constexpr double bound = 1.7580993408473766;
    const double a = 1 / std::sqrt((bound * bound * p + 1) * (1 - p));
    const Tensor shift = (kept - 1) * (bound * a) + bound * a * p;
    return input * (kept * a) + shift;
}

} // namespace

Tensor bernoulli(const Shape& shape, double p, Generator& generator, const TensorOptions& options) {
    if (p < 0 || p > 1) throw Error("bernoulli_ expects p to be in [0, 1], but got p=" + stream_text(p));
    const Tensor result = empty(shape, options);
    visit_any_dtype(options.dtype, [&]<class T>(T) {
        T* to = result.mutable_data<T>();
        for (std::int64_t i = 0; i < result.numel(); ++i)
            to[i] = static_cast<T>(generator.uniform_double() < p);
    });
    return result;
}

Tensor dropout(const Tensor& input, double p, bool training, Generator& generator) {
    check(p);
    if (!training || p == 0 || input.numel() == 0) return input;
    return input * keep_factors(input.shape(), p, generator, input.options());
}

Tensor feature_dropout(const Tensor& input, double p, bool training, Generator& generator) {
    check(p);
    if (!training || p == 0 || input.numel() == 0) return input;
    return input * keep_factors(noise_shape(input, true), p, generator, input.options());
}

Tensor alpha_dropout(const Tensor& input, double p, bool training, Generator& generator) {
    return alpha(input, p, training, generator, false);
}

Tensor feature_alpha_dropout(const Tensor& input, double p, bool training, Generator& generator) {
    return alpha(input, p, training, generator, true);
}

} // namespace hs
