#include "engine/kernels/cpu/vector/convolve.h"

#include "engine/kernels/cpu/vector/build.h"
#include "engine/kernels/cpu/vector/builds.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));

template <class Vector>
constexpr Index lanes_of = static_cast<Index>(sizeof(Vector) / sizeof(float));

template <class Vector>
inline void load(Vector& v, const float* p) {
    __builtin_memcpy(&v, p, sizeof v);
}

template <class Vector>
inline void store(float* p, const Vector& v) {
    __builtin_memcpy(p, &v, sizeof v);
}

constexpr Index segment = 32; ///< floats of dx that one output pixel and one kernel row reach

struct Geometry {
    Index channels, height, width, padded_height, padded_width, out_channels, out_height, out_width;
    Index kernel_height, kernel_width, taps;

    explicit Geometry(const ConvolutionShape& s)
        : channels(s.in_channels), height(s.input[0]), width(s.input[1]), padded_height(height + 2 * s.padding[0]),
          padded_width(width + 2 * s.padding[1]), out_channels(s.out_channels),
          out_height((padded_height - s.dilation[0] * (s.kernel[0] - 1) - 1) / s.stride[0] + 1),
          out_width((padded_width - s.dilation[1] * (s.kernel[1] - 1) - 1) / s.stride[1] + 1),
          kernel_height(s.kernel[0]), kernel_width(s.kernel[1]), taps(channels * kernel_height * kernel_width) {}

    /// Where tap `tap` reads, from the place of the window within the padded planes.
    Index offset(const ConvolutionShape& s, Index tap) const {
        const Index column = tap % kernel_width, row = tap / kernel_width % kernel_height;
        const Index channel = tap / (kernel_width * kernel_height);
        return (channel * padded_height + row * s.dilation[0]) * padded_width + column * s.dilation[1];
    }
};

Index packed_channels(Index out_channels) {
    return (out_channels + 7) / 8 * 8;
}

/// Taps whose sums are kept in registers together.
Index tap_group(Index taps) {
    const Index nine = (taps + 8) / 9 * 9, thirteen = (taps + 12) / 13 * 13;
    return nine <= thirteen ? 9 : 13;
}

Index packed_taps(const ConvolutionShape& s) {
    const Index taps = Geometry(s).taps, group = tap_group(taps);
    return (taps + group - 1) / group * group;
}

bool has_backward_input(const ConvolutionShape& s) {
    return s.groups == 1 && s.kernel[1] * s.in_channels <= segment && (s.dilation[1] == 1 || s.kernel[1] == 1);
}

Index scratch_size(const ConvolutionShape& s) {
    const Geometry g(s);
    return g.padded_height * g.padded_width * g.channels + segment;
}

/// One image as planes with their padding.
void pad(const ConvolutionShape& s, const Geometry& g, const float* image, float* planes) {
    const Index size = g.padded_height * g.padded_width;
    for (Index i = 0; i < g.channels * size; ++i)
        planes[i] = 0.0F;
    for (Index c = 0; c < g.channels; ++c) {
        for (Index y = 0; y < g.height; ++y) {
            float* row = planes + c * size + (y + s.padding[0]) * g.padded_width + s.padding[1];
            const float* from = image + y * g.width * g.channels + c;
            for (Index x = 0; x < g.width; ++x)
                row[x] = from[x * g.channels];
        }
    }
}

