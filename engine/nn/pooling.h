#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

#include <optional>

namespace hs::nn {

/// The greatest element of each window of [n, c, h, w] (or without n). The stride is the kernel size unless given.
class MaxPool2d final : public Module {
  public:
    struct Options {
        Pair kernel_size;
        std::optional<Pair> stride = std::nullopt;
        Pair padding = 0;
        Pair dilation = 1;
        bool ceil_mode = false;
    };
    explicit MaxPool2d(Pair kernel_size) : MaxPool2d(Options{kernel_size}) {}
    explicit MaxPool2d(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// The mean of each window.
class AvgPool2d final : public Module {
  public:
    struct Options {
        Pair kernel_size;
        std::optional<Pair> stride = std::nullopt;
        Pair padding = 0;
        bool ceil_mode = false;
        bool count_include_pad = true;
    };
    explicit AvgPool2d(Pair kernel_size) : AvgPool2d(Options{kernel_size}) {}
    explicit AvgPool2d(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// The mean of each window of [n, c, length] (or without n).
class AvgPool1d final : public Module {
  public:
    struct Options {
        Sizes<1> kernel_size;
        std::optional<Sizes<1>> stride = std::nullopt;
        Sizes<1> padding = 0;
        bool ceil_mode = false;
        bool count_include_pad = true;
    };
    explicit AvgPool1d(std::int64_t kernel_size) : AvgPool1d(Options{kernel_size}) {}
    explicit AvgPool1d(Options options) : options_(options) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// Means over windows that divide the image into output_size parts.
class AdaptiveAvgPool2d final : public Module {
  public:
    explicit AdaptiveAvgPool2d(Pair output_size) : output_size_(output_size) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "output_size=" + output_size_.as_given(); }

  private:
    Pair output_size_;
};

} // namespace hs::nn
