#pragma once

#include "engine/optim/optimizer.h"

#include <functional>
#include <vector>

namespace hs::optim {

/// Changes the learning rate of each of an optimizer's groups from epoch to epoch, by what it is now: several may work
/// on one optimizer, and a rate that somebody sets in between is the one that goes on. Construction sets the rate of
/// epoch 0; the optimizer must outlive the scheduler.
class Scheduler {
  public:
    virtual ~Scheduler() = default;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// Call once an epoch (OneCycleLR: once a batch), after the optimizer's step().
    void step();
    /// The number of step() calls.
    std::int64_t last_epoch() const { return epoch_; }

  protected:
    explicit Scheduler(Optimizer& optimizer);
    /// The rate of last_epoch() of a group, given that of the epoch before, and `base`, its initial_learning_rate.
    virtual double next(double rate, double base) = 0;
    /// Sets the rates of last_epoch(); constructors call it.
    void set_rates();

    Optimizer& optimizer_;
    std::int64_t epoch_ = 0;

  private:
    std::vector<double> bases_; ///< of each group
};

/// Times gamma every step_size epochs.
class StepLR final : public Scheduler {
  public:
    StepLR(Optimizer& optimizer, std::int64_t step_size, double gamma = 0.1);

  protected:
    double next(double rate, double base) override;

  private:
    std::int64_t step_size_;
    double gamma_;
};

/// Times gamma at each milestone; one that is named twice counts twice.
class MultiStepLR final : public Scheduler {
  public:
    MultiStepLR(Optimizer& optimizer, std::vector<std::int64_t> milestones, double gamma = 0.1);

  protected:
    double next(double rate, double base) override;

  private:
    std::vector<std::int64_t> milestones_;
    double gamma_;
};

/// Times gamma each epoch.
class ExponentialLR final : public Scheduler {
  public:
    ExponentialLR(Optimizer& optimizer, double gamma);

  protected:
    double next(double rate, double base) override;

  private:
    double gamma_;
};

/// The first rate times `factor` for total_iters epochs.
class ConstantLR final : public Scheduler {
  public:
    explicit ConstantLR(Optimizer& optimizer, double factor = 1.0 / 3, std::int64_t total_iters = 5);

  protected:
    double next(double rate, double base) override;

  private:
    double factor_;
    std::int64_t total_iters_;
};

/// The first rate times a factor that goes in a line from start_factor to end_factor within total_iters epochs.
class LinearLR final : public Scheduler {
  public:
    explicit LinearLR(Optimizer& optimizer, double start_factor = 1.0 / 3, double end_factor = 1,
                      std::int64_t total_iters = 5);

  protected:
    double next(double rate, double base) override;

  private:
    double start_, end_;
    std::int64_t total_iters_;
};

/// Half a cosine from the first rate to eta_min in t_max epochs, and back (Loshchilov and Hutter 2017).
class CosineAnnealingLR final : public Scheduler {
  public:
    CosineAnnealingLR(Optimizer& optimizer, std::int64_t t_max, double eta_min = 0);

  protected:
    double next(double rate, double base) override;

  private:
    std::int64_t t_max_;
    double eta_min_;
};

/// The first rate times a function of the epoch.
class LambdaLR final : public Scheduler {
  public:
    LambdaLR(Optimizer& optimizer, std::function<double(std::int64_t epoch)> factor);

  protected:
    double next(double rate, double base) override;

  private:
    std::function<double(std::int64_t)> factor_;
};

struct OneCycleOptions {
    double max_lr;
    std::int64_t total_steps;
    double pct_start = 0.3; ///< of the steps, in which the rate rises
    bool linear = false;    ///< else along a cosine
    bool cycle_momentum = true;
    double base_momentum = 0.85;
    double max_momentum = 0.95;
    double div_factor = 25;        ///< max_lr over the first rate
    double final_div_factor = 1e4; ///< the first rate over the last
    bool three_phase = false;      ///< comes down to the first rate as it rose, then to the last
};

/// Up to max_lr and down to almost nothing within total_steps, the momentum the other way round (Smith and Topin 2018).
class OneCycleLR final : public Scheduler {
  public:
    OneCycleLR(Optimizer& optimizer, const OneCycleOptions& options);

  protected:
    double next(double rate, double base) override;

  private:
    struct Phase {
        double end; ///< the step at which it ends
        double rate_from, rate_to, momentum_from, momentum_to;
    };
    double between(double from, double to, double part) const;

    OneCycleOptions options_;
    std::vector<Phase> phases_;
};

struct PlateauOptions {
    bool maximize = false; ///< a greater metric is better
    double factor = 0.1;
    std::int64_t patience = 10; ///< epochs without progress that are let pass
    double threshold = 1e-4;    ///< the least progress
    bool absolute_threshold = false;
    std::int64_t cooldown = 0; ///< epochs after a reduction that are not counted
    double min_lr = 0;
    double eps = 1e-8; ///< a smaller change of the rate is not made
};

/// Times `factor` when a metric makes no progress.
class ReduceLROnPlateau final {
  public:
    explicit ReduceLROnPlateau(Optimizer& optimizer, const PlateauOptions& options = {});
    void step(double metric);

  private:
    bool is_better(double metric) const;

    Optimizer& optimizer_;
    PlateauOptions options_;
    double best_;
    std::int64_t bad_epochs_ = 0, cooldown_left_ = 0;
};

} // namespace hs::optim
