#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op max_pool2d_op, avg_pool2d_op;

namespace {

/// A list of one number for a signal as one for images of height 1.
Dims with_height(const Dims& given, std::int64_t of_height, const char* op, const char* name) {
    if (given.size() > 1)
        throw Error(std::string(op) + "() " + name + " must contain one int (got " + std::to_string(given.size()) +
                    " ints)");
    return given.empty() ? given : Dims{of_height, given[0]};
}

Tensors compute_max_1d(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    if (x.dim() != 2 && x.dim() != 3)
        throw Error("max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
                    "got:" +
                    to_string(x.shape()));
    const auto dims = [&](std::size_t i, std::int64_t of_height, const char* name) {
        return with_height(a.integers(i), of_height, "max_pool1d", name);
    };
    const Dims kernel = dims(1, 1, "kernel_size"), stride = dims(2, 1, "stride"), padding = dims(3, 0, "padding"),
               dilation = dims(4, 1, "dilation");
    Tensors result = call_many(max_pool2d_op, {unsqueeze(x, -2), kernel, stride, padding, dilation, a[5], a[6]});
    for (Tensor& tensor : result)
        tensor = squeeze(tensor, -2);
    return result;
}

Tensor compute_average_1d(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    if (x.dim() != 2 && x.dim() != 3)
        throw Error("Expected 2 to 3 dimensions, but got " + std::to_string(x.dim()) +
                    "-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)");
    const auto dims = [&](std::size_t i, std::int64_t of_height, const char* name) {
        return with_height(a.integers(i), of_height, "avg_pool1d", name);
    };
    const Dims kernel = dims(1, 1, "kernel_size"), stride = dims(2, 1, "stride"), padding = dims(3, 0, "padding");
    return squeeze(call(avg_pool2d_op, {unsqueeze(x, -2), kernel, stride, padding, a[4], a[5]}), -2);
}

} // namespace

extern const Op max_pool1d_op({
    .signature = "max_pool1d(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] "
                 "dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor[]",
    .summary = "The greatest element of each window of a signal; with return_indices also its place.",
    .forward = "y[n, c, i] = max over k of self[n, c, i * stride + k]",
    .dtypes = {numeric_dtypes, "max_pool2d"},
    .compute_many = compute_max_1d,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 6}), Dims{2}}},
                                       {{uniform({2, 7}), Dims{3}, Dims{2}, Dims{1}, Dims{2}, Scalar(true)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2}), Dims{2}},
                                             {},
                                             "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim "
                                             "batch size for input, but got:[2]"}};
        },
});

extern const Op avg_pool1d_op({
    .signature = "avg_pool1d(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool "
                 "ceil_mode=False, bool count_include_pad=True) -> Tensor",
    .summary = "The mean of each window of a signal.",
    .forward = "y[n, c, i] = mean over k of self[n, c, i * stride + k]",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::int64), "avg_pool2d"},
    .compute = compute_average_1d,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 6}), Dims{2}}},
                                       {{uniform({2, 7}), Dims{3}, Dims{2}, Dims{1}, Scalar(true), Scalar(false)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2}), Dims{2}},
                                             {},
                                             "Expected 2 to 3 dimensions, but got 1-dimensional tensor for argument "
                                             "#1 'self' (while checking arguments for avg_pool1d)"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor max_pool1d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::max_pool1d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode});
}
std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    Tensors result =
        call_many(ops::max_pool1d_op, {self, kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode, true});
    return {std::move(result[0]), std::move(result[1])};
}
Tensor avg_pool1d(const Tensor& self, const Dims& kernel_size, const PoolOptions& o) {
    return call(ops::avg_pool1d_op, {self, kernel_size, o.stride, o.padding, o.ceil_mode, o.count_include_pad});
}

} // namespace hs
