#pragma once

#include "engine/optim/optimizer_of.h"

namespace hs::optim {

/// Adam's, or where `decoupled` AdamW's, which has a weight decay to begin with.
template <bool decoupled>
struct AdamOptionsOf {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = decoupled ? 1e-2 : 0;
    bool amsgrad = false;
    bool maximize = false;

    void check() const { check_common(*this); }
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("betas", self.beta1, self.beta2);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("amsgrad", self.amsgrad);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false},
                {"decoupled_weight_decay", decoupled},
                {"differentiable", false},
                {"foreach", {}},
                {"fused", {}}};
    }
};
using AdamOptions = AdamOptionsOf<false>;
using AdamWOptions = AdamOptionsOf<true>;

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
/// `torch.optim.AdamW` (Loshchilov and Hutter 2019) is the same where `decoupled`, but instead of g it is p that
/// decays: p *= 1 - lr weight_decay before the step.
template <bool decoupled>
class AdamOf final : public OptimizerOf<AdamOptionsOf<decoupled>, AdamState> {
    using Base = OptimizerOf<AdamOptionsOf<decoupled>, AdamState>;

  public:
    using Base::Base;
    std::string type_name() const override { return decoupled ? "AdamW" : "Adam"; }

  protected:
    void apply(const AdamOptionsOf<decoupled>& options, AdamState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};
using Adam = AdamOf<false>;
using AdamW = AdamOf<true>;

} // namespace hs::optim
