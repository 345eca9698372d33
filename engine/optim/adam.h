#pragma once

#include "engine/optim/optimizer.h"

namespace hs::optim {

struct AdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool amsgrad = false;
    bool maximize = false;
};

/// What Adam and AdamW have in common: m += (1 - b1)(g - m); v = b2 v + (1 - b2) g^2;
/// p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps); with amsgrad the greatest v so far stands for v.
class AdamLike : public OptimizerOf<AdamOptions> {
  protected:
    /// decoupled: weight decay shrinks the parameter instead of being added to the gradient.
    AdamLike(std::vector<Tensor> parameters, const AdamOptions& options, bool decoupled);
    void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) override;

  private:
    struct State {
        Tensor m, v, greatest;
        std::int64_t step = 0;
    };

    bool decoupled_;
    std::vector<State> states_;
};

/// `torch.optim.Adam` (rule 125): g += weight_decay p.
class Adam final : public AdamLike {
  public:
    explicit Adam(std::vector<Tensor> parameters, const AdamOptions& options = {})
        : AdamLike(std::move(parameters), options, false) {}
    std::string type_name() const override { return "Adam"; }
};

/// `torch.optim.AdamW` (Loshchilov and Hutter 2019): p *= 1 - lr weight_decay before the step.
class AdamW final : public AdamLike {
  public:
    explicit AdamW(std::vector<Tensor> parameters, const AdamOptions& options = {.weight_decay = 1e-2})
        : AdamLike(std::move(parameters), options, true) {}
    std::string type_name() const override { return "AdamW"; }
};

} // namespace hs::optim
