#pragma once

#include "engine/optim/optimizer_of.h"

namespace hs::optim {

struct AdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool amsgrad = false;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("betas", self.beta1, self.beta2);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("amsgrad", self.amsgrad);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false}, {"differentiable", false}, {"foreach", {}}, {"fused", {}}};
    }
};

/// Adam's, with a weight decay to begin with.
struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 1e-2;
    bool amsgrad = false;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) { AdamOptions::each(self, visit); }
    static std::map<std::string, OptionValue> fixed() { return AdamOptions::fixed(); }
};

struct AdamState {
    std::int64_t step = 0;
    Tensor m, v;
    Tensor greatest; ///< undefined without amsgrad

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("exp_avg", self.m);
        visit("exp_avg_sq", self.v);
        visit("max_exp_avg_sq", self.greatest);
    }
};

/// `torch.optim.Adam` (rule 125): g = grad + weight_decay p; m += (1 - b1)(g - m); v = b2 v + (1 - b2) g^2;
/// p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps); with amsgrad the greatest v so far stands for v.
class Adam final : public OptimizerOf<AdamOptions, AdamState> {
  public:
    explicit Adam(std::vector<Tensor> parameters, const AdamOptions& options = {})
        : OptimizerOf(std::move(parameters), options) {}
    explicit Adam(const std::vector<Group>& groups) : OptimizerOf(groups) {}
    std::string type_name() const override { return "Adam"; }

  protected:
    void apply(const AdamOptions& options, AdamState& state, const Tensor& parameter, const Tensor& gradient) override;
};

/// `torch.optim.AdamW` (Loshchilov and Hutter 2019): Adam, but instead of g p *= 1 - lr weight_decay before the step.
class AdamW final : public OptimizerOf<AdamWOptions, AdamState> {
  public:
    explicit AdamW(std::vector<Tensor> parameters, const AdamWOptions& options = {})
        : OptimizerOf(std::move(parameters), options) {}
    explicit AdamW(const std::vector<Group>& groups) : OptimizerOf(groups) {}
    std::string type_name() const override { return "AdamW"; }

  protected:
    void apply(const AdamWOptions& options, AdamState& state, const Tensor& parameter, const Tensor& gradient) override;
};

} // namespace hs::optim
