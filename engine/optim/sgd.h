#pragma once

#include "engine/optim/optimizer_of.h"

namespace hs::optim {

struct SgdOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("momentum", self.momentum);
        visit("dampening", self.dampening);
        visit("weight_decay", self.weight_decay);
        visit("nesterov", self.nesterov);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"differentiable", false}, {"foreach", {}}, {"fused", {}}};
    }
};

struct SgdState {
    Tensor momentum_buffer; ///< undefined without momentum

    static void each(auto& self, auto&& visit) { visit("momentum_buffer", self.momentum_buffer); }
};

/// `torch.optim.SGD` (rule 124): g = grad + weight_decay p; the buffer is g at first, then momentum buffer +
/// (1 - dampening) g; p -= lr buffer, or with nesterov p -= lr (g + momentum buffer).
class Sgd final : public OptimizerOf<SgdOptions, SgdState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "SGD"; }

  protected:
    void apply(const SgdOptions& options, SgdState& state, const Tensor& parameter, const Tensor& gradient) override;
};

} // namespace hs::optim
