#include "engine/ops/upsample.h"

#include "engine/ops/functional.h"
#include "engine/ops/resample.h"
#include "engine/ops/samples.h"

#include <cmath>

/// Images and the like in other sizes. Every dimension is mapped by itself.
namespace hs::ops {

extern const Op upsample_backward_op;

namespace {

/// Along one dimension.
struct Line {
    std::int64_t from, to;
    double scale; ///< distance of neighbours of the result, in elements of the input

    Line(std::int64_t from_, std::int64_t to_, std::optional<double> factor, bool align_corners)
        : from(from_), to(to_) {
        if (align_corners)
            scale = to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1) : 0;
        else
            scale = factor && *factor > 0 ? 1 / *factor : static_cast<double>(from) / static_cast<double>(to);
    }
    /// Where the centre of element i of the result lies.
    double source(std::int64_t i, bool align_corners) const {
        const auto place = static_cast<double>(i);
        return align_corners ? scale * place : scale * (place + 0.5) - 0.5;
    }
};

/// The nearest element below, found in float32 as PyTorch does for all dtypes.
Taps nearest_taps(const Line& line, float shift) {
    Taps taps;
    const auto scale = static_cast<float>(line.scale);
    for (std::int64_t i = 0; i < line.to; ++i) {
        const auto place = static_cast<std::int64_t>(std::floor((static_cast<float>(i) + shift) * scale));
        taps.index.push_back(std::min(place, line.from - 1));
        taps.weight.push_back(1);
    }
    return taps;
}

Taps linear_taps(const Line& line, bool align_corners) {
    Taps taps;
    taps.count = 2;
    for (std::int64_t i = 0; i < line.to; ++i) {
        const double place = std::max(line.source(i, align_corners), 0.0);
        const std::int64_t first = std::min(static_cast<std::int64_t>(place), line.from - 1);
        const double rest = std::clamp(place - static_cast<double>(first), 0.0, 1.0);
        taps.index.insert(taps.index.end(), {first, std::min(first + 1, line.from - 1)});
        taps.weight.insert(taps.weight.end(), {1 - rest, rest});
    }
    return taps;
}

/// Keys' cubic kernel at a distance from the place; a is its slope at distance 1.
double cubic(double distance, double a) {
    const double x = std::fabs(distance);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

Taps cubic_taps(const Line& line, bool align_corners) {
    Taps taps;
    taps.count = 4;
    for (std::int64_t i = 0; i < line.to; ++i) {
        const double place = line.source(i, align_corners), below = std::floor(place);
        for (std::int64_t k = -1; k <= 2; ++k) {
            const std::int64_t element = static_cast<std::int64_t>(below) + k;
            taps.index.push_back(std::clamp<std::int64_t>(element, 0, line.from - 1));
            taps.weight.push_back(cubic(place - static_cast<double>(element), -0.75));
        }
    }
    return taps;
}

/// The filter is widened where the result is smaller than the input, so that every element has a weight.
template <class Kernel>
Taps antialias_taps(const Line& line, double reach, Kernel kernel) {
    const double stretch = std::max(line.scale, 1.0), support = reach * stretch;
    Taps taps;
    taps.count = static_cast<std::int64_t>(std::ceil(support)) * 2 + 1;
    for (std::int64_t i = 0; i < line.to; ++i) {
        const double centre = line.scale * (static_cast<double>(i) + 0.5);
        const auto rounded = [](double x) { return static_cast<std::int64_t>(std::floor(x + 0.5)); };
        const std::int64_t begin = std::max<std::int64_t>(rounded(centre - support), 0);
        const std::int64_t end = std::min(rounded(centre + support), line.from);
        const std::size_t first = taps.weight.size();
        double total = 0;
        for (std::int64_t k = begin; k < begin + taps.count; ++k) {
            const double weight = k < end ? kernel((static_cast<double>(k) - centre + 0.5) / stretch) : 0;
            taps.index.push_back(std::min(k, line.from - 1));
            taps.weight.push_back(weight);
            total += weight;
        }
        for (std::size_t k = first; k < taps.weight.size() && total != 0; ++k)
            taps.weight[k] /= total;
    }
    return taps;
}

Taps taps_of(Filter filter, const Line& line, bool align_corners) {
    switch (filter) {
    case Filter::nearest:
        return nearest_taps(line, 0);
    case Filter::nearest_exact:
        return nearest_taps(line, 0.5F);
    case Filter::linear:
        return linear_taps(line, align_corners);
    case Filter::cubic:
        return cubic_taps(line, align_corners);
    case Filter::linear_antialias:
        return antialias_taps(line, 1, [](double x) { return std::max(1 - std::fabs(x), 0.0); });
    default:
        return antialias_taps(line, 2, [](double x) { return cubic(x, -0.5); });
    }
}

/// The taps along spatial dimension i, between an input of `from` and a result of `to` elements.
Taps taps_along(std::size_t i, std::int64_t from, std::int64_t to, Filter filter, const std::vector<double>& factors,
                bool align_corners) {
    std::optional<double> factor;
    // As in PyTorch, straight lines leave a size that stays as it is, even where the factor was not quite 1.
    if (i < factors.size() && !(filter == Filter::linear && from == to)) factor = factors[i];
    return taps_of(filter, Line(from, to, factor, align_corners), align_corners);
}

std::string sizes_text(std::span<const std::int64_t> sizes) {
    constexpr std::string_view names = "DHW";
    std::string text = "(";
    for (std::size_t i = 0; i < sizes.size(); ++i)
        text += (i ? ", " : "") + std::string(1, names[3 - sizes.size() + i]) + ": " + std::to_string(sizes[i]);
    return text + ")";
}

template <Filter filter>
Tensor compute(const Arguments& a) {
    const Dims size = a.integers(1);
    const std::size_t count = size.size();
    const bool is_bytes = a.tensor(0).dtype() == Dtype::uint8;
    Tensor x = contiguous(is_bytes ? a.tensor(0).to(Dtype::float32) : a.tensor(0));
    if (x.shape().size() != count + 2)
        throw Error("It is expected input_size equals to " + std::to_string(count + 2) + ", but got size " +
                    std::to_string(x.dim()));
    if (x.size(1) == 0)
        throw Error("Non-empty " + std::to_string(count + 2) + "D data tensor expected but got a tensor with sizes " +
                    to_string(x.shape()));
    const std::span<const std::int64_t> given(x.shape().begin() + 2, x.shape().end());
    if (std::ranges::min(given) < 1 || std::ranges::min(size.to_vector()) < 1)
        throw Error("Input and output sizes should be greater than 0, but got input " + sizes_text(given) + " output " +
                    sizes_text(size));
    const std::vector<double> factors = a.floats(2);
    for (std::size_t i = 0; i < count; ++i) {
        const Taps taps = taps_along(i, x.shape()[i + 2], size[i], filter, factors, a.boolean(3));
        x = resampled(x, i + 2, taps, size[i]);
    }
    if (is_bytes) x = clamp(floor(x + 0.5), 0, 255).to(Dtype::uint8);
    return x;
}

Tensor compute_backward(const Arguments& a) {
    Tensor grad = contiguous(a.tensor(0));
    const Shape shape = a.integers(1);
    const std::vector<double> factors = a.floats(3);
    for (std::size_t i = shape.size() - 2; i-- > 0;) {
        const Taps taps =
            taps_along(i, shape[i + 2], grad.shape()[i + 2], static_cast<Filter>(a.integer(2)), factors, a.boolean(4));
        grad = resampled_backward(grad, i + 2, taps, shape[i + 2]);
    }
    return grad;
}

template <Filter filter>
void gradient(const Saved& saved, Gradients& g) {
    g.set(0, call(upsample_backward_op, {g[0], Dims(saved.shape("self")), static_cast<std::int64_t>(filter),
                                         saved.argument("scale_factors"), saved.boolean("align_corners")}));
}

void second_gradient(const Saved& saved, Gradients& g) {
    const Shape shape = saved.shape("grad_output");
    g.set(0, upsample(g[0], {.filter = static_cast<Filter>(saved.integer("filter")),
                             .size = Dims(std::span(shape.begin() + 2, shape.end())),
                             .scale_factors = saved.floats("scale_factors"),
                             .align_corners = saved.boolean("align_corners")}));
}

template <std::size_t rank>
std::vector<Sample> samples() {
    const Tensor x = rank == 1 ? uniform({2, 2, 4}) : rank == 2 ? uniform({1, 2, 3, 4}) : uniform({1, 1, 2, 3, 2});
    return {{{x, Dims(rank, 5)}},
            {{x, Dims(rank, 3), std::vector<double>(rank, 1.3)}},
            {{x, Dims(rank, 3), Argument(), Scalar(true)}},
            {{x, Dims(rank, 1)}}};
}

/// Bytes count as pixels: all but straight lines in one and three dimensions take them.
Dtypes dtypes_of(Filter filter, std::size_t rank) {
    const bool is_nearest = filter == Filter::nearest || filter == Filter::nearest_exact;
    const bool is_cubic = filter == Filter::cubic || filter == Filter::cubic_antialias;
    const std::uint16_t bytes = is_nearest || rank == 2 ? dtype_bit(Dtype::uint8) : std::uint16_t{0};
    return {static_cast<std::uint16_t>(floating_dtypes | bytes), is_nearest ? "compute_indices_weights_nearest"
                                                                 : is_cubic ? "compute_indices_weights_cubic"
                                                                            : "compute_indices_weights_linear"};
}

/// What the declarations below share.
template <Filter filter, std::size_t rank>
OpDeclaration declared(const char* signature, const char* summary, const char* node = nullptr) {
    return {
        .signature = signature,
        .summary = summary,
        .forward = "y[n, c, i] = sum over k of w[i, k] * self[n, c, j(i, k)] along each dimension",
        .gradients = {{"self", "dL/dself[n, c, j] = sum of w[i, k] * dL/dy[n, c, i] over j(i, k) = j"}},
        .dtypes = dtypes_of(filter, rank),
        .wide = Wide::halves,
        .compute = compute<filter>,
        .saves = {{"self.shape"}, {"scale_factors"}, {"align_corners"}},
        .backward = gradient<filter>,
        .node = node,
        .samples = samples<rank>,
    };
}

} // namespace

extern const Op upsample_nearest1d_op(declared<Filter::nearest, 1>(
    "upsample_nearest1d(Tensor self, int[1] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Signals in another length by their nearest elements."));
extern const Op upsample_nearest2d_op(declared<Filter::nearest, 2>(
    "upsample_nearest2d(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Images in another size by their nearest elements."));
extern const Op upsample_nearest3d_op(declared<Filter::nearest, 3>(
    "upsample_nearest3d(Tensor self, int[3] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Volumes in another size by their nearest elements."));
extern const Op upsample_nearest_exact1d_op(declared<Filter::nearest_exact, 1>(
    "_upsample_nearest_exact1d(Tensor self, int[1] output_size, float[]? scale_factors=None, bool align_corners=False) "
    "-> Tensor",
    "Signals in another length by the elements nearest to the centres.", "UpsampleNearestExact1D"));
extern const Op upsample_nearest_exact2d_op(declared<Filter::nearest_exact, 2>(
    "_upsample_nearest_exact2d(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) "
    "-> Tensor",
    "Images in another size by the elements nearest to the centres.", "UpsampleNearestExact2D"));
extern const Op upsample_nearest_exact3d_op(declared<Filter::nearest_exact, 3>(
    "_upsample_nearest_exact3d(Tensor self, int[3] output_size, float[]? scale_factors=None, bool align_corners=False) "
    "-> Tensor",
    "Volumes in another size by the elements nearest to the centres.", "UpsampleNearestExact3D"));
extern const Op upsample_linear1d_op(declared<Filter::linear, 1>(
    "upsample_linear1d(Tensor self, int[1] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Signals in another length by straight lines between neighbours."));
extern const Op upsample_bilinear2d_op(declared<Filter::linear, 2>(
    "upsample_bilinear2d(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Images in another size by straight lines between neighbours."));
extern const Op upsample_trilinear3d_op(declared<Filter::linear, 3>(
    "upsample_trilinear3d(Tensor self, int[3] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Volumes in another size by straight lines between neighbours."));
extern const Op upsample_bicubic2d_op(declared<Filter::cubic, 2>(
    "upsample_bicubic2d(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Images in another size by cubic curves through neighbours."));
extern const Op upsample_bilinear2d_aa_op(declared<Filter::linear_antialias, 2>(
    "_upsample_bilinear2d_aa(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) "
    "-> Tensor",
    "Images in another size by means weighted with a triangle.", "UpsampleBilinear2DAa"));
extern const Op upsample_bicubic2d_aa_op(declared<Filter::cubic_antialias, 2>(
    "_upsample_bicubic2d_aa(Tensor self, int[2] output_size, float[]? scale_factors=None, bool align_corners=False) -> "
    "Tensor",
    "Images in another size by means weighted with a cubic curve.", "UpsampleBicubic2DAa"));

extern const Op upsample_backward_op({
    .signature = "_upsample_backward(Tensor grad_output, int[] input_size, int filter, float[]? scale_factors=None, "
                 "bool align_corners=False) -> Tensor",
    .summary =
        "Gradient of the input of an upsampling; filter counts nearest, nearest-exact, linear, cubic and the two "
        "with antialias.",
    .forward = "dx[n, c, j] = sum of w[i, k] * grad_output[n, c, i] over j(i, k) = j",
    .gradients = {{"grad_output", "dL/dgrad_output = upsampling of dL/ddx"}},
    .dtypes = {floating_dtypes},
    .wide = Wide::halves,
    .compute = compute_backward,
    .saves = {{"grad_output.shape"}, {"filter"}, {"scale_factors"}, {"align_corners"}},
    .backward = second_gradient,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 3, 4}), Dims{1, 2, 2, 5}, Scalar(2)}},
                                       {{uniform({1, 2, 4}), Dims{1, 2, 3}, Scalar(0)}}};
        },
});

Tensor upsample(const Tensor& x, const Upsampling& u) {
    static const Op* const ops[6][3] = {
        {&upsample_nearest1d_op, &upsample_nearest2d_op, &upsample_nearest3d_op},
        {&upsample_nearest_exact1d_op, &upsample_nearest_exact2d_op, &upsample_nearest_exact3d_op},
        {&upsample_linear1d_op, &upsample_bilinear2d_op, &upsample_trilinear3d_op},
        {nullptr, &upsample_bicubic2d_op, nullptr},
        {nullptr, &upsample_bilinear2d_aa_op, nullptr},
        {nullptr, &upsample_bicubic2d_aa_op, nullptr}};
    const std::size_t rank = u.size.size();
    const Op* op = rank >= 1 && rank <= 3 ? ops[static_cast<std::size_t>(u.filter)][rank - 1] : nullptr;
    if (!op) throw NotImplementedError("this filter is not implemented for " + std::to_string(x.dim()) + "D input");
    const ArgumentRef factors = u.scale_factors.empty() ? ArgumentRef() : ArgumentRef(u.scale_factors);
    return call(*op, {x, u.size, factors, u.align_corners});
}

} // namespace hs::ops
