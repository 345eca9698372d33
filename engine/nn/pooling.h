#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

#include <optional>

namespace hs::nn {

/// The greatest element of each window over N spatial dimensions of [n, c, sizes...] (or without n). The stride is the
/// kernel size unless given. With return_indices the second output is where the elements are, as int64 positions in
/// the item's plane.
template <std::size_t N>
class MaxPoolNd : public Module {
  public:
    struct Options {
        Sizes<N> kernel_size;
        std::optional<Sizes<N>> stride = std::nullopt;
        Sizes<N> padding = 0;
        Sizes<N> dilation = 1;
        bool return_indices = false;
        bool ceil_mode = false; ///< rounds the output's sizes up
    };
    explicit MaxPoolNd(Sizes<N> kernel_size) : MaxPoolNd(Options{kernel_size}) {}
    explicit MaxPoolNd(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override { return forward_all({input})[0]; }
    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// The mean of each window.
template <std::size_t N>
class AvgPoolNd : public Module {
  public:
    struct Options {
        Sizes<N> kernel_size;
        std::optional<Sizes<N>> stride = std::nullopt;
        Sizes<N> padding = 0;
        bool ceil_mode = false;
        bool count_include_pad = true;
        std::optional<std::int64_t> divisor_override = std::nullopt; ///< not of one dimension
    };
    explicit AvgPoolNd(Sizes<N> kernel_size) : AvgPoolNd(Options{kernel_size}) {}
    explicit AvgPoolNd(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// Means over windows that divide the input into output_size parts; same_size keeps a dimension as it is.
template <std::size_t N>
class AdaptiveAvgPoolNd : public Module {
  public:
    explicit AdaptiveAvgPoolNd(Sizes<N> output_size) : output_size_(output_size) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "output_size=" + output_size_.as_given(); }

  private:
    Sizes<N> output_size_;
};

/// The greatest elements of such windows; with return_indices as MaxPoolNd.
template <std::size_t N>
class AdaptiveMaxPoolNd : public Module {
  public:
    explicit AdaptiveMaxPoolNd(Sizes<N> output_size, bool return_indices = false)
        : output_size_(output_size), return_indices_(return_indices) {}

    Tensor forward(const Tensor& input) override { return forward_all({input})[0]; }
    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override { return "output_size=" + output_size_.as_given(); }

  private:
    Sizes<N> output_size_;
    bool return_indices_;
};

/// (sum of x^norm_type over each window)^(1 / norm_type): the sum for 1.
template <std::size_t N>
class LPPoolNd : public Module {
  public:
    struct Options {
        Scalar norm_type;
        Sizes<N> kernel_size;
        std::optional<Sizes<N>> stride = std::nullopt;
        bool ceil_mode = false;
    };
    explicit LPPoolNd(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

class MaxPool1d final : public MaxPoolNd<1> {
  public:
    using MaxPoolNd::MaxPoolNd;
};
class MaxPool2d final : public MaxPoolNd<2> {
  public:
    using MaxPoolNd::MaxPoolNd;
};
class MaxPool3d final : public MaxPoolNd<3> {
  public:
    using MaxPoolNd::MaxPoolNd;
};
class AvgPool1d final : public AvgPoolNd<1> {
  public:
    using AvgPoolNd::AvgPoolNd;
};
class AvgPool2d final : public AvgPoolNd<2> {
  public:
    using AvgPoolNd::AvgPoolNd;
};
class AvgPool3d final : public AvgPoolNd<3> {
  public:
    using AvgPoolNd::AvgPoolNd;
};
class AdaptiveAvgPool1d final : public AdaptiveAvgPoolNd<1> {
  public:
    using AdaptiveAvgPoolNd::AdaptiveAvgPoolNd;
};
class AdaptiveAvgPool2d final : public AdaptiveAvgPoolNd<2> {
  public:
    using AdaptiveAvgPoolNd::AdaptiveAvgPoolNd;
};
class AdaptiveAvgPool3d final : public AdaptiveAvgPoolNd<3> {
  public:
    using AdaptiveAvgPoolNd::AdaptiveAvgPoolNd;
};
class AdaptiveMaxPool1d final : public AdaptiveMaxPoolNd<1> {
  public:
    using AdaptiveMaxPoolNd::AdaptiveMaxPoolNd;
};
class AdaptiveMaxPool2d final : public AdaptiveMaxPoolNd<2> {
  public:
    using AdaptiveMaxPoolNd::AdaptiveMaxPoolNd;
};
class AdaptiveMaxPool3d final : public AdaptiveMaxPoolNd<3> {
  public:
    using AdaptiveMaxPoolNd::AdaptiveMaxPoolNd;
};
class LPPool1d final : public LPPoolNd<1> {
  public:
    using LPPoolNd::LPPoolNd;
};
class LPPool2d final : public LPPoolNd<2> {
  public:
    using LPPoolNd::LPPoolNd;
};
class LPPool3d final : public LPPoolNd<3> {
  public:
    using LPPoolNd::LPPoolNd;
};

} // namespace hs::nn
