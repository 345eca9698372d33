#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/ops/sliding_windows.h"

/// The windows of images as columns of a matrix, and back: torch.nn.functional.unfold and fold.
namespace hs::ops {

extern const Op im2col_op, col2im_op;

namespace {

Dims both_sides(const Dims& given, const char* name) {
    if (given.size() != 1 && given.size() != 2)
        throw Error("It is expected " + std::string(name) + " equals to 2, but got size " +
                    std::to_string(given.size()));
    return {given.front(), given.back()};
}

/// Reads kernel_size, dilation, padding and stride from position `first` on.
SlidingWindows windows_from(const Arguments& a, std::size_t first) {
    SlidingWindows w{.kernel = both_sides(a.integers(first), "kernel_size"),
                     .stride = both_sides(a.integers(first + 3), "stride"),
                     .padding = both_sides(a.integers(first + 2), "padding"),
                     .dilation = both_sides(a.integers(first + 1), "dilation")};
    const auto check = [](const Dims& values, std::int64_t least, const char* what, const std::string& name) {
        if (std::min(values[0], values[1]) < least)
            throw Error(std::string(what) + ", but got " + name + "_height: " + std::to_string(values[0]) + " " + name +
                        "_width: " + std::to_string(values[1]));
    };
    check(w.kernel, 1, "kernel size should be greater than zero", "kernel");
    check(w.dilation, 1, "dilation should be greater than zero", "dilation");
    check(w.padding, 0, "padding should be non-negative", "pad");
    check(w.stride, 1, "stride should be greater than zero", "stride");
    return w;
}

std::string braces(const Dims& pair) {
    return "(" + std::to_string(pair[0]) + ", " + std::to_string(pair[1]) + ")";
}

std::string text_of(const SlidingWindows& w) {
    return "kernel_size=" + braces(w.kernel) + ", dilation=" + braces(w.dilation) + ", padding=" + braces(w.padding);
}

/// Adds the batch dimension to a single item.
Tensor batch_of(const Tensor& x, std::int64_t rank) {
    return contiguous(x.dim() == rank ? x : unsqueeze(x, 0));
}

Tensor compute_im2col(const Arguments& a) {
    const Tensor& given = a.tensor(0);
    const SlidingWindows w = windows_from(a, 1);
    if ((given.dim() != 3 && given.dim() != 4) || given.size(-1) == 0 || given.size(-2) == 0 || given.size(-3) == 0)
        throw Error("Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
                    "for input, but got: " +
                    to_string(given.shape()));
    const Tensor x = batch_of(given, 4);
    const Dims counts = w.counts(std::array{x.size(2), x.size(3)});
    if (counts[0] < 1 || counts[1] < 1)
        throw Error("Given input with spatial size (" + std::to_string(x.size(2)) + ", " + std::to_string(x.size(3)) +
                    "), " + text_of(w) + ", calculated shape of the array of sliding blocks as " + braces(counts) +
                    ", but its components must be at least one.");
    const Tensor y = reshape(contiguous(windows_of(x, w)),
                             {x.size(0), x.size(1) * w.kernel[0] * w.kernel[1], counts[0] * counts[1]});
    return given.dim() == 4 ? y : reshape(y, {y.size(1), y.size(2)});
}

Tensor compute_col2im(const Arguments& a) {
    const Tensor& given = a.tensor(0);
    const Dims size = both_sides(a.integers(1), "output_size");
    const SlidingWindows w = windows_from(a, 2);
    if (given.dim() != 2 && given.dim() != 3)
        throw Error("Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
                    "dimensions for input, but got: " +
                    to_string(given.shape()));
    const Tensor x = batch_of(given, 3);
    const std::int64_t area = w.kernel[0] * w.kernel[1];
    if (x.size(1) % area != 0)
        throw Error("Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
                    "input.size(1)=" +
                    std::to_string(x.size(1)) + " and kernel_size=" + braces(w.kernel) + ".");
    const Dims counts = w.counts(size);
    if (x.size(2) != counts[0] * counts[1])
        throw Error("Given output_size=" + braces(size) + ", " + text_of(w) + ", stride=" + braces(w.stride) +
                    ", expected size of input's dimension 2 to match the calculated number of sliding blocks " +
                    std::to_string(counts[0]) + " * " + std::to_string(counts[1]) + " = " +
                    std::to_string(counts[0] * counts[1]) + ", but got input.size(2)=" + std::to_string(x.size(2)) +
                    ".");
    const std::int64_t channels = x.size(1) / area;
    const Tensor values = reshape(x, {x.size(0), channels, w.kernel[0], w.kernel[1], counts[0], counts[1]});
    const Tensor y = sum_of_windows(values, {x.size(0), channels, size[0], size[1]}, w);
    return given.dim() == 3 ? y : reshape(y, {channels, size[0], size[1]});
}

std::vector<Sample> unfold_samples() {
    return {{{uniform({2, 2, 4, 5}), Dims{2, 3}, Dims{1}, Dims{0}, Dims{1}}},
            {{uniform({1, 4, 4}), Dims{2}, Dims{2, 1}, Dims{1}, Dims{2, 1}}}};
}

std::vector<Sample> fold_samples() {
    return {{{uniform({2, 8, 6}), Dims{3, 4}, Dims{2}, Dims{1}, Dims{0}, Dims{1}}},
            {{uniform({4, 9}), Dims{4, 4}, Dims{2}, Dims{1}, Dims{1}, Dims{2}}}};
}

} // namespace

extern const Op im2col_op({
    .signature = "im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    .summary = "The windows of images [n, c, h, w] as columns: [n, c * kh * kw, windows].",
    .forward = "y[n, (c, k, l), (i, j)] = self[n, c, i * stride + k * dilation - padding, likewise j]",
    .gradients = {{"self", "dL/dself = dL/dy added over the windows"}},
    .dtypes = {floating_dtypes | dtype_bit(Dtype::bool_), "im2col_out_cpu"},
    .compute = compute_im2col,
    .saves = {{"self.shape"}, {"kernel_size"}, {"dilation"}, {"padding"}, {"stride"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            g.set(0,
                  call(col2im_op, {g[0], Dims{shape[shape.size() - 2], shape.back()}, saved.argument("kernel_size"),
                                   saved.argument("dilation"), saved.argument("padding"), saved.argument("stride")}));
        },
    .samples = unfold_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Dims{2}, Dims{1}, Dims{0}, Dims{1}},
                 {},
                 "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
                 "input, but got: [2, 3]"},
                {{uniform({1, 2, 2}), Dims{2}, Dims{1}, Dims{0}, Dims{0}},
                 {},
                 "stride should be greater than zero, but got stride_height: 0 stride_width: 0"}};
        },
});

