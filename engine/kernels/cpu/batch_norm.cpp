#include "engine/kernels/cpu/batch_norm.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/vector/vector.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hs {

namespace {

using Index = std::int64_t;

constexpr Index piece_elements = 32768;

/// A tensor as blocks of rows: the whole is one block in nhwc, and n * c blocks of one channel in nchw.
struct Rows {
    Index blocks, rows, channels;

    explicit Rows(const BatchNormShape& s)
        : blocks(s.layout == ImageLayout::nhwc ? 1 : s.batch * s.channels),
          rows(s.layout == ImageLayout::nhwc ? s.batch * s.area : s.area),
          channels(s.layout == ImageLayout::nhwc ? s.channels : 1) {}

    Index piece() const { return std::max<Index>(1, piece_elements / std::max<Index>(1, channels)); }
    Index pieces() const { return (rows + piece() - 1) / piece(); }
};

/// Calls body(block, piece, first row, number of rows) for every piece, on several threads.
template <class Body>
void for_pieces(const Rows& rows, Body body) {
    const Index pieces = rows.pieces();
    const Index small = std::max<Index>(1, piece_elements / std::max<Index>(1, rows.rows * rows.channels));
    parallel_for(rows.blocks * pieces, small, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
            const Index first = i % pieces * rows.piece();
            body(i / pieces, i % pieces, first, std::min(rows.piece(), rows.rows - first));
        }
    });
}

/// Two double sums a channel for every piece; `slot` is where those of a piece begin.
struct Partials {
    std::vector<double> first, second;
    Index pieces, channels;

    explicit Partials(const Rows& rows)
        : first(static_cast<std::size_t>(rows.blocks * rows.pieces() * rows.channels)), second(first.size()),
          pieces(rows.pieces()), channels(rows.channels) {}

    std::size_t slot(Index block, Index piece) const {
        return static_cast<std::size_t>((block * pieces + piece) * channels);
    }
};

/// Calls body(channel, slot, rows of the piece) for all pieces of a channel, channel by channel and in order.
template <class Body>
void for_channel_pieces(const BatchNormShape& s, const Rows& rows, const Partials& partials, Body body) {
    const bool planes = s.layout == ImageLayout::nchw;
    for (Index c = 0; c < s.channels; ++c) {
        for (Index n = 0; n < (planes ? s.batch : 1); ++n) {
            for (Index piece = 0; piece < partials.pieces; ++piece) {
                const Index count = std::min(rows.piece(), rows.rows - piece * rows.piece());
                const std::size_t slot = planes ? partials.slot(n * s.channels + c, piece)
                                                : partials.slot(0, piece) + static_cast<std::size_t>(c);
                body(c, slot, static_cast<double>(count));
            }
        }
    }
}

/// The parameters of a block: all channels in nhwc, the block's own channel in nchw.
const float* of_block(const BatchNormShape& s, Index block, const float* values) {
    return s.layout == ImageLayout::nhwc ? values : values + block % s.channels;
}

double weight_of(const float* weight, Index channel) {
    return weight ? static_cast<double>(weight[channel]) : 1.0;
}

double inverse_deviation(const float* variance, Index channel, double epsilon) {
    return 1.0 / std::sqrt(static_cast<double>(variance[channel]) + epsilon);
}

} // namespace

void batch_norm_statistics(const BatchNormShape& shape, const float* x, float* mean, float* variance) {
    const Rows rows(shape);
    Partials partials(rows);
    for_pieces(rows, [&](Index block, Index piece, Index first, Index count) {
        const std::size_t slot = partials.slot(block, piece);
        vector_kernels().normalise.moments(x + (block * rows.rows + first) * rows.channels, count, rows.channels,
                                           &partials.first[slot], &partials.second[slot]);
    });
    std::vector<double> counts(static_cast<std::size_t>(shape.channels)), means(counts.size()), squares(counts.size());
    for_channel_pieces(shape, rows, partials, [&](Index channel, std::size_t slot, double count) {
        const auto c = static_cast<std::size_t>(channel);
        const double total = counts[c] + count;
        const double distance = partials.first[slot] - means[c];
        squares[c] += partials.second[slot] + distance * distance * (counts[c] * count / total);
        means[c] += distance * (count / total);
        counts[c] = total;
    });
    for (std::size_t c = 0; c < counts.size(); ++c) {
        mean[c] = static_cast<float>(means[c]);
        variance[c] = static_cast<float>(squares[c] / counts[c]);
    }
}

