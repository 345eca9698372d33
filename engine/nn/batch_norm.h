#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// Batch normalisation of dimension 1 (rules 118 and 119). In training: batch mean and biased variance normalise, and
/// running = (1 - momentum) running + momentum batch with the unbiased variance; without momentum, the average of all
/// batches. In evaluation the running values normalise, or the batch's if none are tracked.
class BatchNorm : public Module {
  public:
    struct Options {
        double eps = 1e-5;
        std::optional<double> momentum = 0.1;
        bool affine = true;
        bool track_running_stats = true;
    };

    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;
    Tensor& running_mean;
    Tensor& running_var;
    Tensor& num_batches_tracked;

  protected:
    BatchNorm(std::int64_t num_features, Options options);
    /// Throws ValueError when the input's rank does not fit.
    virtual void check_rank(const Tensor& input) const = 0;

  private:
    std::int64_t num_features_;
    Options options_;
};

/// Over [n, features] or [n, features, length].
class BatchNorm1d final : public BatchNorm {
  public:
    explicit BatchNorm1d(std::int64_t num_features) : BatchNorm1d(num_features, Options{}) {}
    BatchNorm1d(std::int64_t num_features, Options options) : BatchNorm(num_features, options) {}

  protected:
    void check_rank(const Tensor& input) const override;
};

/// Over [n, features, h, w].
class BatchNorm2d final : public BatchNorm {
  public:
    explicit BatchNorm2d(std::int64_t num_features) : BatchNorm2d(num_features, Options{}) {}
    BatchNorm2d(std::int64_t num_features, Options options) : BatchNorm(num_features, options) {}

  protected:
    void check_rank(const Tensor& input) const override;
};

/// Over [n, features, depth, h, w].
class BatchNorm3d final : public BatchNorm {
  public:
    explicit BatchNorm3d(std::int64_t num_features) : BatchNorm3d(num_features, Options{}) {}
    BatchNorm3d(std::int64_t num_features, Options options) : BatchNorm(num_features, options) {}

  protected:
    void check_rank(const Tensor& input) const override;
};

} // namespace hs::nn
