#include "engine/ops/functional.h"
#include "engine/ops/grid_axis.h"
#include "engine/ops/samples.h"

/// Images and volumes at given places. Every place is a weighted sum of elements near it; the weights are products of
/// those along each dimension.
namespace hs::ops {

extern const Op grid_sampler_2d_op, grid_sampler_3d_op;

namespace {

/// How many places a grid [n, sizes..., coordinates] has.
std::int64_t place_count(const Tensor& grid) {
    return element_count(std::span(grid.shape().begin() + 1, grid.shape().end() - 1));
}

/// What the weighted sums of one call have in common. Flat: input [n, c, elements], places [n, count].
struct Sampler {
    Tensor input;
    Shape sizes;                ///< spatial, outermost first
    std::vector<GridAxis> axes; ///< in the order of `sizes`

    Sampler(const Tensor& x, const Tensor& grid, const GridRules& rules) {
        const auto rank = static_cast<std::size_t>(grid.size(-1));
        sizes = Shape(std::span(x.shape().begin() + 2, x.shape().end()));
        input = reshape(x, {x.size(0), x.size(1), element_count(sizes)});
        const Tensor places = reshape(grid, {grid.size(0), place_count(grid), grid.size(-1)});
        // The grid names the last dimension first.
        for (std::size_t i = 0; i < rank; ++i)
            axes.push_back(grid_axis(select(places, -1, static_cast<std::int64_t>(rank - 1 - i)), sizes[i], rules));
    }

    /// Calls body(index, taps) for each combination of taps: index [n, 1, count] of the element.
    template <class Body>
    void for_taps(Body body) const {
        std::vector<std::size_t> taps(axes.size(), 0);
        for (;;) {
            Tensor index;
            for (std::size_t i = 0; i < axes.size(); ++i)
                index = i == 0 ? axes[i].taps[taps[i]].index : index * Scalar(sizes[i]) + axes[i].taps[taps[i]].index;
            body(unsqueeze(index, 1), taps);
            std::size_t i = 0;
            while (i < axes.size() && ++taps[i] == axes[i].taps.size())
                taps[i++] = 0;
            if (i == axes.size()) return;
        }
    }

    /// The weight of a combination, [n, 1, count]; along axis `sloped` its slope takes the weight's place.
    Tensor weight(const std::vector<std::size_t>& taps, std::size_t sloped) const {
        Tensor result;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const GridTap& tap = axes[i].taps[taps[i]];
            const Tensor& factor = i == sloped ? tap.slope : tap.weight;
            result = i == 0 ? factor : result * factor;
        }
        return unsqueeze(result, 1);
    }
    Tensor weight(const std::vector<std::size_t>& taps) const { return weight(taps, axes.size()); }

