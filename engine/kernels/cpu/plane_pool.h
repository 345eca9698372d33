#pragma once

#include "engine/kernels/cpu/vector/pool.h"
#include "engine/kernels/neural.h"
#include "engine/tensor/visit_dtype.h"

#include <limits>

/// Pooling of planes of one channel in any floating point type: what the vector kernels do, for float64.
namespace hs::cpu {

/// Calls body(output element, input element) for each pair of an output and an element of its window, and start(output)
/// before the first of them.
template <class Start, class Body>
void for_windows(const PoolShape& s, Start start, Body body) {
    std::int64_t out = 0;
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t oh = 0; oh < s.out_height; ++oh) {
            for (std::int64_t ow = 0; ow < s.out_width; ++ow, ++out) {
                start(out, oh, ow);
                for (std::int64_t i = 0; i < s.kernel_height; ++i) {
                    const std::int64_t row = oh * s.stride_height - s.padding_height + i * s.dilation_height;
                    if (row < 0 || row >= s.height) continue;
                    for (std::int64_t j = 0; j < s.kernel_width; ++j) {
                        const std::int64_t col = ow * s.stride_width - s.padding_width + j * s.dilation_width;
                        if (col < 0 || col >= s.width) continue;
                        body(out, n * s.height * s.width, row * s.width + col);
                    }
                }
            }
        }
    }
}

template <class T>
void max_pool_planes(const PoolShape& s, const T* x, T* y, std::int32_t* index) {
    for_windows(
        s,
        [&](std::int64_t out, std::int64_t, std::int64_t) {
            y[out] = -std::numeric_limits<T>::infinity();
            index[out] = -1;
        },
        [&](std::int64_t out, std::int64_t plane, std::int64_t place) {
            const T value = x[plane + place];
            if (value > y[out] || value != value || index[out] < 0) {
                y[out] = value;
                index[out] = static_cast<std::int32_t>(place);
            }
        });
}

template <class T>
void max_pool_planes_backward(const PoolShape& s, const T* grad, const std::int32_t* index, T* dx) {
    const std::int64_t plane = s.height * s.width, windows = s.out_height * s.out_width;
    std::fill_n(dx, s.batch * plane, T(0));
    for (std::int64_t n = 0; n < s.batch; ++n)
        for (std::int64_t i = n * windows; i < (n + 1) * windows; ++i)
            dx[n * plane + index[i]] += grad[i];
}

/// One over the divisor of an average (see PoolKernels::average).
template <class T>
T average_factor(const PoolShape& s, const PoolGeometry& geometry, std::int64_t oh, std::int64_t ow) {
    if (geometry.divisor != 0) return T(1) / static_cast<T>(geometry.divisor);
    const auto length = [&](std::int64_t at, std::int64_t kernel, std::int64_t size, std::int64_t padding) {
        const std::int64_t end = std::min(at + kernel, size + padding);
        return geometry.count_include_pad ? end - at : std::min(end, size) - std::max<std::int64_t>(at, 0);
    };
    return T(1) /
           static_cast<T>(length(oh * s.stride_height - s.padding_height, s.kernel_height, s.height, s.padding_height) *
                          length(ow * s.stride_width - s.padding_width, s.kernel_width, s.width, s.padding_width));
}

template <class T>
void average_pool_planes(const PoolShape& s, const PoolGeometry& geometry, const T* x, T* y) {
    T factor = 0;
    for_windows(
        s,
        [&](std::int64_t out, std::int64_t oh, std::int64_t ow) {
            factor = average_factor<T>(s, geometry, oh, ow);
            y[out] = 0;
        },
        [&](std::int64_t out, std::int64_t plane, std::int64_t place) { y[out] += x[plane + place] * factor; });
}

template <class T>
void average_pool_planes_backward(const PoolShape& s, const PoolGeometry& geometry, const T* grad, T* dx) {
    T factor = 0;
    std::fill_n(dx, s.batch * s.height * s.width, T(0));
    for_windows(
        s, [&](std::int64_t, std::int64_t oh, std::int64_t ow) { factor = average_factor<T>(s, geometry, oh, ow); },
        [&](std::int64_t out, std::int64_t plane, std::int64_t place) { dx[plane + place] += grad[out] * factor; });
}

} // namespace hs::cpu
