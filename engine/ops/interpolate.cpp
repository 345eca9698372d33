#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/ops/upsample.h"
#include "engine/tensor/number_text.h"

#include <cmath>

namespace hs::ops {

namespace {

/// The sizes of the result, and the factors that take part in where its elements lie.
struct Scaling {
    Dims size;
    std::vector<double> factors;
};

Scaling sizes_of(const Tensor& x, const Dims& size, std::vector<double> factors, bool recompute) {
    const std::span<const std::int64_t> given(x.shape().begin() + 2, x.shape().end());
    const std::string spatial = "got input with spatial dimensions of " + to_string(given) + " and ";
    if (!size.empty() && !factors.empty()) throw ValueError("only one of size or scale_factor should be defined");
    if (!size.empty()) {
        if (recompute) throw ValueError("recompute_scale_factor is not meaningful with an explicit size.");
        if (size.size() == 1) return {Dims(given.size(), size[0]), {}};
        if (size.size() == given.size()) return {size, {}};
        throw ValueError("Input and output must have the same number of spatial dimensions, but " + spatial +
                         "output size of " + tuple_text(size) +
                         ". Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, "
                         "...,oK) format.");
    }
    if (factors.empty()) throw ValueError("either size or scale_factor should be defined");
    if (factors.size() == 1) factors.assign(given.size(), factors[0]);
    if (factors.size() != given.size())
        throw ValueError("Input and scale_factor must have the same number of spatial dimensions, but " + spatial +
                         "scale_factor of shape " + tuple_text(factors, float_text) +
                         ". Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, "
                         "...,sK) format.");
    Scaling sizes{.size = {}, .factors = factors};
    for (std::size_t i = 0; i < given.size(); ++i) {
        const double wanted = std::floor(static_cast<double>(given[i]) * factors[i]);
        constexpr double limit = 1e15; // beyond any memory, and within what an integer holds
        if (!(std::fabs(wanted) < limit)) throw ValueError("scale_factor gives no size: " + float_text(factors[i]));
        sizes.size.push_back(static_cast<std::int64_t>(wanted));
    }
    if (recompute) sizes.factors.clear();
    return sizes;
}

struct Mode {
    std::string_view name;
    std::int64_t rank; ///< of the input; 0 for 3 to 5
    Filter filter;
    bool aligns; ///< takes align_corners
};
constexpr Mode modes[] = {{"nearest", 0, Filter::nearest, false}, {"nearest-exact", 0, Filter::nearest_exact, false},
                          {"linear", 3, Filter::linear, true},    {"bilinear", 4, Filter::linear, true},
                          {"trilinear", 5, Filter::linear, true}, {"bicubic", 4, Filter::cubic, true},
                          {"area", 0, Filter::nearest, false}};

const Mode& mode_of(std::string_view name, std::int64_t rank) {
    const auto* mode = std::ranges::find(modes, name, &Mode::name);
    const bool exists = mode != std::end(modes) && rank >= 3 && rank <= 5;
    if (exists && (mode->rank == 0 || mode->rank == rank)) return *mode;
    if (exists && name != "bicubic")
        throw NotImplementedError("Got " + std::to_string(rank) + "D input, but " + std::string(name) + " mode needs " +
                                  std::to_string(mode->rank) + "D input");
    throw NotImplementedError("Input Error: Only 3D, 4D and 5D input Tensors supported (got " + std::to_string(rank) +
                              "D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | "
                              "nearest-exact (got " +
                              std::string(name) + ")");
}

Tensor of_area(const Tensor& x, const Dims& size) {
    if (size.size() == 2) return adaptive_avg_pool2d(x, size);
    if (size.size() == 3) return adaptive_avg_pool3d(x, size);
    return squeeze(adaptive_avg_pool2d(unsqueeze(x, -2), Dims{1, size[0]}), -2);
}

Tensor compute_interpolate(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const std::string_view name = a.text(3);
    const bool antialias = a.boolean(6);
    const auto* known = std::ranges::find(modes, name, &Mode::name);
    if (known != std::end(modes) && !known->aligns && !a.is_none(4))
        throw ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | "
                         "bicubic | trilinear");
    if (x.dim() < 3) mode_of(name, x.dim());
    const Scaling sizes = sizes_of(x, a.integers(1), a.floats(2), !a.is_none(5) && a.boolean(5));
    if (antialias && !((name == "bilinear" || name == "bicubic") && x.dim() == 4))
        throw ValueError(
            "Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input");
    const Mode& mode = mode_of(name, x.dim());
    if (name == "area") return of_area(x, sizes.size);
    Filter filter = mode.filter;
    if (antialias) filter = filter == Filter::linear ? Filter::linear_antialias : Filter::cubic_antialias;
    return upsample(x, {.filter = filter,
                        .size = sizes.size,
                        .scale_factors = sizes.factors,
                        .align_corners = mode.aligns && !a.is_none(4) && a.boolean(4)});
}

} // namespace

