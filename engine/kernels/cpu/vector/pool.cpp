#include "engine/kernels/cpu/vector/pool.h"

#include "engine/kernels/cpu/vector/build.h"
#include "engine/kernels/cpu/vector/builds.h"

#include <limits>

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

/// Part of the image that a window covers, along one axis: taps [first, last) at first position `at`.
struct Span {
    Index at, first, last;
};

inline Span span_of(Index out, Index stride, Index padding, Index dilation, Index kernel, Index size) {
    const Index start = out * stride - padding;
    const auto steps = [dilation](Index distance) {
        return dilation == 1 ? distance : (distance + dilation - 1) / dilation;
    };
    return {start, start < 0 ? steps(-start) : 0, least(kernel, start < size ? steps(size - start) : 0)};
}

/// The greatest of a window for `width` channels that follow each other from x.
template <int width>
inline void max_pixel(const PoolShape& s, Span rows, Span cols, const float* x, float* y, std::int32_t* index) {
    float best[width];
    std::int32_t place[width];
    const auto start = static_cast<std::int32_t>((rows.at + rows.first * s.dilation_height) * s.width + cols.at +
                                                 cols.first * s.dilation_width);
    for (int k = 0; k < width; ++k) {
        best[k] = -std::numeric_limits<float>::infinity();
        place[k] = start;
    }
    for (Index i = rows.first; i < rows.last; ++i) {
        for (Index j = cols.first; j < cols.last; ++j) {
            const Index at = (rows.at + i * s.dilation_height) * s.width + cols.at + j * s.dilation_width;
            const float* p = x + at * s.channels;
            HOOKSCOPE_SIMD
            for (int k = 0; k < width; ++k) {
                const bool better = p[k] > best[k] || p[k] != p[k];
                best[k] = better ? p[k] : best[k];
                place[k] = better ? static_cast<std::int32_t>(at) : place[k];
            }
        }
    }
    for (int k = 0; k < width; ++k) {
        y[k] = best[k];
        index[k] = place[k];
    }
}

/// The same for a window of 2x2 that lies within the image, its first element at `at`.
template <int width>
inline void max_pixel_2x2(Index at, Index row, const float* x, Index channels, float* y, std::int32_t* index) {
    const float* p = x + at * channels;
    const float* q = p + row * channels;
    const auto place = static_cast<std::int32_t>(at);
    const auto below = static_cast<std::int32_t>(at + row);
    HOOKSCOPE_SIMD
    for (int k = 0; k < width; ++k) {
        float best = p[k];
        std::int32_t chosen = place;
        const float taps[3] = {p[channels + k], q[k], q[channels + k]};
        const std::int32_t places[3] = {place + 1, below, below + 1};
        for (int t = 0; t < 3; ++t) {
            const bool better = taps[t] > best || taps[t] != taps[t];
            best = better ? taps[t] : best;
            chosen = better ? places[t] : chosen;
        }
        y[k] = best;
        index[k] = chosen;
    }
}

bool inside_2x2(const PoolShape& s) {
    return s.kernel_height == 2 && s.kernel_width == 2 && s.padding_height == 0 && s.padding_width == 0 &&
           s.dilation_height == 1 && s.dilation_width == 1 && (s.out_height - 1) * s.stride_height + 2 <= s.height &&
           (s.out_width - 1) * s.stride_width + 2 <= s.width;
}

/// Pixels of a row, from the left, at which a vector of `width` lanes instead of `channels` stays within the row.
inline Index wide_pixels(Index row, Index channels, Index width) {
    return greatest(0, row - (width - 1) / channels);
}

/// Calls body.operator()<width>(pixel, channel) for a row of pixels, so that all channels of all are covered. What a
/// vector touches behind the last channel belongs to pixels of the same row, which come later.
template <class Body>
inline void for_row(Index pixels, Index channels, Body body) {
    Index first = 0;
    if (channels <= 8) {
        for (const Index wide = wide_pixels(pixels, channels, 8); first < wide; ++first) {
            body.template operator()<8>(first, Index{0});
        }
    } else if (channels <= 16) {
        for (const Index wide = wide_pixels(pixels, channels, 16); first < wide; ++first) {
            body.template operator()<16>(first, Index{0});
        }
    }
    for (; first < pixels; ++first) {
        Index c = 0;
        for (; c + 16 <= channels; c += 16)
            body.template operator()<16>(first, c);
        for (; c + 8 <= channels; c += 8)
            body.template operator()<8>(first, c);
        for (; c < channels; ++c)
            body.template operator()<1>(first, c);
    }
}

void max(const PoolShape& s, Index begin, Index end, const float* x, float* y, std::int32_t* index) {
    const bool simple = inside_2x2(s);
    const Index c = s.channels;
    for (Index n = begin; n < end; ++n) {
        const float* image = x + n * s.height * s.width * c;
        for (Index oh = 0; oh < s.out_height; ++oh) {
            const Index out = (n * s.out_height + oh) * s.out_width * c;
            if (simple) {
                const Index row = oh * s.stride_height * s.width;
                for_row(s.out_width, c, [&]<int width>(Index ow, Index k) {
                    max_pixel_2x2<width>(row + ow * s.stride_width, s.width, image + k, c, y + out + ow * c + k,
                                         index + out + ow * c + k);
                });
                continue;
            }
            const Span rows =
                span_of(oh, s.stride_height, s.padding_height, s.dilation_height, s.kernel_height, s.height);
            // Here a vector may not run over its pixel: its window may lie at the very end of the image.
            for (Index ow = 0; ow < s.out_width; ++ow) {
                const Span cols =
                    span_of(ow, s.stride_width, s.padding_width, s.dilation_width, s.kernel_width, s.width);
                for_row(1, c, [&]<int width>(Index, Index k) {
                    max_pixel<width>(s, rows, cols, image + k, y + out + ow * c + k, index + out + ow * c + k);
                });
            }
        }
    }
}

