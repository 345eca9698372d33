#include "engine/ops/functional.h"
#include "engine/ops/pool_check.h"
#include "engine/ops/resample.h"
#include "engine/ops/samples.h"
#include "engine/ops/volumes.h"

namespace hs::ops {

extern const Op max_pool3d_primitive_op, avg_pool3d_op, avg_pool3d_backward_op;

namespace {

/// The pooling of slices and that of columns.
struct VolumeGeometry {
    PoolGeometry slices, columns;

    /// Sizes of the result; 0 or less where no window fits.
    Triple output(const Shape& volumes, bool ceil_mode) const {
        const std::size_t first = volumes.size() - 3;
        const Shape plane = pooled_shape({1, 1, volumes[first + 1], volumes[first + 2]}, slices, ceil_mode);
        return {pooled_shape({1, 1, volumes[first], 1}, columns, ceil_mode)[2], plane[2], plane[3]};
    }
};

VolumeGeometry geometry_of(const Triple& kernel, const Triple& stride, const Triple& padding, const Triple& dilation) {
    const auto part = [&](std::size_t a, std::size_t b, bool of_slices) {
        const auto pair = [&](const Triple& triple, std::int64_t none) {
            return Pair{triple[a], of_slices ? triple[b] : none};
        };
        return PoolGeometry{.kernel = pair(kernel, 1),
                            .stride = pair(stride, 1),
                            .padding = pair(padding, 0),
                            .dilation = pair(dilation, 1)};
    };
    return {part(1, 2, true), part(0, 0, false)};
}

Triple checked(const Dims& given, const std::string& op, const char* name, const char* must) {
    if (given.size() != 1 && given.size() != 3)
        throw Error(op + ": " + name + " must " + must + " a single int, or a tuple of three ints");
    return triple_of(given);
}

std::string sizes_text(const Triple& sizes, const char* prefix) {
    const std::string p = prefix;
    return p + "T: " + std::to_string(sizes[0]) + " " + p + "H: " + std::to_string(sizes[1]) + " " + p +
           "W: " + std::to_string(sizes[2]);
}

void check_numbers(const Triple& kernel, const Triple& stride, const Triple& padding, const Triple& dilation) {
    if (std::ranges::find(stride, 0) != stride.end()) throw Error("stride should not be zero");
    if (*std::ranges::min_element(kernel) < 1)
        throw Error("kernel size should be greater than zero, but got " + sizes_text(kernel, "k"));
    if (*std::ranges::min_element(stride) < 1)
        throw Error("stride should be greater than zero, but got " + sizes_text(stride, "d"));
    if (*std::ranges::min_element(dilation) < 1)
        throw Error("dilation should be greater than zero, but got " + sizes_text(dilation, "dilation"));
    for (std::size_t i = 0; i < 3; ++i) {
        if (padding[i] < 0) throw Error("pad must be non-negative, but got pad: " + std::to_string(padding[i]));
        if (padding[i] > ((kernel[i] - 1) * dilation[i] + 1) / 2)
            throw Error("pad should be at most half of kernel size, but got pad=" + std::to_string(padding[i]) +
                        " and kernel_size=" + std::to_string(kernel[i]));
    }
}

void check_volumes(const Tensor& x, const char* op) {
    if (x.dim() != 4 && x.dim() != 5) throw Error("non-empty 4D or 5D (batch mode) tensor expected for input");
    for (std::int64_t i = x.dim() - 4; i < x.dim(); ++i)
        if (x.size(i) == 0)
            throw Error(std::string(op) +
                        "(): Expected input's non-batch dimensions to have positive length, but input has a shape of " +
                        to_string(x.shape()) + " and non-batch dimension " + std::to_string(i - x.dim() + 4) +
                        " has length zero!");
}

void check_output(const Tensor& x, const Triple& output) {
    const auto text = [&](const Triple& sizes) {
        std::string result = "(" + std::to_string(x.size(-4));
        for (const std::int64_t size : sizes)
            result += "x" + std::to_string(size);
        return result + ")";
    };
    if (*std::ranges::min_element(output) < 1)
        throw Error("Given input size: " + text({x.size(-3), x.size(-2), x.size(-1)}) +
                    ". Calculated output size: " + text(output) + ". Output size is too small");
}

/// Sizes of slices and columns that pooling to `output` goes through.
Shape slices_shape(const Shape& slices, const Triple& output) {
    return {slices[0], slices[1], output[1], output[2]};
}
Shape columns_shape(const Shape& slices, const Triple& output) {
    return {slices[0], 1, output[0], output[1] * output[2]};
}

Tensors compute_max_3d(const Arguments& a) {
    const std::string name = "max_pool3d";
    const Tensor& x = a.tensor(0);
    const Triple kernel = checked(a.integers(1), name, "kernel_size", "either be");
    const Triple stride = a.integers(2).empty() ? kernel : checked(a.integers(2), name, "stride", "either be omitted,");
    const Triple padding = checked(a.integers(3), name, "padding", "either be");
    const Triple dilation = checked(a.integers(4), name, "dilation", "be either");
    check_volumes(x, "max_pool3d");
    check_numbers(kernel, stride, padding, dilation);
    const VolumeGeometry geometry = geometry_of(kernel, stride, padding, dilation);
    const Triple output = geometry.output(x.shape(), a.boolean(5));
    check_output(x, output);
    const Tensor slices = slices_of(contiguous(x));
    const TensorOptions places{.dtype = Dtype::int32, .device = x.device()};
    const Shape first = slices_shape(slices.shape(), output), second = columns_shape(slices.shape(), output);
    const Tensor flat = empty(first, x.options()), of_slices = empty(first, places);
    neural_kernels_of(x).max_pool(slices, geometry.slices, flat, of_slices);
    const Tensor y = empty(second, x.options()), of_columns = empty(second, places);
    neural_kernels_of(x).max_pool(columns_of(flat), geometry.columns, y, of_columns);
    return {as_volumes(y, x, output), as_volumes(places_in_volumes(of_slices, of_columns, x), x, output)};
}

/// The arguments of average pooling.
struct Averages {
    Triple kernel, stride, padding;
    bool count_include_pad;
    std::int64_t divisor; ///< 0: the number of elements

