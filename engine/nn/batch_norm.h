#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// What batch and instance norm have in common: weight and bias [features] where affine, which start at 1 and 0, and
/// where tracked the running statistics, which start at mean 0 and variance 1.
class RunningNorm : public Module {
  public:
    std::string extra_repr() const override;

    Tensor& weight;
    Tensor& bias;
    Tensor& running_mean;
    Tensor& running_var;
    Tensor& num_batches_tracked;

  protected:
    struct Plan {
        double eps;
        std::optional<double> momentum;
        bool affine;
        bool track_running_stats;
    };
    RunningNorm(std::int64_t num_features, Plan plan);
    /// 2 since there is num_batches_tracked, which an older state_dict may lack (rule 110).
    std::int64_t state_version() const override { return 2; }
    void load_from_state_dict(const LoadCall& call) override;
    /// Throws ValueError when the input's rank does not fit.
    virtual void check_rank(const Tensor& input) const = 0;
    /// The common text of check_rank(): `expected 4D input (got 2D input)`.
    static void expect(bool fits, const char* ranks, const Tensor& input);

    std::int64_t num_features_;
    Plan plan_;
};

/// Batch normalisation of dimension 1 (rules 118 and 119). In training: batch mean and biased variance normalise, and
/// running = (1 - momentum) running + momentum batch with the unbiased variance; without momentum, the average of all
/// batches. In evaluation the running values normalise, or the batch's if none are tracked.
class BatchNorm : public RunningNorm {
  public:
    struct Options {
        double eps = 1e-5;
        std::optional<double> momentum = 0.1;
        bool affine = true;
        bool track_running_stats = true;
    };

    Tensor forward(const Tensor& input) override;

  protected:
    BatchNorm(std::int64_t num_features, Options o)
        : RunningNorm(num_features, {o.eps, o.momentum, o.affine, o.track_running_stats}) {}
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
