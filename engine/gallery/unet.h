#pragma once

#include "engine/nn/container.h"
#include "engine/nn/conv.h"

namespace hs::gallery {

struct UNetOptions {
    std::int64_t in_channels = 3;
    std::int64_t classes = 2;
    std::int64_t width = 64; ///< channels of the first level; each of the four below has twice as many
    bool bilinear = false;   ///< on the way up: bilinear interpolation instead of transposed convolutions
};

/// Two 3x3 convolutions, each followed by batch norm and ReLU.
class DoubleConv final : public nn::Module {
  public:
    DoubleConv(std::int64_t in_channels, std::int64_t mid_channels, std::int64_t out_channels, Generator& generator);
    Tensor forward(const Tensor& x) override { return double_conv(x); }

    nn::Sequential& double_conv;
};

/// Halves the image, then DoubleConv.
class Down final : public nn::Module {
  public:
    Down(std::int64_t in_channels, std::int64_t out_channels, Generator& generator);
    Tensor forward(const Tensor& x) override { return maxpool_conv(x); }

    nn::Sequential& maxpool_conv;
};

/// Doubles the image, puts that of the same level of the way down before its channels, then DoubleConv.
///
/// Inputs: what comes from below, and what comes from the way down.
class Up final : public nn::Module {
  public:
    Up(std::int64_t in_channels, std::int64_t out_channels, bool bilinear, Generator& generator);
    Tensors forward_all(const Tensors& inputs) override;

    nn::Module& up;
    DoubleConv& conv;
};

/// A 1x1 convolution.
class OutConv final : public nn::Module {
  public:
    OutConv(std::int64_t in_channels, std::int64_t out_channels, Generator& generator);
    Tensor forward(const Tensor& x) override { return conv(x); }

    nn::Conv2d& conv;
};

/// U-Net (Ronneberger et al. 2015) with padding and batch norm, under the names of the PyTorch implementation that is
/// used most (`inc`, `down1` to `down4`, `up1` to `up4`, `outc`): [n, channels, h, w] to logits [n, classes, h, w]; h
/// and w from 16 on. Layers start as PyTorch's do.
class UNet final : public nn::Module {
  public:
    explicit UNet(const UNetOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    DoubleConv& inc;
    Down& down1;
    Down& down2;
    Down& down3;
    Down& down4;
    Up& up1;
    Up& up2;
    Up& up3;
    Up& up4;
    OutConv& outc;
};

} // namespace hs::gallery