    /// The means of windows along dimension i; the divisor, where it is given, belongs to the first one.
    Taps taps(std::size_t i, std::int64_t from, std::int64_t to) const {
        Taps result;
        result.count = kernel[i];
        for (std::int64_t window = 0; window < to; ++window) {
            const std::int64_t begin = window * stride[i] - padding[i];
            const std::int64_t end = std::min(begin + kernel[i], from + padding[i]);
            const std::int64_t inside = std::min(end, from) - std::max<std::int64_t>(begin, 0);
            const std::int64_t counted = count_include_pad ? end - begin : inside;
            const auto share = static_cast<double>(divisor == 0 ? counted : i == 0 ? divisor : 1);
            for (std::int64_t k = begin; k < begin + kernel[i]; ++k) {
                result.index.push_back(std::clamp<std::int64_t>(k, 0, from - 1));
                result.weight.push_back(k >= 0 && k < from ? 1 / share : 0);
            }
        }
        return result;
    }
    /// Whether pooling along dimension i changes nothing.
    bool keeps(std::size_t i) const {
        return kernel[i] == 1 && stride[i] == 1 && padding[i] == 0 && (divisor == 0 || i > 0);
    }
};

Tensor compute_average_3d(const Arguments& a) {
    const std::string name = "avg_pool3d";
    const Tensor& given = a.tensor(0);
    const Triple kernel = checked(a.integers(1), name, "kernel_size", "be");
    const Triple stride = a.integers(2).empty() ? kernel : checked(a.integers(2), name, "stride", "be omitted,");
    const Triple padding = checked(a.integers(3), name, "padding", "be");
    check_volumes(given, "avg_pool3d");
    check_numbers(kernel, stride, padding, {1, 1, 1});
    const std::int64_t divisor = a.is_none(6) ? 0 : a.integer(6);
    if (!a.is_none(6) && divisor == 0) throw Error("divisor must be not zero");
    const Triple output = geometry_of(kernel, stride, padding, {1, 1, 1}).output(given.shape(), a.boolean(4));
    if (*std::ranges::min_element(output) < 1)
        throw Error("input image (T: " + std::to_string(given.size(-3)) + " H: " + std::to_string(given.size(-2)) +
                    " W: " + std::to_string(given.size(-1)) + ") smaller than kernel size (" + sizes_text(kernel, "k") +
                    ")");
    const Averages averages{kernel, stride, padding, a.boolean(5), divisor};
    Tensor x = contiguous(given);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t dim = x.shape().size() - 3 + i;
        if (!averages.keeps(i)) x = resampled(x, dim, averages.taps(i, x.shape()[dim], output[i]), output[i]);
    }
    return x.is_same(given) ? clone(given) : x;
}

Tensor compute_average_3d_backward(const Arguments& a) {
    const Tensor& given = a.tensor(0);
    const Shape shape = a.integers(1);
    const Averages averages{triple_of(a.integers(2)), triple_of(a.integers(3)), triple_of(a.integers(4)), a.boolean(6),
                            a.integer(7)};
    Tensor grad = contiguous(given);
    for (std::size_t i = 3; i-- > 0;) {
        const std::size_t dim = shape.size() - 3 + i;
        if (averages.keeps(i)) continue;
        grad = resampled_backward(grad, dim, averages.taps(i, shape[dim], grad.shape()[dim]), shape[dim]);
    }
    return grad.is_same(given) ? clone(given) : grad;
}

Dims stride_of_3d(const Saved& saved) {
    const Dims stride = saved.integers("stride");
    return stride.empty() ? saved.integers("kernel_size") : stride;
}

std::vector<Sample> max_samples_3d() {
    return {{{uniform({1, 2, 3, 4, 2}), Dims{2}}},
            {{uniform({1, 4, 3, 4}), Dims{3, 2, 2}, Dims{1, 2, 1}, Dims{1, 0, 1}, Dims{1, 2, 1}, Scalar(true)}}};
}

} // namespace