/// `pixels` outputs that follow each other in a row, one vector of output channels. Of each result `valid` lanes
/// count; whole vectors may be written to all pixels but the last `exact`.
template <class Vector, int pixels>
inline void forward_pixels(const float* x, Index step, const ConvolutionShape& s, const Geometry& g,
                           const float* weights, Index packed, const float* bias, float* y, Index valid, Index exact) {
    Vector sums[pixels];
    for (int i = 0; i < pixels; ++i)
        load(sums[i], bias);
    const Index plane = g.padded_height * g.padded_width;
    const float* w = weights;
    for (Index c = 0; c < g.channels; ++c) {
        for (Index ky = 0; ky < g.kernel_height; ++ky) {
            const float* row = x + c * plane + ky * s.dilation[0] * g.padded_width;
            for (Index kx = 0; kx < g.kernel_width; ++kx, row += s.dilation[1], w += packed) {
                Vector tap;
                load(tap, w);
#pragma GCC unroll 16
                for (int i = 0; i < pixels; ++i)
                    sums[i] += tap * row[i * step];
            }
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < pixels; ++i) {
        float* to = y + i * g.out_channels;
        if (valid == lanes_of<Vector> || i < pixels - exact) {
            store(to, sums[i]);
        } else {
            float kept[lanes_of<Vector>];
            store(kept, sums[i]);
            for (Index lane = 0; lane < valid; ++lane)
                to[lane] = kept[lane];
        }
    }
}

/// A row of outputs in blocks; the last block begins early enough to be whole, and repeats some pixels.
template <class Vector, int pixels>
inline void forward_row(const float* x, const ConvolutionShape& s, const Geometry& g, const float* weights,
                        Index packed, const float* bias, float* y, Index valid, bool may_run_over, bool last_row) {
    const Index step = s.stride[1];
    for (Index at = 0; at < g.out_width; at += pixels) {
        const Index from = least(at, g.out_width - pixels);
        const Index exact = !may_run_over ? pixels : last_row && from + pixels == g.out_width ? 1 : 0;
        const float* p = x + from * step;
        float* to = y + from * g.out_channels;
        if (step == 1) {
            forward_pixels<Vector, pixels>(p, 1, s, g, weights, packed, bias, to, valid, exact);
        } else {
            forward_pixels<Vector, pixels>(p, step, s, g, weights, packed, bias, to, valid, exact);
        }
    }
}

template <class Vector>
inline void forward_channels(const float* x, const ConvolutionShape& s, const Geometry& g, const float* weights,
                             Index packed, const float* bias, float* y, Index valid, bool run_over, bool last_row) {
    if (g.out_width % 14 == 0) {
        forward_row<Vector, 14>(x, s, g, weights, packed, bias, y, valid, run_over, last_row);
    } else if (g.out_width >= 8) {
        forward_row<Vector, 8>(x, s, g, weights, packed, bias, y, valid, run_over, last_row);
    } else {
        forward_row<Vector, 1>(x, s, g, weights, packed, bias, y, valid, run_over, last_row);
    }
}

void forward(const ConvolutionShape& s, Index begin, Index end, const float* x, const float* weights, const float* bias,
             float* y, float* scratch) {
    const Geometry g(s);
    const Index packed = packed_channels(g.out_channels);
    // With one vector for all channels what runs over a pixel lands in the next one, which comes later. It must not
    // reach further: the last pixel alone is then written exactly.
    const bool run_over = g.out_channels <= 16 && 2 * g.out_channels >= packed;
    for (Index n = begin; n < end; ++n) {
        pad(s, g, x + n * g.height * g.width * g.channels, scratch);
        for (Index oy = 0; oy < g.out_height; ++oy) {
            const float* row = scratch + oy * s.stride[0] * g.padded_width;
            float* to = y + (n * g.out_height + oy) * g.out_width * g.out_channels;
            const bool last = n + 1 == end && oy + 1 == g.out_height;
            for (Index c = 0; c < packed;) {
                const Index left = g.out_channels - c;
                if (packed - c >= 16) {
                    forward_channels<Vector16>(row, s, g, weights + c, packed, bias + c, to + c, least(left, 16),
                                               run_over, last);
                    c += 16;
                } else {
                    forward_channels<Vector8>(row, s, g, weights + c, packed, bias + c, to + c, least(left, 8),
                                              run_over, last);
                    c += 8;
                }
            }
        }
    }
}

/// Sums of one row of outputs for `group` taps, whose places in the planes are x + offsets.
template <class Vector, int group>
inline void weights_row(const float* x, const Index* offsets, Index step, const float* grad, Index out_channels,
                        Index count, Index valid, bool last, float* weights, Index packed) {
    Vector sums[group];
#pragma GCC unroll 16
    for (int t = 0; t < group; ++t)
        load(sums[t], weights + t * packed);
    const float* taps[group];
#pragma GCC unroll 16
    for (int t = 0; t < group; ++t)
        taps[t] = x + offsets[t];
    const bool reaches_far = 2 * out_channels < lanes_of<Vector>; // behind the next pixel
    const Index whole = reaches_far ? 0 : last && valid < lanes_of<Vector> ? count - 1 : count;
    for (Index i = 0; i < whole; ++i) {
        Vector g;
        load(g, grad + i * out_channels);
#pragma GCC unroll 16
        for (int t = 0; t < group; ++t)
            sums[t] += g * taps[t][i * step];
    }
    for (Index i = whole; i < count; ++i) { // near the end of the array: nothing behind it may be read
        float kept[lanes_of<Vector>] = {};
        for (Index lane = 0; lane < valid; ++lane)
            kept[lane] = grad[i * out_channels + lane];
        Vector g;
        load(g, kept);
#pragma GCC unroll 16
        for (int t = 0; t < group; ++t)
            sums[t] += g * taps[t][i * step];
    }
#pragma GCC unroll 16
    for (int t = 0; t < group; ++t)
        store(weights + t * packed, sums[t]);
}

template <class Vector, int group>
inline void weights_image(const ConvolutionShape& s, const Geometry& g, const float* planes, const float* grad,
                          Index valid, bool last, float* weights, Index packed) {
    for (Index first = 0; first < g.taps; first += group) {
        Index offsets[group];
        for (Index t = 0; t < group; ++t)
            offsets[t] = first + t < g.taps ? g.offset(s, first + t) : 0;
        for (Index oy = 0; oy < g.out_height; ++oy) {
            const bool end = last && oy + 1 == g.out_height;
            weights_row<Vector, group>(planes + oy * s.stride[0] * g.padded_width, offsets, s.stride[1],
                                       grad + oy * g.out_width * g.out_channels, g.out_channels, g.out_width, valid,
                                       end, weights + first * packed, packed);
        }
    }
}

template <class Vector>
inline void weights_channels(const ConvolutionShape& s, const Geometry& g, const float* planes, const float* grad,
                             Index valid, bool last, float* weights, Index packed) {
    if (tap_group(g.taps) == 9) {
        weights_image<Vector, 9>(s, g, planes, grad, valid, last, weights, packed);
    } else {
        weights_image<Vector, 13>(s, g, planes, grad, valid, last, weights, packed);
    }
}

void backward_weights(const ConvolutionShape& s, Index begin, Index end, const float* x, const float* grad,
                      float* weights, float* scratch) {
    const Geometry g(s);
    const Index packed = packed_channels(g.out_channels);
    for (Index n = begin; n < end; ++n) {
        pad(s, g, x + n * g.height * g.width * g.channels, scratch);
        const float* from = grad + n * g.out_height * g.out_width * g.out_channels;
        const bool last = n + 1 == end;
        for (Index c = 0; c < packed;) {
            const Index left = g.out_channels - c;
            if (packed - c >= 16) {
                weights_channels<Vector16>(s, g, scratch, from + c, least(left, 16), last, weights + c, packed);
                c += 16;
            } else {
                weights_channels<Vector8>(s, g, scratch, from + c, least(left, 8), last, weights + c, packed);
                c += 8;
            }
        }
    }
}

using Mask16 = std::int32_t __attribute__((vector_size(64)));

/// Lanes of a segment that belong to it. The others reach into pixels that have nothing to do with it: they must not
/// even add 0 times an infinity.
struct SegmentMask {
    Mask16 parts[2];

    explicit SegmentMask(Index width) {
        for (int lane = 0; lane < segment; ++lane)
            parts[lane / 16][lane % 16] = lane < width ? -1 : 0;
    }
};

/// What one output pixel gives to `rows` rows of the kernel, in `vectors` vectors each.
template <int rows, int vectors>
inline void input_rows(const float* grad, Index out_channels, const float* weights, const SegmentMask& mask, float* to,
                       Index row_step) {
    Vector16 sums[rows][vectors] = {};
    for (Index o = 0; o < out_channels; ++o) {
        const float g = grad[o];
#pragma GCC unroll 8
        for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
            for (int v = 0; v < vectors; ++v) {
                Vector16 w;
                load(w, weights + (r * out_channels + o) * segment + v * 16);
                sums[r][v] += w * g;
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) {
            Vector16 sum;
            load(sum, to + r * row_step + v * 16);
            store(to + r * row_step + v * 16, mask.parts[v] ? sum + sums[r][v] : sum);
        }
    }
}

#if defined(__AVX512F__)
constexpr int most_rows = 5; // ten sums in registers
#else
constexpr int most_rows = 3;
#endif

template <int vectors>
inline void input_pixel(const float* grad, const Geometry& g, const float* weights, const SegmentMask& mask, float* to,
                        Index row_step) {
    for (Index ky = 0; ky < g.kernel_height;) {
        const float* w = weights + ky * g.out_channels * segment;
        float* p = to + ky * row_step;
        const Index left = g.kernel_height - ky;
        if (left >= 5 && most_rows == 5) {
            input_rows<5, vectors>(grad, g.out_channels, w, mask, p, row_step);
            ky += 5;
        } else if (left >= 3) {
            input_rows<3, vectors>(grad, g.out_channels, w, mask, p, row_step);
            ky += 3;
        } else if (left == 2) {
            input_rows<2, vectors>(grad, g.out_channels, w, mask, p, row_step);
            ky += 2;
        } else {
            input_rows<1, vectors>(grad, g.out_channels, w, mask, p, row_step);
            ky += 1;
        }
    }
}

void backward_input(const ConvolutionShape& s, Index begin, Index end, const float* grad, const float* weights,
                    float* grad_x, float* scratch) {
    const Geometry g(s);
    const Index row = g.padded_width * g.channels;
    const SegmentMask mask(g.kernel_width * g.channels);
    const bool short_segment = g.kernel_width * g.channels <= 16;
    for (Index n = begin; n < end; ++n) {
        for (Index i = 0; i < g.padded_height * row + segment; ++i)
            scratch[i] = 0.0F;
        const float* from = grad + n * g.out_height * g.out_width * g.out_channels;
        for (Index oy = 0; oy < g.out_height; ++oy) {
            for (Index ox = 0; ox < g.out_width; ++ox, from += g.out_channels) {
                float* to = scratch + oy * s.stride[0] * row + ox * s.stride[1] * g.channels;
                if (short_segment) {
                    input_pixel<1>(from, g, weights, mask, to, s.dilation[0] * row);
                } else {
                    input_pixel<2>(from, g, weights, mask, to, s.dilation[0] * row);
                }
            }
        }
        float* image = grad_x + n * g.height * g.width * g.channels;
        for (Index y = 0; y < g.height; ++y) {
            __builtin_memcpy(image + y * g.width * g.channels,
                             scratch + (y + s.padding[0]) * row + s.padding[1] * g.channels,
                             static_cast<std::size_t>(g.width * g.channels) * sizeof(float));
        }
    }
}

} // namespace

constinit const ConvolveKernels convolve_kernels{
    .packed_channels = packed_channels,
    .packed_taps = packed_taps,
    .scratch_size = scratch_size,
    .forward = forward,
    .backward_weights = backward_weights,
    .has_backward_input = has_backward_input,
    .backward_input = backward_input,
};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