/// 2x2 windows that follow each other without overlap: each element of dx belongs to one window at most and is written
/// once, without a scatter.
void max_backward_tiles(const PoolShape& s, Index n, const float* grad, const std::int32_t* index, float* dx) {
    const Index c = s.channels;
    float* image = dx + n * s.height * s.width * c;
    for (Index oh = 0; oh < s.out_height; ++oh) {
        const float* g = grad + (n * s.out_height + oh) * s.out_width * c;
        const std::int32_t* chosen = index + (n * s.out_height + oh) * s.out_width * c;
        for (Index below = 0; below < 2; ++below) {
            const Index row = (2 * oh + below) * s.width;
            for_row(s.out_width, c, [&]<int width>(Index ow, Index k) {
                const auto place = static_cast<std::int32_t>(row + 2 * ow);
                float* to = image + (row + 2 * ow) * c + k;
                const Index from = ow * c + k;
                float left[width];
                float right[width];
                HOOKSCOPE_SIMD
                for (int lane = 0; lane < width; ++lane) {
                    const float value = g[from + lane]; // read in any case: a condition would cost the vectors
                    const std::int32_t at = chosen[from + lane];
                    left[lane] = at == place ? value : 0.0F;
                    right[lane] = at == place + 1 ? value : 0.0F;
                }
                __builtin_memcpy(to, left, sizeof left);
                __builtin_memcpy(to + c, right, sizeof right);
            });
        }
    }
}

void max_backward(const PoolShape& s, Index begin, Index end, const float* grad, const std::int32_t* index, float* dx) {
    const Index c = s.channels;
    const Index plane = s.height * s.width * c;
    const bool tiles = inside_2x2(s) && s.stride_height == 2 && s.stride_width == 2 && s.height == 2 * s.out_height &&
                       s.width == 2 * s.out_width;
    for (Index n = begin; n < end; ++n) {
        if (tiles) {
            max_backward_tiles(s, n, grad, index, dx);
            continue;
        }
        float* image = dx + n * plane;
        for (Index i = 0; i < plane; ++i)
            image[i] = 0.0F;
        const Index pixels = s.out_height * s.out_width;
        for (Index p = n * pixels; p < (n + 1) * pixels; ++p) {
            for (Index k = 0; k < c; ++k)
                image[index[p * c + k] * c + k] += grad[p * c + k];
        }
    }
}

inline float factor_of(const PoolShape& s, Index oh, Index ow, Span rows, Span cols, bool count_padding,
                       Index divisor) {
    if (divisor != 0) return 1.0F / static_cast<float>(divisor);
    Index area = (rows.last - rows.first) * (cols.last - cols.first);
    if (count_padding) {
        // PyTorch: up to the padded edge, beyond which `ceil_mode` may let a window reach.
        const Index top = oh * s.stride_height - s.padding_height;
        const Index left = ow * s.stride_width - s.padding_width;
        area = (least(top + s.kernel_height, s.height + s.padding_height) - top) *
               (least(left + s.kernel_width, s.width + s.padding_width) - left);
    }
    return 1.0F / static_cast<float>(area);
}

/// Calls body(out, in, factor) for each pair of an output pixel and an input pixel of its window (both as offsets of
/// their first channel); factor is one over the divisor.
template <class Start, class Body>
inline void for_windows(const PoolShape& s, Index n, bool count_padding, Index divisor, Start start, Body body) {
    for (Index oh = 0; oh < s.out_height; ++oh) {
        const Span rows = span_of(oh, s.stride_height, s.padding_height, 1, s.kernel_height, s.height);
        for (Index ow = 0; ow < s.out_width; ++ow) {
            const Span cols = span_of(ow, s.stride_width, s.padding_width, 1, s.kernel_width, s.width);
            const Index out = ((n * s.out_height + oh) * s.out_width + ow) * s.channels;
            const float factor = factor_of(s, oh, ow, rows, cols, count_padding, divisor);
            start(out);
            for (Index i = rows.first; i < rows.last; ++i) {
                for (Index j = cols.first; j < cols.last; ++j) {
                    body(out, ((n * s.height + rows.at + i) * s.width + cols.at + j) * s.channels, factor);
                }
            }
        }
    }
}

void average(const PoolShape& s, Index begin, Index end, const float* x, float* y, bool count_padding, Index divisor) {
    const Index c = s.channels;
    for (Index n = begin; n < end; ++n) {
        for_windows(
            s, n, count_padding, divisor,
            [&](Index out) {
                for (Index k = 0; k < c; ++k)
                    y[out + k] = 0.0F;
            },
            [&](Index out, Index in, float factor) {
                HOOKSCOPE_SIMD
                for (Index k = 0; k < c; ++k)
                    y[out + k] += x[in + k] * factor;
            });
    }
}

void average_backward(const PoolShape& s, Index begin, Index end, const float* grad, float* dx, bool count_padding,
                      Index divisor) {
    const Index c = s.channels;
    const Index plane = s.height * s.width * c;
    for (Index i = begin * plane; i < end * plane; ++i)
        dx[i] = 0.0F;
    for (Index n = begin; n < end; ++n) {
        for_windows(
            s, n, count_padding, divisor, [](Index) {},
            [&](Index out, Index in, float factor) {
                HOOKSCOPE_SIMD
                for (Index k = 0; k < c; ++k)
                    dx[in + k] += grad[out + k] * factor;
            });
    }
}

} // namespace

constinit const PoolKernels pool_kernels{
    .max = max,
    .max_backward = max_backward,
    .average = average,
    .average_backward = average_backward,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