extern const Op max_pool3d_primitive_op({
    .signature = "_max_pool3d(Tensor self, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] "
                 "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
    .summary = "The greatest element of each window of a volume, and its place in its volume.",
    .forward = "y[n, c, i] = max over k of self[n, c, i * stride + k], with i and k of three numbers",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the windows that chose the element"}},
    .dtypes = {numeric_dtypes, "max_pool3d"},
    .wide = Wide::halves_and_integers,
    .compute_many = compute_max_3d,
    .saves = {{"self.shape"}, {"result1"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, put_back(g[0], saved.result(1), saved.shape("self"))); },
    .node = "MaxPool3DWithIndices",
    .non_differentiable = {1},
    .samples = max_samples_3d,
});

extern const Op max_pool3d_op({
    .signature = "max_pool3d(Tensor self, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] "
                 "dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest element of each window of a volume; with return_indices also its place in its volume.",
    .forward = "y[n, c, i] = max over k of self[n, c, i * stride + k], with i and k of three numbers",
    .dtypes = {numeric_dtypes, "max_pool3d"},
    .compute_many =
        [](const Arguments& a) {
            Tensors result = call_many(max_pool3d_primitive_op, {a.tensor(0), a[1], a[2], a[3], a[4], a[5]});
            if (!a.boolean(6)) result.pop_back();
            return result;
        },
    .composite = true,
    .samples = max_samples_3d,
    .errors =
        [] {
            const Tensor x = uniform({2, 2, 2, 2});
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Dims{2}}, {}, "non-empty 4D or 5D (batch mode) tensor expected for input"},
                {{x, Dims{2, 2}}, {}, "max_pool3d: kernel_size must either be a single int, or a tuple of three ints"},
                {{x, Dims{3}},
                 {},
                 "Given input size: (2x2x2x2). Calculated output size: (2x0x0x0). Output size is too small"},
                {{x, Dims{2}},
                 {{"padding", Scalar(2)}},
                 "pad should be at most half of kernel size, but got pad=2 and kernel_size=2"},
                {{x, Dims{2}},
                 {{"dilation", Scalar(0)}},
                 "dilation should be greater than zero, but got dilationT: 0 dilationH: 0 dilationW: 0"}};
        },
});

