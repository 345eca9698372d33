#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

#include <optional>

namespace hs::nn {

/// The elements of a max pooling back at their places, zeros elsewhere. Inputs: what the pooling gave and its indices;
/// then, where the input's sizes do not follow from the window's, a tensor of integers with the sizes wanted.
template <std::size_t N>
class MaxUnpoolNd : public Module {
  public:
    explicit MaxUnpoolNd(Sizes<N> kernel_size, std::optional<Sizes<N>> stride = std::nullopt, Sizes<N> padding = 0)
        : kernel_size_(kernel_size), stride_(stride.value_or(kernel_size)), padding_(padding) {}

    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

  private:
    Sizes<N> kernel_size_, stride_, padding_;
};

class MaxUnpool1d final : public MaxUnpoolNd<1> {
  public:
    using MaxUnpoolNd::MaxUnpoolNd;
};
class MaxUnpool2d final : public MaxUnpoolNd<2> {
  public:
    using MaxUnpoolNd::MaxUnpoolNd;
};
class MaxUnpool3d final : public MaxUnpoolNd<3> {
  public:
    using MaxUnpoolNd::MaxUnpoolNd;
};

/// Max pooling over windows that begin at random places, drawn from the default generator unless samples are given
/// (functional.h: FractionalPoolOptions). One of output_size and output_ratio is given. With return_indices the second
/// output is where the elements are.
template <std::size_t N>
class FractionalMaxPoolNd : public Module {
  public:
    struct Options {
        std::optional<Sizes<N>> output_size = std::nullopt;
        std::vector<double> output_ratio = {}; ///< one number or N, in (0, 1)
        bool return_indices = false;
        Tensor random_samples = {}; ///< a buffer of the module
    };
    FractionalMaxPoolNd(Sizes<N> kernel_size, Options options);

    Tensor forward(const Tensor& input) override { return forward_all({input})[0]; }
    Tensors forward_all(const Tensors& inputs) override;

  private:
    Sizes<N> kernel_size_;
    Options options_;
    Tensor& random_samples_;
};

class FractionalMaxPool2d final : public FractionalMaxPoolNd<2> {
  public:
    using FractionalMaxPoolNd::FractionalMaxPoolNd;
};
class FractionalMaxPool3d final : public FractionalMaxPoolNd<3> {
  public:
    using FractionalMaxPoolNd::FractionalMaxPoolNd;
};

} // namespace hs::nn