    Tensor elements(const Tensor& index) const {
        return gather(input, 2, expand(index, {input.size(0), input.size(1), index.size(2)}));
    }
};

void check_sizes(const Tensor& x, const Tensor& grid) {
    const std::string with_sizes =
        "input with sizes " + to_string(x.shape()) + " and grid with sizes " + to_string(grid.shape());
    if (x.dim() == 0 || grid.dim() == 0)
        throw Error("grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got " +
                    with_sizes);
    if (x.size(0) != grid.size(0))
        throw Error("grid_sampler(): expected grid and input to have same batch size, but got " + with_sizes);
    if (grid.size(-1) != x.dim() - 2)
        throw Error("grid_sampler(): expected grid to have size " + std::to_string(x.dim() - 2) +
                    " in last dimension, but got grid with sizes " + to_string(grid.shape()));
    if ((x.dim() != 4 && x.dim() != 5) || x.dim() != grid.dim())
        throw Error("grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got " +
                    with_sizes);
    for (std::int64_t i = 2; i < x.dim(); ++i)
        if (x.size(i) == 0)
            throw Error("grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes " +
                        to_string(x.shape()) + " with dimension " + std::to_string(i) + " being empty");
    if (x.dtype() != grid.dtype())
        throw Error("expected scalar type " + std::string(scalar_type_name(x.dtype())) + " but found " +
                    std::string(scalar_type_name(grid.dtype())));
}

Tensor compute_sampler(const Arguments& a) {
    const Tensor &x = a.tensor(0), &grid = a.tensor(1);
    check_sizes(x, grid);
    const Sampler sampler(x, grid, {a.integer(2), a.integer(3), a.boolean(4)});
    Shape shape{x.size(0), x.size(1)};
    for (std::int64_t i = 1; i + 1 < grid.dim(); ++i)
        shape.push_back(grid.size(i));
    Tensor y;
    sampler.for_taps([&](const Tensor& index, const std::vector<std::size_t>& taps) {
        const Tensor part = sampler.elements(index) * sampler.weight(taps);
        y = y.defined() ? y + part : part;
    });
    return reshape(y, shape);
}

void sampler_gradient(const Saved& saved, Gradients& g) {
    const Tensor grid = saved.tensor("grid");
    const Shape shape = saved.shape("input");
    const GridRules rules{saved.integer("interpolation_mode"), saved.integer("padding_mode"),
                          saved.boolean("align_corners")};
    // The elements matter only to the gradient of the grid.
    const Tensor x = g.needs(1) ? saved.tensor("input") : zeros(shape, g[0].options());
    const Sampler sampler(x, grid, rules);
    const std::size_t rank = sampler.axes.size();
    const Tensor grad = reshape(g[0], {shape[0], shape[1], place_count(grid)});
    Tensor dx = zeros(sampler.input.shape(), grad.options());
    Tensors slopes(rank);
    sampler.for_taps([&](const Tensor& index, const std::vector<std::size_t>& taps) {
        if (g.needs(0)) dx = scatter_add(dx, 2, expand(index, grad.shape()), grad * sampler.weight(taps));
        if (!g.needs(1) || rules.is_nearest()) return;
        const Tensor products = sum(sampler.elements(index) * grad, Dims{1}, true);
        for (std::size_t i = 0; i < rank; ++i) {
            const Tensor part = products * sampler.weight(taps, i);
            slopes[i] = slopes[i].defined() ? slopes[i] + part : part;
        }
    });
    if (g.needs(0)) g.set(0, reshape(dx, shape));
    if (!g.needs(1)) return;
    if (rules.is_nearest()) return g.set(1, zeros(grid.shape(), grid.options()));
    Tensors parts;
    for (std::size_t i = rank; i-- > 0;)
        parts.push_back(squeeze(slopes[i], 1) * sampler.axes[i].speed);
    g.set(1, reshape(stack(parts, -1), grid.shape()));
}

void check(const Tensor& x, const Tensor& grid, const std::string& mode, const std::string& padding) {
    if (mode != "bilinear" && mode != "nearest" && mode != "bicubic")
        throw ValueError("nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but "
                         "got: '" +
                         mode + "'");
    if (padding != "zeros" && padding != "border" && padding != "reflection")
        throw ValueError("nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
                         "but got: '" +
                         padding + "'");
    check_sizes(x, grid);
    if (mode == "bicubic" && x.dim() == 5) throw Error("grid_sampler(): bicubic interpolation only supports 4D input");
}

/// Places between elements, where no gradient jumps.
Tensor some_places(const Shape& shape) {
    return uniform(shape, -1.3, 1.3);
}

std::vector<Sample> samples_2d() {
    const Tensor x = uniform({1, 2, 3, 4}), grid = some_places({1, 2, 2, 2});
    return {{{x, grid, Scalar(0), Scalar(0), Scalar(false)}},
            {{x, grid, Scalar(0), Scalar(1), Scalar(true)}},
            {{x, grid, Scalar(0), Scalar(2), Scalar(false)}},
            {{x, grid, Scalar(1), Scalar(0), Scalar(false)}},
            {{x, grid, Scalar(2), Scalar(2), Scalar(true)}}};
}

constexpr const char* sampler_text =
    "y[n, c, i] = sum over the elements j near the place grid[n, i] of w(place - j) * input[n, "
    "c, j]";
const std::vector<GradientFormula>& sampler_gradients() {
    static const std::vector<GradientFormula> formulas{
        {"input", "dL/dinput[n, c, j] = sum of w(place - j) * dL/dy[n, c, i]"},
        {"grid", "dL/dgrid[n, i] = sum of dw/dplace * input[n, c, j] * dL/dy[n, c, i]"}};
    return formulas;
}

} // namespace

extern const Op grid_sampler_2d_op({
    .signature = "grid_sampler_2d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool "
                 "align_corners) -> Tensor",
    .summary = "Images at the places of a grid; mode 0 is bilinear, 1 nearest, 2 bicubic; padding 0 zeros, 1 border, 2 "
               "reflection.",
    .forward = sampler_text,
    .gradients = sampler_gradients(),
    .dtypes = {floating_dtypes, "grid_sampler_2d_cpu_kernel_impl"},
    .wide = Wide::halves,
    .compute = compute_sampler,
    .saves =
        {{"input", "grid"}, {"input.shape"}, {"grid"}, {"interpolation_mode"}, {"padding_mode"}, {"align_corners"}},
    .backward = sampler_gradient,
    .samples = samples_2d,
});

extern const Op grid_sampler_3d_op({
    .signature = "grid_sampler_3d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool "
                 "align_corners) -> Tensor",
    .summary =
        "Volumes at the places of a grid; mode 0 is bilinear, 1 nearest; padding 0 zeros, 1 border, 2 reflection.",
    .forward = sampler_text,
    .gradients = sampler_gradients(),
    .dtypes = {floating_dtypes, "grid_sampler3d_cpu"},
    .wide = Wide::halves,
    .compute = compute_sampler,
    .saves =
        {{"input", "grid"}, {"input.shape"}, {"grid"}, {"interpolation_mode"}, {"padding_mode"}, {"align_corners"}},
    .backward = sampler_gradient,
    .samples =
        [] {
            const Tensor x = uniform({1, 1, 2, 3, 2}), grid = some_places({1, 1, 2, 2, 3});
            return std::vector<Sample>{{{x, grid, Scalar(0), Scalar(0), Scalar(false)}},
                                       {{x, grid, Scalar(0), Scalar(2), Scalar(true)}}};
        },
});

