#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/pool_check.h"
#include "engine/ops/samples.h"
#include "engine/tensor/generator.h"

#include <cmath>

/// Max pooling over windows that begin at pseudorandom places: B. Graham, "Fractional max-pooling", 2014.
namespace hs::ops {

extern const Op fractional_max_pool_primitive_op;

namespace {

/// Where the windows along one dimension begin.
std::vector<std::int64_t> beginnings(double sample, std::int64_t input, std::int64_t output, std::int64_t pool) {
    std::vector<std::int64_t> result(static_cast<std::size_t>(output));
    const double step = output > 1 ? static_cast<double>(input - pool) / static_cast<double>(output - 1) : 0;
    for (std::int64_t i = 0; i + 1 < output; ++i)
        result[static_cast<std::size_t>(i)] = static_cast<std::int64_t>((static_cast<double>(i) + sample) * step) -
                                              static_cast<std::int64_t>(sample * step);
    if (output > 0) result.back() = input - pool;
    return result;
}

void check(const Tensor& x, const Dims& kernel, const Dims& output, const Tensor& samples) {
    const std::size_t rank = kernel.size();
    if (rank < 2 || rank > 3 || output.size() != rank)
        throw Error("fractional_max_pool: kernel_size and output_size must either be a single Int or tuple of Ints");
    const std::string name = rank == 2 ? "fractional_max_pool2d" : "fractional_max_pool3d_out";
    if (x.shape().size() != rank + 1 && x.shape().size() != rank + 2)
        throw Error(name + "(): Expected " + std::to_string(rank + 1) + "D or " + std::to_string(rank + 2) +
                    "D tensor, but got: " + to_string(x.shape()));
    const std::int64_t channels = x.size(-static_cast<std::int64_t>(rank) - 1);
    const std::int64_t batch = x.shape().size() == rank + 2 ? x.size(0) : 1;
    if (samples.dim() != 3 || samples.size(0) < batch)
        throw Error("Expect _random_samples.size(0) no less then input batch size.");
    if (samples.size(1) != channels) throw Error("Expect _random_samples.size(1) equals to input channel size.");
    if (samples.size(2) != static_cast<std::int64_t>(rank))
        throw Error("Expect _random_samples.size(2) equals to " + std::to_string(rank) + "; got " +
                    std::to_string(samples.size(2)) + ".");
    if (samples.dtype() != x.dtype()) throw Error("Expect _random_samples to have the same dtype as input");
    constexpr const char* names[] = {"time", "height", "width"};
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t size = x.shape()[x.shape().size() - rank + i];
        // Of volumes PyTorch wants one element more.
        if (kernel[i] > 0 && kernel[i] <= size && output[i] >= 0 && output[i] <= size - kernel[i] + (rank == 3 ? 0 : 1))
            continue;
        throw Error(name + "(): pool " + names[3 - rank + i] + " " + std::to_string(kernel[i]) +
                    " too large relative to input " + names[3 - rank + i] + " " + std::to_string(size));
    }
}

/// The offset in a plane of the greatest element of one window; the first one, and a NaN over numbers.
std::int64_t greatest_of(const double* plane, const Dims& begin, const Dims& kernel, const Dims& strides) {
    std::int64_t best = -1;
    const std::int64_t count = element_count(Shape(kernel));
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t rest = i, at = 0;
        for (std::size_t k = kernel.size(); k-- > 0;) {
            at += (begin[k] + rest % kernel[k]) * strides[k];
            rest /= kernel[k];
        }
        if (best < 0 || plane[at] > plane[best] || (std::isnan(plane[at]) && !std::isnan(plane[best]))) best = at;
    }
    return best;
}

