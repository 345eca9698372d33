#pragma once

#include "engine/ops/op.h"

/// The operations of neural networks as functions, under the names of `torch.nn.functional`; engine/ops/functional.h
/// includes this and says what holds for all operations.
namespace hs {

// Products (ops/matmul.cpp, ops/linear.cpp).
Tensor mm(const Tensor& self, const Tensor& mat2);
/// beta * self + alpha * mat1 mat2
Tensor addmm(const Tensor& self, const Tensor& mat1, const Tensor& mat2, const Scalar& beta = 1,
             const Scalar& alpha = 1);
Tensor bmm(const Tensor& self, const Tensor& mat2);
Tensor baddbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta = 1,
               const Scalar& alpha = 1);
Tensor mv(const Tensor& self, const Tensor& vec);
Tensor dot(const Tensor& self, const Tensor& tensor);
Tensor matmul(const Tensor& self, const Tensor& other);
/// input [..., in], weight [out, in], bias [out] or undefined; gives [..., out].
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias = {});

// Activations (ops/activation.cpp).
Tensor relu(const Tensor& self);

// Softmax and losses of classes (ops/softmax.cpp, ops/cross_entropy.cpp).
Tensor softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype = std::nullopt);
Tensor log_softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype = std::nullopt);

struct ClassLossOptions {
    Tensor weight = {}; ///< [classes]; undefined for ones
    std::int64_t ignore_index = -100;
    std::string_view reduction = "mean"; ///< or "sum", "none"
    double label_smoothing = 0;          ///< of cross_entropy, 0 to 1
};
/// input [n, c, ...] or [c] of log probabilities; target int64 (or uint8) class indices [n, ...] or [].
Tensor nll_loss(const Tensor& input, const Tensor& target, const ClassLossOptions& options = {});
/// input of logits; target as in nll_loss, or class probabilities of input's shape.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const ClassLossOptions& options = {});

// Convolution (ops/convolution.cpp). Images are [n, channels, height, width], or without n.
struct Conv2dOptions {
    Dims stride = {1}; ///< one number or {height, width}, as all of these
    Dims padding = {0};
    Dims dilation = {1};
    std::int64_t groups = 1;
};
/// weight [out, in / groups, height, width], bias [out] or undefined.
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, const Conv2dOptions& options = {});
/// The same over [n, channels, length].
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, const Conv2dOptions& options = {});
/// output_padding is added to one side of the output's size. weight [in, out / groups, height, width].
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const Conv2dOptions& options = {}, const Dims& output_padding = {0});

// Pooling (ops/pooling.cpp).
struct PoolOptions {
    Dims stride = {}; ///< empty: the kernel's size
    Dims padding = {0};
    Dims dilation = {1};           ///< of max pooling
    bool ceil_mode = false;        ///< rounds the output's size up
    bool count_include_pad = true; ///< of average pooling
    std::optional<std::int64_t> divisor_override = std::nullopt;
};
Tensor max_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
/// The greatest elements and where they are: row * width + column, int64.
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& self, const Dims& kernel_size,
                                                  const PoolOptions& options = {});
Tensor avg_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});

/// Adds a border of `value`: pad = {in front, behind} of the last dimension, then of the one before, and so on;
/// negative numbers cut off (ops/pad.cpp).
Tensor constant_pad_nd(const Tensor& self, const Dims& pad, const Scalar& value = 0);

} // namespace hs
