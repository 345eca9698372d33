#pragma once

#include "engine/kernels/activations.h"
#include "engine/kernels/kernels.h"

#include <array>

namespace hs {

#define HS_NAME(name, functor) name,
enum class Activation : std::uint8_t { HS_ACTIVATIONS(HS_NAME) };
#undef HS_NAME

/// Pairs are {height, width}.
using Pair = std::array<std::int64_t, 2>;

struct ConvolutionGeometry {
    Pair stride{1, 1};
    Pair padding{0, 0};
    Pair dilation{1, 1};
    std::int64_t groups = 1;
};

struct PoolGeometry {
    Pair kernel{1, 1};
    Pair stride{1, 1};
    Pair padding{0, 0};
    Pair dilation{1, 1};           ///< 1 for average pooling
    bool count_include_pad = true; ///< average pooling: whether the divisor counts the padding
    std::int64_t divisor = 0;      ///< average pooling: divisor_override, 0 for none
};

enum class LossReduction : std::uint8_t { none, mean, sum };

struct NllOptions {
    Tensor weight; ///< of each class; undefined for ones
    std::int64_t ignore_index = -100;
    LossReduction reduction = LossReduction::mean;
};

/// A linear map of the elements along one dimension: element i of the result is the sum of weight[i * count + k] *
/// x[index[i * count + k]] over k < count.
struct Taps {
    std::int64_t count = 1;
    std::vector<std::int64_t> index;
    std::vector<double> weight;
};

/// The kernels of one device that neural networks add to `Kernels`; the same rules hold. Images are [n, c, h, w].
struct NeuralKernels {
    /// y = beta * y + alpha * a b, with a [m, k], b [k, n], y [m, n], or all three with the same leading batch
    /// dimension. a and b may have any strides; y is contiguous. With beta 0 y is only written.
    void (*matmul)(const Tensor& a, const Tensor& b, const Scalar& alpha, const Scalar& beta, const Tensor& y);

    /// dx = 0 where x <= threshold, else grad.
    void (*threshold_backward)(const Tensor& grad, const Tensor& x, const Scalar& threshold, const Tensor& dx);

    void (*activation)(Activation function, const activations::Parameters& parameters, const Tensor& x,
                       const Tensor& y);
    /// dx = grad * slope at x (for tanh and sigmoid: at the result).
    void (*activation_backward)(Activation function, const activations::Parameters& parameters, const Tensor& grad,
                                const Tensor& x, const Tensor& dx);

    /// Softmax, or its logarithm, of x along `dim`.
    void (*softmax)(const Tensor& x, std::size_t dim, bool logarithm, const Tensor& y);
    /// The gradient of x from that of the result.
    void (*softmax_backward)(const Tensor& grad, const Tensor& result, std::size_t dim, bool logarithm,
                             const Tensor& dx);

    /// y = -weight[t] * x[n, t, i] with t = target[n, i], for x [n, c, i...] or [c]; 0 where t is ignore_index. Mean
    /// and sum give one number. `weight` may be undefined. Throws IndexError for a target that is no class.
    void (*nll_loss)(const Tensor& x, const Tensor& target, const NllOptions& options, const Tensor& y,
                     const Tensor& total_weight);
    /// The gradient of x; total_weight is what the forward gave.
    void (*nll_loss_backward)(const Tensor& grad, const Tensor& target, const NllOptions& options,
                              const Tensor& total_weight, const Tensor& dx);

    /// y = conv(x, weight) + bias; `bias` may be undefined. All contiguous; weight [out, in / groups, kh, kw].
    void (*convolution)(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvolutionGeometry& geometry,
                        const Tensor& y);
    void (*convolution_backward_input)(const Tensor& grad, const Tensor& weight, const ConvolutionGeometry& geometry,
                                       const Tensor& dx);
    /// `db` may be undefined.
    void (*convolution_backward_weight)(const Tensor& x, const Tensor& grad, const ConvolutionGeometry& geometry,
                                        const Tensor& dw, const Tensor& db);

    /// The greatest element of each window. index (int32) is row * width + column of it within its plane; the first
    /// one wins, and a NaN over numbers.
    void (*max_pool)(const Tensor& x, const PoolGeometry& geometry, const Tensor& y, const Tensor& index);
    void (*max_pool_backward)(const Tensor& grad, const Tensor& index, const PoolGeometry& geometry, const Tensor& dx);
    void (*average_pool)(const Tensor& x, const PoolGeometry& geometry, const Tensor& y);
    void (*average_pool_backward)(const Tensor& grad, const PoolGeometry& geometry, const Tensor& dx);
    /// Windows that divide x [n, c, h, w] into as many parts as y has elements; index as of max_pool.
    void (*adaptive_average_pool)(const Tensor& x, const Tensor& y);
    void (*adaptive_average_pool_backward)(const Tensor& grad, const Tensor& dx);
    void (*adaptive_max_pool)(const Tensor& x, const Tensor& y, const Tensor& index);

    /// y = x with the elements along `dim` mapped; both contiguous.
    void (*resample)(const Tensor& x, std::size_t dim, const Taps& taps, const Tensor& y);
    /// The gradient of x.
    void (*resample_backward)(const Tensor& grad, std::size_t dim, const Taps& taps, const Tensor& dx);

    /// Mean and biased variance of each channel of x [n, c, ...].
    void (*batch_norm_statistics)(const Tensor& x, const Tensor& mean, const Tensor& variance);
    /// y = (x - mean) / sqrt(variance + eps) * weight + bias; weight and bias may be undefined.
    void (*batch_norm)(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& weight,
                       const Tensor& bias, double eps, const Tensor& y);
    /// Gradients; each of dx, dweight, dbias may be undefined. batch_statistics: mean and variance depend on x.
    void (*batch_norm_backward)(const Tensor& grad, const Tensor& x, const Tensor& mean, const Tensor& variance,
                                const Tensor& weight, double eps, bool batch_statistics, const Tensor& dx,
                                const Tensor& dweight, const Tensor& dbias);

    /// y[i, :] = weight[index[i], :]; throws IndexError for an index that is no row. index is int64.
    void (*embedding)(const Tensor& weight, const Tensor& index, const Tensor& y);
    /// dweight[index[i], :] += grad[i, :], but not for index `padding` (-1 for none).
    void (*embedding_backward)(const Tensor& grad, const Tensor& index, std::int64_t padding, const Tensor& dweight);
};

const NeuralKernels& cpu_neural_kernels();

/// The kernels of the device of `tensor`. Throws NotImplementedError when this build has none for it.
const NeuralKernels& neural_kernels_of(const Tensor& tensor);

} // namespace hs
