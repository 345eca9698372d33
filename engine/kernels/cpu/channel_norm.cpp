#include "engine/kernels/cpu/batch_norm.h"
#include "engine/kernels/cpu/channels_last.h"
#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>

/// Batch norm of tensors: float32 by the kernels of batch_norm.h in the layout that the images have, float64 by loops.
namespace hs::cpu {

namespace {

/// x [n, c, ...] contiguous, as the kernels see it.
BatchNormShape shape_of(const Tensor& x) {
    const Shape& shape = x.shape();
    if (shape.size() < 2) return {ImageLayout::nhwc, shape.empty() ? 0 : shape[0], 0, 1};
    std::int64_t area = 1;
    for (std::size_t i = 2; i < shape.size(); ++i)
        area *= shape[i];
    const bool last = area == 1 || x.channels_last();
    return {last ? ImageLayout::nhwc : ImageLayout::nchw, shape[0], shape[1], area};
}

bool is_channels_last(const Tensor& x) {
    return static_cast<bool>(x.channels_last());
}

const float* bytes(const Tensor& x) {
    return is_channels_last(x) ? x.raw_data<float>() : x.data<float>();
}

/// `other` with its bytes in the layout of x.
Tensor laid_like(const Tensor& x, const Tensor& other) {
    if (is_channels_last(x)) return as_channels_last(other);
    other.data<float>();
    return other;
}

float* writable_like(const Tensor& x, const Tensor& fresh) {
    if (is_channels_last(x)) declare_channels_last(fresh);
    return fresh.mutable_raw_data<float>();
}

template <class T>
const T* values(const Tensor& x) {
    return x.defined() ? x.data<T>() : nullptr;
}

template <class T>
T* writable(const Tensor& x) {
    return x.defined() ? x.mutable_data<T>() : nullptr;
}

/// Calls body(channel, index of an element) for all elements of a channel, channel by channel.
template <class Start, class Body, class End>
void for_channels(const BatchNormShape& s, Start start, Body body, End end) {
    parallel_for(s.channels, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t c = first; c < last; ++c) {
            auto state = start(c);
            for (std::int64_t n = 0; n < s.batch; ++n) {
                const std::int64_t at = (n * s.channels + c) * s.area;
                for (std::int64_t i = at; i < at + s.area; ++i)
                    body(state, i);
            }
            end(c, state);
        }
    });
}

struct Sums {
    double first = 0, second = 0;
};

void statistics(const BatchNormShape& s, const double* x, double* mean, double* variance) {
    const auto count = static_cast<double>(s.batch * s.area);
    const auto nothing = [](std::int64_t) { return Sums(); };
    for_channels(
        s, nothing, [&](Sums& sums, std::int64_t i) { sums.first += x[i]; },
        [&](std::int64_t c, const Sums& sums) { mean[c] = sums.first / count; });
    for_channels(
        s,
        [&](std::int64_t c) {
            return Sums{0, mean[c]};
        },
        [&](Sums& sums, std::int64_t i) { sums.first += (x[i] - sums.second) * (x[i] - sums.second); },
        [&](std::int64_t c, const Sums& sums) { variance[c] = sums.first / count; });
}

} // namespace

void batch_norm_statistics(const Tensor& x, const Tensor& mean, const Tensor& variance) {
    if (x.dtype() == Dtype::float32)
        return hs::batch_norm_statistics(shape_of(x), bytes(x), mean.mutable_data<float>(),
                                         variance.mutable_data<float>());
    visit_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
        if constexpr (std::is_same_v<T, double>)
            statistics(shape_of(x), x.data<T>(), mean.mutable_data<T>(), variance.mutable_data<T>());
    });
}

void batch_norm(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& weight, const Tensor& bias,
                double eps, const Tensor& y) {
    if (x.dtype() == Dtype::float32)
        return batch_norm_forward(shape_of(x), bytes(x), mean.data<float>(), variance.data<float>(),
                                  values<float>(weight), values<float>(bias), eps, writable_like(x, y));
    visit_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        const T *w = values<T>(weight), *b = values<T>(bias), *m = mean.data<T>(), *v = variance.data<T>();
        struct Line {
            T mean, factor, offset;
        };
        for_channels(
            shape_of(x),
            [&](std::int64_t c) {
                return Line{m[c], (w ? w[c] : T(1)) / std::sqrt(v[c] + static_cast<T>(eps)), b ? b[c] : T(0)};
            },
            [&](const Line& line, std::int64_t i) { to[i] = (from[i] - line.mean) * line.factor + line.offset; },
            [](std::int64_t, const Line&) {});
    });
}

void batch_norm_backward(const Tensor& grad, const Tensor& x, const Tensor& mean, const Tensor& variance,
                         const Tensor& weight, double eps, bool batch_statistics, const Tensor& dx,
                         const Tensor& dweight, const Tensor& dbias) {
    const BatchNormShape shape = shape_of(x);
    if (x.dtype() == Dtype::float32) {
        const Tensor given = laid_like(x, grad);
        return hs::batch_norm_backward(shape, bytes(given), bytes(x), mean.data<float>(), variance.data<float>(),
                                       values<float>(weight), eps, batch_statistics,
                                       dx.defined() ? writable_like(x, dx) : nullptr, writable<float>(dweight),
                                       writable<float>(dbias));
    }
    visit_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
        const T *g = grad.data<T>(), *from = x.data<T>(), *w = values<T>(weight), *m = mean.data<T>(),
                *v = variance.data<T>();
        T *to = writable<T>(dx), *dw = writable<T>(dweight), *db = writable<T>(dbias);
        const T count = static_cast<T>(shape.batch * shape.area);
        struct Line {
            T mean, inverse, factor, sum, product;
        };
        std::vector<Line> lines(static_cast<std::size_t>(shape.channels));
        for_channels(
            shape,
            [&](std::int64_t c) {
                const T inverse = T(1) / std::sqrt(v[c] + static_cast<T>(eps));
                return Line{m[c], inverse, (w ? w[c] : T(1)) * inverse, 0, 0};
            },
            [&](Line& line, std::int64_t i) {
                line.sum += g[i];
                line.product += g[i] * (from[i] - line.mean) * line.inverse;
            },
            [&](std::int64_t c, const Line& line) {
                lines[static_cast<std::size_t>(c)] = line;
                if (dw) dw[c] = line.product;
                if (db) db[c] = line.sum;
            });
        if (!to) return;
        for_channels(
            shape,
            [&](std::int64_t c) {
                Line line = lines[static_cast<std::size_t>(c)];
                line.sum = batch_statistics ? line.sum / count : T(0);
                line.product = batch_statistics ? line.product / count : T(0);
                return line;
            },
            [&](const Line& line, std::int64_t i) {
                const T normalised = (from[i] - line.mean) * line.inverse;
                to[i] = line.factor * (g[i] - line.sum - normalised * line.product);
            },
            [](std::int64_t, const Line&) {});
    });
}

} // namespace hs::cpu