extern const Op interpolate_op({
    .signature = "interpolate(Tensor input, int[]? size=None, float[]? scale_factor=None, str mode='nearest', bool? "
                 "align_corners=None, bool? recompute_scale_factor=None, bool antialias=False) -> Tensor",
    .summary = "Signals, images or volumes in another size.",
    .forward =
        "y = input at other places, by mode: nearest, nearest-exact, linear, bilinear, trilinear, bicubic or area",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::uint8)},
    .compute = compute_interpolate,
    .composite = true,
    .samples =
        [] {
            const auto mode = [](const char* name) {
                return std::map<std::string, Argument>{{"mode", std::string(name)}};
            };
            return std::vector<Sample>{
                {{uniform({1, 2, 3}), Dims{5}}},
                {{uniform({1, 2, 3}), Dims{2}}, mode("area")},
                {{uniform({1, 1, 3, 4}), Argument(), Scalar(1.7)}, mode("bilinear")},
                {{uniform({1, 1, 3, 4}), Argument(), std::vector<double>{1.5, 0.6}}, mode("bicubic")}};
        },
    .errors =
        [] {
            const Tensor x = uniform({2, 2, 2});
            const auto mode = [](const char* name) {
                return std::map<std::string, Argument>{{"mode", std::string(name)}};
            };
            return std::vector<ErrorSample>{
                {{x}, {}, "either size or scale_factor should be defined"},
                {{x, Dims{2}, Scalar(2.0)}, {}, "only one of size or scale_factor should be defined"},
                {{x, Dims{2, 2}},
                 {},
                 "Input and output must have the same number of spatial dimensions, but got input with spatial "
                 "dimensions of [2] and output size of (2, 2). Please provide input tensor in (N, C, d1, d2, ...,dK) "
                 "format and output size in (o1, o2, ...,oK) format."},
                {{x, Dims{2}}, mode("bilinear"), "Got 3D input, but bilinear mode needs 4D input"},
                {{uniform({1, 1, 2, 2}), Dims{0}},
                 {},
                 "Input and output sizes should be greater than 0, but got input (H: 2, W: 2) output (H: 0, W: 0)"}};
        },
});

extern const Op upsample_nearest_op({
    .signature = "upsample_nearest(Tensor input, int[]? size=None, float[]? scale_factor=None) -> Tensor",
    .summary = "interpolate by the nearest elements; an old name.",
    .forward = "y = interpolate(input)",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::uint8)},
    .compute =
        [](const Arguments& a) {
            return call(interpolate_op, {a[0], a[1], a[2]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 3}), Dims{5}}}};
        },
});

extern const Op upsample_bilinear_op({
    .signature = "upsample_bilinear(Tensor input, int[]? size=None, float[]? scale_factor=None) -> Tensor",
    .summary = "interpolate by straight lines with the corners kept; an old name.",
    .forward = "y = interpolate(input, bilinear, align_corners)",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::uint8)},
    .compute =
        [](const Arguments& a) {
            return call(interpolate_op, {a[0], a[1], a[2], "bilinear", true});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 3, 2}), Dims{2, 4}}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor interpolate(const Tensor& input, const InterpolateOptions& o) {
    const ArgumentRef size = o.size.empty() ? ArgumentRef() : ArgumentRef(o.size);
    const ArgumentRef factor = o.scale_factor.empty() ? ArgumentRef() : ArgumentRef(o.scale_factor);
    const ArgumentRef align = o.align_corners ? ArgumentRef(true) : ArgumentRef();
    const ArgumentRef recompute = o.recompute_scale_factor ? ArgumentRef(true) : ArgumentRef();
    return call(ops::interpolate_op, {input, size, factor, o.mode, align, recompute});
}

} // namespace hs