extern const Op grid_sample_op({
    .signature = "grid_sample(Tensor input, Tensor grid, str mode='bilinear', str padding_mode='zeros', bool? "
                 "align_corners=None) -> Tensor",
    .summary = "Images [n, c, h, w] at the places (x, y) of grid [n, h', w', 2], where -1 and 1 are the borders; or "
               "volumes.",
    .forward = sampler_text,
    .dtypes = {floating_dtypes},
    .compute =
        [](const Arguments& a) {
            const std::string mode(a.text(2)), padding(a.text(3));
            check(a.tensor(0), a.tensor(1), mode, padding);
            const std::int64_t mode_number = mode == "bilinear" ? 0 : mode == "nearest" ? 1 : 2;
            const std::int64_t padding_number = padding == "zeros" ? 0 : padding == "border" ? 1 : 2;
            return call(a.tensor(0).dim() == 4 ? grid_sampler_2d_op : grid_sampler_3d_op,
                        {a.tensor(0), a.tensor(1), mode_number, padding_number, !a.is_none(4) && a.boolean(4)});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 3, 4}), some_places({1, 2, 2, 2})}}};
        },
    .errors =
        [] {
            const Tensor x = uniform({2, 2, 2, 2});
            return std::vector<ErrorSample>{
                {{x, uniform({1, 2, 2, 2})},
                 {},
                 "grid_sampler(): expected grid and input to have same batch size, but got input with sizes [2, 2, 2, "
                 "2] and grid with sizes [1, 2, 2, 2]"},
                {{x, uniform({2, 2, 2, 3})},
                 {},
                 "grid_sampler(): expected grid to have size 2 in last dimension, but got grid with sizes [2, 2, 2, "
                 "3]"},
                {{x, x, std::string("foo")},
                 {},
                 "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: "
                 "'foo'"}};
        },
});

namespace {

/// -1 to 1 for `size` elements: their centres, or with align_corners from the first to the last.
Tensor centres(std::int64_t size, bool align_corners, const TensorOptions& options) {
    if (size == 1) return zeros({1}, options);
    const Tensor line = linspace(-1, 1, size, options);
    return align_corners ? line : line * (static_cast<double>(size - 1) / static_cast<double>(size));
}

Tensor compute_affine_grid(const Arguments& a) {
    const Tensor& theta = a.tensor(0);
    const Dims size = a.integers(1);
    if (size.size() != 4 && size.size() != 5)
        throw NotImplementedError("affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
                                  "respectively. Got size " +
                                  to_string(size) + ".");
    const auto rank = static_cast<std::int64_t>(size.size()) - 2;
    if (theta.dim() != 3 || theta.size(1) != rank || theta.size(2) != rank + 1)
        throw ValueError("Expected a batch of " + std::to_string(rank) + "D affine matrices of shape Nx" +
                         std::to_string(rank) + "x" + std::to_string(rank + 1) + " for size " + to_string(size) +
                         ". Got torch.Size(" + to_string(theta.shape()) + ").");
    Tensors lines;
    Shape shape{size[0]};
    for (std::size_t i = 2; i < size.size(); ++i) {
        if (size[i] <= 0) throw ValueError("Expected non-zero, positive output size. Got " + to_string(size));
        lines.push_back(centres(size[i], a.boolean(2), theta.options()));
        shape.push_back(size[i]);
    }
    shape.push_back(rank);
    Tensors parts = meshgrid(lines);
    std::reverse(parts.begin(), parts.end());
    parts.push_back(ones(parts.front().shape(), theta.options()));
    const Tensor places = reshape(stack(parts, -1), {-1, rank + 1});
    return reshape(matmul(places, transpose(theta, 1, 2)), shape);
}

} // namespace

extern const Op affine_grid_op({
    .signature = "affine_grid(Tensor theta, int[] size, bool align_corners=False) -> Tensor",
    .summary =
        "The grid that grid_sample takes, of affine maps theta [n, 2, 3] for images of a size [n, c, h, w]; or of "
        "volumes.",
    .forward = "y[n, i, j] = theta[n] (x_j, y_i, 1)^T",
    .dtypes = {floating_dtypes},
    .compute = compute_affine_grid,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 2, 3}), Dims{2, 1, 2, 3}}},
                                       {{uniform({1, 3, 4}), Dims{1, 1, 2, 1, 2}, Scalar(true)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2, 2, 3}), Dims{2, 1, 0, 2}},
                                             {},
                                             "Expected non-zero, positive output size. Got [2, 1, 0, 2]"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor grid_sample(const Tensor& input, const Tensor& grid, const GridSampleOptions& o) {
    return call(ops::grid_sample_op, {input, grid, o.mode, o.padding_mode, o.align_corners});
}
Tensor affine_grid(const Tensor& theta, const Dims& size, bool align_corners) {
    return call(ops::affine_grid_op, {theta, size, align_corners});
}

} // namespace hs
