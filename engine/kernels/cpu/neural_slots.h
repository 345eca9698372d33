#pragma once

#include "engine/kernels/neural.h"

/// The CPU's entries of the table of neural kernels (engine/kernels/neural.h), one function a slot.
namespace hs::cpu {

void matmul(const Tensor& a, const Tensor& b, const Scalar& alpha, const Scalar& beta, const Tensor& y);
void threshold_backward(const Tensor& grad, const Tensor& x, const Scalar& threshold, const Tensor& dx);
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

} // namespace hs::cpu
