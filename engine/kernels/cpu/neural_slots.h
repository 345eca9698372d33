#pragma once

#include "engine/kernels/neural.h"

/// The CPU's entries of the table of neural kernels (engine/kernels/neural.h), one function a slot.
namespace hs::cpu {

void matmul(const Tensor& a, const Tensor& b, const Scalar& alpha, const Scalar& beta, const Tensor& y);
void threshold_backward(const Tensor& grad, const Tensor& x, const Scalar& threshold, const Tensor& dx);
void activation(Activation function, const activations::Parameters& parameters, const Tensor& x, const Tensor& y);
void activation_backward(Activation function, const activations::Parameters& parameters, const Tensor& grad,
                         const Tensor& x, const Tensor& dx);
void softmax(const Tensor& x, std::size_t dim, bool logarithm, const Tensor& y);
void softmax_backward(const Tensor& grad, const Tensor& result, std::size_t dim, bool logarithm, const Tensor& dx);
void nll_loss(const Tensor& x, const Tensor& target, const NllOptions& options, const Tensor& y,
              const Tensor& total_weight);
void nll_loss_backward(const Tensor& grad, const Tensor& target, const NllOptions& options, const Tensor& total_weight,
                       const Tensor& dx);
void convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvolutionGeometry& geometry,
                 const Tensor& y);
void convolution_backward_input(const Tensor& grad, const Tensor& weight, const ConvolutionGeometry& geometry,
                                const Tensor& dx);
void convolution_backward_weight(const Tensor& x, const Tensor& grad, const ConvolutionGeometry& geometry,
                                 const Tensor& dw, const Tensor& db);
void max_pool(const Tensor& x, const PoolGeometry& geometry, const Tensor& y, const Tensor& index);
void max_pool_backward(const Tensor& grad, const Tensor& index, const PoolGeometry& geometry, const Tensor& dx);
void average_pool(const Tensor& x, const PoolGeometry& geometry, const Tensor& y);
void average_pool_backward(const Tensor& grad, const PoolGeometry& geometry, const Tensor& dx);
void adaptive_average_pool(const Tensor& x, const Tensor& y);
void adaptive_average_pool_backward(const Tensor& grad, const Tensor& dx);
void adaptive_max_pool(const Tensor& x, const Tensor& y, const Tensor& index);
void resample(const Tensor& x, std::size_t dim, const Taps& taps, const Tensor& y);
void resample_backward(const Tensor& grad, std::size_t dim, const Taps& taps, const Tensor& dx);
void batch_norm_statistics(const Tensor& x, const Tensor& mean, const Tensor& variance);
void batch_norm(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& weight, const Tensor& bias,
                double eps, const Tensor& y);
void batch_norm_backward(const Tensor& grad, const Tensor& x, const Tensor& mean, const Tensor& variance,
                         const Tensor& weight, double eps, bool batch_statistics, const Tensor& dx,
                         const Tensor& dweight, const Tensor& dbias);
void embedding(const Tensor& weight, const Tensor& index, const Tensor& y);
void embedding_backward(const Tensor& grad, const Tensor& index, std::int64_t padding, const Tensor& dweight);

} // namespace hs::cpu