Tensors compute_primitive(const Arguments& a) {
    const Tensor &x = a.tensor(0), &samples = a.tensor(3);
    const Dims kernel = a.integers(1), output = a.integers(2);
    check(x, kernel, output, samples);
    const std::size_t rank = kernel.size();
    Shape shape(std::span(x.shape().begin(), x.shape().end() - rank));
    const std::int64_t planes = element_count(shape);
    const Dims sizes(std::span(x.shape().end() - rank, x.shape().end()));
    const Dims strides = contiguous_strides(Shape(sizes));
    const std::int64_t plane_size = element_count(Shape(sizes)), windows = element_count(Shape(output));
    for (const std::int64_t size : output)
        shape.push_back(size);
    const std::vector<double> values = x.to_vector<double>(), draws = samples.to_vector<double>();
    for (const double draw : draws)
        if (!(draw >= 0 && draw <= 1)) throw ValueError("_random_samples must lie between 0 and 1");
    const Tensor places = empty(shape, {.dtype = Dtype::int64});
    auto* place = places.mutable_data<std::int64_t>();
    for (std::int64_t plane = 0; plane < planes; ++plane) {
        std::vector<std::vector<std::int64_t>> begins;
        // The first sample is that of the last dimension of images, of the first of volumes.
        for (std::size_t k = 0; k < rank; ++k)
            begins.push_back(beginnings(draws[static_cast<std::size_t>(plane) * rank + (rank == 2 ? 1 - k : k)],
                                        sizes[k], output[k], kernel[k]));
        for (std::int64_t window = 0; window < windows; ++window) {
            Dims begin(rank, 0);
            std::int64_t rest = window;
            for (std::size_t k = rank; k-- > 0;) {
                begin[k] = begins[k][static_cast<std::size_t>(rest % output[k])];
                rest /= output[k];
            }
            *place++ = greatest_of(values.data() + plane * plane_size, begin, kernel, strides);
        }
    }
    const std::int64_t first = x.dim() - static_cast<std::int64_t>(rank);
    return {reshape(gather(flatten(x, first, -1), -1, flatten(places, first, -1)), shape), places};
}

Tensors pooled(const Arguments& a, std::size_t rank) {
    const Tensor& x = a.tensor(0);
    const std::string name = "fractional_max_pool" + std::to_string(rank) + "d";
    if (a.is_none(2) && a.is_none(3))
        throw ValueError(name + " requires specifying either an output_size or an output_ratio");
    Dims output;
    if (!a.is_none(2)) {
        output = pool_sizes(a.integers(2), rank, name + ": output_size");
    } else {
        const std::vector<double> given = a.floats(3);
        if (given.size() != 1 && given.size() != rank)
            throw ValueError(name + " requires output_ratio to either be a single Int or tuple of Ints.");
        if (x.shape().size() < rank) throw Error(name + "(): the input has too few dimensions");
        for (std::size_t i = 0; i < rank; ++i)
            output.push_back(static_cast<std::int64_t>(
                static_cast<double>(x.size(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(rank))) *
                given[given.size() == 1 ? 0 : i]));
    }
    Tensor samples = a.optional_tensor(5);
    if (!samples.defined()) {
        const std::int64_t channels = x.size(-static_cast<std::int64_t>(rank) - 1);
        const std::int64_t batch = x.shape().size() == rank + 2 ? x.size(0) : 1;
        samples = rand({batch, channels, static_cast<std::int64_t>(rank)}, default_generator(), x.options());
    }
    Tensors result = call_many(fractional_max_pool_primitive_op,
                               {x, pool_sizes(a.integers(1), rank, name + ": kernel_size"), output, samples});
    if (!a.boolean(4)) result.pop_back();
    return result;
}

std::vector<Sample> fractional_samples(const Shape& shape, std::size_t rank) {
    const Tensor draws = uniform({shape[0], shape[1], static_cast<std::int64_t>(rank)}, 0, 1);
    return {
        {{uniform(shape), Dims{2}, Dims{2}}, {{"_random_samples", draws}}},
        {{uniform(shape), Dims{2}, Argument(), std::vector<double>{0.6}, Scalar(true)}, {{"_random_samples", draws}}}};
}

std::vector<ErrorSample> fractional_errors() {
    const Tensor x = uniform({1, 1, 4, 4});
    return {{{x, Dims{2}}, {}, "fractional_max_pool2d requires specifying either an output_size or an output_ratio"},
            {{x, Dims{3}, Dims{3}}, {}, "fractional_max_pool2d(): pool height 3 too large relative to input height 4"},
            {{x, Dims{2}, Dims{2}},
             {{"_random_samples", uniform({1, 2, 2}, 0, 1)}},
             "Expect _random_samples.size(1) equals to input channel size."}};
}

} // namespace

