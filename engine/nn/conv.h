#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

namespace hs::nn {

/// What the convolutions have in common. The weight is [out_channels, in_channels / groups, kernel sizes...], of the
/// transposed ones [in_channels, out_channels / groups, kernel sizes...]; weight and bias start uniform in
/// ±1/sqrt(fan_in) (rule 122).
class Convolution : public Module {
  public:
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;

  protected:
    /// What the constructor was told, sizes one a spatial dimension.
    struct Plan {
        std::int64_t in_channels, out_channels;
        Dims kernel_size, stride, padding, dilation, output_padding;
        std::string padding_word = {}; ///< "same", "valid", or empty
        std::string padding_mode = "zeros";
        std::int64_t groups = 1;
        bool bias = true;
        bool transposed = false;
    };
    Convolution(Plan plan, Generator& generator);

  private:
    void lay_out_padding();

    Plan plan_;
    Dims padding_; ///< for the operation
    Dims pads_;    ///< for pad(), which comes before it; empty where the operation does all
};

/// Convolution over N spatial dimensions of [n, in_channels, sizes...] (or without n).
template <std::size_t N>
class ConvNd : public Convolution {
  public:
    struct Options {
        Sizes<N> kernel_size;
        Sizes<N> stride = 1;
        Padding<N> padding = 0;
        Sizes<N> dilation = 1;
        std::int64_t groups = 1;
        bool bias = true;
        std::string_view padding_mode = "zeros"; ///< or "reflect", "replicate", "circular"
    };
    ConvNd(std::int64_t in_channels, std::int64_t out_channels, Options options,
           Generator& generator = default_generator())
        : Convolution({.in_channels = in_channels,
                       .out_channels = out_channels,
                       .kernel_size = options.kernel_size.dims(),
                       .stride = options.stride.dims(),
                       .padding = options.padding.sizes.dims(),
                       .dilation = options.dilation.dims(),
                       .output_padding = Sizes<N>(0).dims(),
                       .padding_word = std::string(options.padding.word),
                       .padding_mode = std::string(options.padding_mode),
                       .groups = options.groups,
                       .bias = options.bias},
                      generator) {}
};

/// The gradient of a convolution with respect to its input, as an operation forward. output_padding is added to one
/// side of the output's size.
template <std::size_t N>
class ConvTransposeNd : public Convolution {
  public:
    struct Options {
        Sizes<N> kernel_size;
        Sizes<N> stride = 1;
        Sizes<N> padding = 0;
        Sizes<N> output_padding = 0;
        std::int64_t groups = 1;
        bool bias = true;
        Sizes<N> dilation = 1;
    };
    ConvTransposeNd(std::int64_t in_channels, std::int64_t out_channels, Options options,
                    Generator& generator = default_generator())
        : Convolution({.in_channels = in_channels,
                       .out_channels = out_channels,
                       .kernel_size = options.kernel_size.dims(),
                       .stride = options.stride.dims(),
                       .padding = options.padding.dims(),
                       .dilation = options.dilation.dims(),
                       .output_padding = options.output_padding.dims(),
                       .groups = options.groups,
                       .bias = options.bias,
                       .transposed = true},
                      generator) {}
};

class Conv1d : public ConvNd<1> {
  public:
    using ConvNd::ConvNd;
};
class Conv2d : public ConvNd<2> {
  public:
    using ConvNd::ConvNd;
};
class Conv3d : public ConvNd<3> {
  public:
    using ConvNd::ConvNd;
};
class ConvTranspose1d : public ConvTransposeNd<1> {
  public:
    using ConvTransposeNd::ConvTransposeNd;
};
class ConvTranspose2d : public ConvTransposeNd<2> {
  public:
    using ConvTransposeNd::ConvTransposeNd;
};
class ConvTranspose3d : public ConvTransposeNd<3> {
  public:
    using ConvTransposeNd::ConvTransposeNd;
};

} // namespace hs::nn
