#pragma once

#include "engine/nn/batch_norm.h"

namespace hs::nn {

/// Normalises each channel of each item by its own mean and biased variance; where running statistics are tracked,
/// those normalise in evaluation, and training moves them as batch norm does.
class InstanceNorm : public RunningNorm {
  public:
    struct Options {
        double eps = 1e-5;
        std::optional<double> momentum = 0.1;
        bool affine = false;
        bool track_running_stats = false;
    };

    Tensor forward(const Tensor& input) override;

  protected:
    /// dimensions: of the space.
    InstanceNorm(std::int64_t dimensions, std::int64_t num_features, Options o)
        : RunningNorm(num_features, {o.eps, o.momentum, o.affine, o.track_running_stats}), dimensions_(dimensions) {}
    void check_rank(const Tensor& input) const override;

  private:
    std::int64_t dimensions_;
};

/// Over [n, features, length] (or without n).
class InstanceNorm1d final : public InstanceNorm {
  public:
    explicit InstanceNorm1d(std::int64_t num_features) : InstanceNorm1d(num_features, Options{}) {}
    InstanceNorm1d(std::int64_t num_features, Options options) : InstanceNorm(1, num_features, options) {}
};

/// Over [n, features, h, w] (or without n).
class InstanceNorm2d final : public InstanceNorm {
  public:
    explicit InstanceNorm2d(std::int64_t num_features) : InstanceNorm2d(num_features, Options{}) {}
    InstanceNorm2d(std::int64_t num_features, Options options) : InstanceNorm(2, num_features, options) {}
};

/// Over [n, features, depth, h, w] (or without n).
class InstanceNorm3d final : public InstanceNorm {
  public:
    explicit InstanceNorm3d(std::int64_t num_features) : InstanceNorm3d(num_features, Options{}) {}
    InstanceNorm3d(std::int64_t num_features, Options options) : InstanceNorm(3, num_features, options) {}
};

} // namespace hs::nn
