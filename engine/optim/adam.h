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

/// `torch.optim.Adam` (rule 125): g += weight_decay p; m += (1 - b1)(g - m); v = b2 v + (1 - b2) g^2;
/// p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps); with amsgrad the greatest v so far stands for v.
class Adam final : public Optimizer {
  public:
    explicit Adam(std::vector<Tensor> parameters, AdamOptions options = {});

    double learning_rate() const override { return options_.lr; }
    void set_learning_rate(double value) override;
    std::string type_name() const override { return "Adam"; }
    const AdamOptions& options() const { return options_; }

  protected:
    void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) override;

  private:
    struct State {
        Tensor m, v, greatest;
        std::int64_t step = 0;
    };

    AdamOptions options_;
    std::vector<State> states_;
};

} // namespace hs::optim