extern const Op col2im_op({
    .signature = "col2im(Tensor self, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] "
                 "stride) -> Tensor",
    .summary = "Columns of windows, added where they came from in images of output_size.",
    .forward = "y[n, c, p, q] = sum of self[n, (c, k, l), (i, j)] over the windows that hold (p, q)",
    .gradients = {{"self", "dL/dself = windows of dL/dy"}},
    .dtypes = {floating_dtypes | dtype_bit(Dtype::bool_), "col2im_out_cpu"},
    .compute = compute_col2im,
    .saves = {{"kernel_size"}, {"dilation"}, {"padding"}, {"stride"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(im2col_op, {g[0], saved.argument("kernel_size"), saved.argument("dilation"),
                                      saved.argument("padding"), saved.argument("stride")}));
        },
    .samples = fold_samples,
});

extern const Op unfold_windows_op({
    .signature = "unfold_windows(Tensor input, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] "
                 "stride=1) -> Tensor",
    .summary = "The windows of images [n, c, h, w] as columns: [n, c * kh * kw, windows].",
    .forward = "y[n, (c, k, l), (i, j)] = input[n, c, i * stride + k * dilation - padding, likewise j]",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::bool_)},
    .compute =
        [](const Arguments& a) {
            return call(im2col_op, {a[0], a[1], a[2], a[3], a[4]});
        },
    .composite = true,
    .samples = unfold_samples,
    .aliases = "nn.functional.unfold",
});

extern const Op fold_op({
    .signature = "fold(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, "
                 "int[2] stride=1) -> Tensor",
    .summary = "Columns of windows, added where they came from in images of output_size.",
    .forward = "y[n, c, p, q] = sum of input[n, (c, k, l), (i, j)] over the windows that hold (p, q)",
    .dtypes = {floating_dtypes | dtype_bit(Dtype::bool_)},
    .compute =
        [](const Arguments& a) {
            return call(col2im_op, {a[0], a[1], a[2], a[3], a[4], a[5]});
        },
    .composite = true,
    .samples = fold_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({1, 5, 4}), Dims{3}, Dims{2}},
                 {},
                 "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
                 "input.size(1)=5 and kernel_size=(2, 2)."}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor unfold(const Tensor& self, const Dims& kernel_size, const UnfoldOptions& o) {
    return call(ops::im2col_op, {self, kernel_size, o.dilation, o.padding, o.stride});
}
Tensor fold(const Tensor& self, const Dims& output_size, const Dims& kernel_size, const UnfoldOptions& o) {
    return call(ops::col2im_op, {self, output_size, kernel_size, o.dilation, o.padding, o.stride});
}

} // namespace hs
