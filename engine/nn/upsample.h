#pragma once

#include "engine/nn/module.h"

#include <optional>
#include <string>
#include <vector>

namespace hs::nn {

/// Other sizes of [n, c, sizes...], wanted or by factors of which each stands for one size or one for all.
class Upsample : public Module {
  public:
    struct Options {
        Dims size = {};                        ///< either this
        std::vector<double> scale_factor = {}; ///< or this
        std::string mode = "nearest";          ///< or "linear", "bilinear", "bicubic", "trilinear"
        std::optional<bool> align_corners = std::nullopt;
        bool recompute_scale_factor = false;
    };
    explicit Upsample(Options options) : options_(std::move(options)) {}

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Options options_;
};

/// Upsample of images in mode "nearest".
class UpsamplingNearest2d final : public Upsample {
  public:
    explicit UpsamplingNearest2d(Dims size, std::vector<double> scale_factor = {})
        : Upsample({.size = std::move(size), .scale_factor = std::move(scale_factor)}) {}
};

/// Upsample of images in mode "bilinear" with aligned corners.
class UpsamplingBilinear2d final : public Upsample {
  public:
    explicit UpsamplingBilinear2d(Dims size, std::vector<double> scale_factor = {})
        : Upsample({.size = std::move(size),
                    .scale_factor = std::move(scale_factor),
                    .mode = "bilinear",
                    .align_corners = true}) {}
};

/// [..., c * r * r, h, w] as [..., c, h * r, w * r].
class PixelShuffle final : public Module {
  public:
    explicit PixelShuffle(std::int64_t upscale_factor) : factor_(upscale_factor) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "upscale_factor=" + std::to_string(factor_); }

  private:
    std::int64_t factor_;
};

/// The other way round.
class PixelUnshuffle final : public Module {
  public:
    explicit PixelUnshuffle(std::int64_t downscale_factor) : factor_(downscale_factor) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "downscale_factor=" + std::to_string(factor_); }

  private:
    std::int64_t factor_;
};

/// Channels [n, c, ...] in `groups` groups, interleaved: the first of each, the second of each, and so on.
class ChannelShuffle final : public Module {
  public:
    explicit ChannelShuffle(std::int64_t groups) : groups_(groups) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "groups=" + std::to_string(groups_); }

  private:
    std::int64_t groups_;
};

} // namespace hs::nn