extern const Op avg_pool3d_op({
    .signature = "avg_pool3d(Tensor self, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, bool "
                 "ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor",
    .summary = "The mean of each window of a volume.",
    .forward = "y[n, c, i] = mean over k of self[n, c, i * stride + k], with i and k of three numbers",
    .gradients = {{"self", "dL/dself = sum of dL/dy / window size over the windows that hold the element"}},
    .dtypes = {precise_dtypes | dtype_bit(Dtype::int64), "avg_pool3d_out_frame"},
    .wide = Wide::halves_and_integers,
    .compute = compute_average_3d,
    .saves = {{"self.shape"},
              {"kernel_size"},
              {"stride"},
              {"padding"},
              {"ceil_mode"},
              {"count_include_pad"},
              {"divisor_override"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t divisor = saved.is_none("divisor_override") ? 0 : saved.integer("divisor_override");
            g.set(0, call(avg_pool3d_backward_op,
                          {g[0], Dims(saved.shape("self")), saved.integers("kernel_size"), stride_of_3d(saved),
                           saved.integers("padding"), saved.boolean("ceil_mode"), saved.boolean("count_include_pad"),
                           divisor}));
        },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({1, 2, 3, 4, 2}), Dims{2}}},
                {{uniform({1, 4, 3, 4}), Dims{3, 2, 2}, Dims{2, 2, 1}, Dims{1, 0, 1}, Scalar(true), Scalar(false)}},
                {{uniform({1, 4, 3, 4}), Dims{2}, Dims{2}, Dims{1}, Scalar(false), Scalar(true), Scalar(5)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2, 2, 2}), Dims{3}},
                 {},
                 "input image (T: 2 H: 2 W: 2) smaller than kernel size (kT: 3 kH: 3 kW: 3)"},
                {{uniform({2, 2, 2, 2}), Dims{2, 2}},
                 {},
                 "avg_pool3d: kernel_size must be a single int, or a tuple of three ints"}};
        },
});

extern const Op avg_pool3d_backward_op({
    .signature = "avg_pool3d_backward(Tensor grad_output, int[] input_size, int[3] kernel_size, int[3] stride, int[3] "
                 "padding, bool ceil_mode, bool count_include_pad, int divisor) -> Tensor",
    .summary = "Gradient of average pooling's input.",
    .forward = "dx = sum of grad_output / window size over the windows that hold the element",
    .gradients = {{"grad_output", "dL/dgrad_output = average pooling of dL/ddx"}},
    .dtypes = {floating_dtypes},
    .compute = compute_average_3d_backward,
    .saves = {{"kernel_size"}, {"stride"}, {"padding"}, {"ceil_mode"}, {"count_include_pad"}, {"divisor"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t divisor = saved.integer("divisor");
            g.set(0, call(avg_pool3d_op,
                          {g[0], saved.integers("kernel_size"), saved.integers("stride"), saved.integers("padding"),
                           saved.boolean("ceil_mode"), saved.boolean("count_include_pad"),
                           divisor ? ArgumentRef(divisor) : ArgumentRef()}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 1, 2, 2, 1}), Dims{1, 1, 4, 4, 2}, Dims{2}, Dims{2}, Dims{0},
                                         Scalar(false), Scalar(true), Scalar(0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor max_pool3d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::max_pool3d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode});
}
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    Tensors result =
        call_many(ops::max_pool3d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode, true});
    return {std::move(result[0]), std::move(result[1])};
}
Tensor avg_pool3d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::avg_pool3d_op,
                {self, kernel_size, o.stride, o.padding, o.ceil_mode, o.count_include_pad, o.divisor_override});
}

} // namespace hs