void batch_norm_forward(const BatchNormShape& shape, const float* x, const float* mean, const float* variance,
                        const float* weight, const float* bias, double epsilon, float* y) {
    std::vector<float> scale(static_cast<std::size_t>(shape.channels)), shift(scale.size());
    for (Index c = 0; c < shape.channels; ++c) {
        const double factor = weight_of(weight, c) * inverse_deviation(variance, c, epsilon);
        const double offset = bias ? static_cast<double>(bias[c]) : 0.0;
        scale[static_cast<std::size_t>(c)] = static_cast<float>(factor);
        shift[static_cast<std::size_t>(c)] = static_cast<float>(offset - static_cast<double>(mean[c]) * factor);
    }
    const Rows rows(shape);
    for_pieces(rows, [&](Index block, Index, Index first, Index count) {
        const Index at = (block * rows.rows + first) * rows.channels;
        vector_kernels().normalise.scale_shift(x + at, of_block(shape, block, scale.data()),
                                               of_block(shape, block, shift.data()), count, rows.channels, y + at);
    });
}

void batch_norm_backward(const BatchNormShape& shape, const float* grad, const float* x, const float* mean,
                         const float* variance, const float* weight, double epsilon, bool batch_statistics,
                         float* grad_x, float* grad_weight, float* grad_bias) {
    const Rows rows(shape);
    const auto channels = static_cast<std::size_t>(shape.channels);
    std::vector<double> sums(channels), products(channels);
    if (grad_weight || grad_bias || batch_statistics) {
        Partials partials(rows);
        for_pieces(rows, [&](Index block, Index piece, Index first, Index count) {
            const Index at = (block * rows.rows + first) * rows.channels;
            const std::size_t slot = partials.slot(block, piece);
            vector_kernels().normalise.backward_sums(grad + at, x + at, of_block(shape, block, mean), count,
                                                     rows.channels, &partials.first[slot], &partials.second[slot]);
        });
        for_channel_pieces(shape, rows, partials, [&](Index c, std::size_t slot, double) {
            sums[static_cast<std::size_t>(c)] += partials.first[slot];
            products[static_cast<std::size_t>(c)] += partials.second[slot];
        });
    }
    // With r = 1 / sqrt(variance + eps) and n values a channel:
    // dx = weight r (grad - sum(grad) / n - (x - mean) r^2 sum(grad (x - mean)) / n).
    const auto n = static_cast<double>(shape.batch * shape.area);
    std::vector<float> of_grad(channels), of_x(channels), constant(channels);
    for (Index channel = 0; channel < shape.channels; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const double r = inverse_deviation(variance, channel, epsilon);
        const double factor = weight_of(weight, channel) * r;
        if (grad_weight) grad_weight[c] = static_cast<float>(products[c] * r);
        if (grad_bias) grad_bias[c] = static_cast<float>(sums[c]);
        const double slope = batch_statistics ? -factor * r * r * products[c] / n : 0.0;
        const double level = batch_statistics ? -factor * sums[c] / n : 0.0;
        of_grad[c] = static_cast<float>(factor);
        of_x[c] = static_cast<float>(slope);
        constant[c] = static_cast<float>(level);
    }
    if (!grad_x) return;
    for_pieces(rows, [&](Index block, Index, Index first, Index count) {
        const Index at = (block * rows.rows + first) * rows.channels;
        vector_kernels().normalise.backward_input(
            grad + at, x + at, of_block(shape, block, mean), of_block(shape, block, of_grad.data()),
            of_block(shape, block, of_x.data()), of_block(shape, block, constant.data()), count, rows.channels,
            grad_x + at);
    });
}

} // namespace hs