extern const Op fractional_max_pool_primitive_op({
    .signature = "_fractional_max_pool(Tensor self, int[] kernel_size, int[] output_size, Tensor random_samples) -> "
                 "(Tensor, Tensor)",
    .summary = "The greatest elements of windows that begin where random_samples [n, c, dimensions] say, and their "
               "places in their planes or volumes.",
    .forward = "y[n, c, i] = max over k of self[n, c, begin(i) + k]",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the windows that chose the element"}},
    .dtypes = {floating_dtypes, "fractional_max_pool2d_out_frame"},
    .compute_many = compute_primitive,
    .saves = {{"self.shape"}, {"kernel_size"}, {"result1"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            const auto first = static_cast<std::int64_t>(shape.size() - saved.integers("kernel_size").size());
            const Tensor zero = flatten(zeros(shape, g[0].options()), first, -1);
            g.set(0,
                  reshape(scatter_add(zero, -1, flatten(saved.result(1), first, -1), flatten(g[0], first, -1)), shape));
        },
    .node = "FractionalMaxPool2D",
    .non_differentiable = {1},
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 5, 4}), Dims{2, 2}, Dims{3, 2}, uniform({1, 2, 2}, 0, 1)}}};
        },
});

extern const Op fractional_max_pool2d_op({
    .signature = "fractional_max_pool2d(Tensor input, int[2] kernel_size, int[2]? output_size=None, float[]? "
                 "output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> Tensor[]",
    .summary = "Max pooling of images over windows that begin at random places; with return_indices also the places "
               "of the elements.",
    .forward = "y[n, c, i, j] = max over k, l of input[n, c, begin(i) + k, begin(j) + l]",
    .gradients = {{"input", "as _fractional_max_pool"}},
    .dtypes = {floating_dtypes, "check_uniform_bounds"},
    .compute_many = [](const Arguments& a) { return pooled(a, 2); },
    .composite = true,
    .samples =
        [] {
            return fractional_samples({1, 2, 5, 5}, 2);
        },
    .errors = fractional_errors,
});

extern const Op fractional_max_pool3d_op({
    .signature = "fractional_max_pool3d(Tensor input, int[3] kernel_size, int[3]? output_size=None, float[]? "
                 "output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> Tensor[]",
    .summary = "Max pooling of volumes over windows that begin at random places; with return_indices also the places "
               "of the elements.",
    .forward = "y[n, c, i, j, k] = max of input[n, c] over the window that begins at (begin(i), begin(j), begin(k))",
    .gradients = {{"input", "as _fractional_max_pool"}},
    .dtypes = {floating_dtypes, "check_uniform_bounds"},
    .compute_many = [](const Arguments& a) { return pooled(a, 3); },
    .composite = true,
    .samples =
        [] {
            return fractional_samples({1, 1, 4, 4, 4}, 3);
        },
});

} // namespace hs::ops

namespace hs {

namespace {

std::pair<Tensor, Tensor> with_places(const Op& op, const Tensor& input, const Dims& kernel_size,
                                      const FractionalPoolOptions& o) {
    const ArgumentRef size = o.output_size.empty() ? ArgumentRef() : ArgumentRef(o.output_size);
    const ArgumentRef ratio = o.output_ratio.empty() ? ArgumentRef() : ArgumentRef(o.output_ratio);
    const Tensors both = call_many(op, {input, kernel_size, size, ratio, true, o.samples});
    return {both[0], both[1]};
}

} // namespace

std::pair<Tensor, Tensor> fractional_max_pool2d(const Tensor& input, const Dims& kernel_size,
                                                const FractionalPoolOptions& options) {
    return with_places(ops::fractional_max_pool2d_op, input, kernel_size, options);
}
std::pair<Tensor, Tensor> fractional_max_pool3d(const Tensor& input, const Dims& kernel_size,
                                                const FractionalPoolOptions& options) {
    return with_places(ops::fractional_max_pool3d_op, input, kernel_size, options);
}

} // namespace hs
