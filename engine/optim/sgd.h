#pragma once

#include "engine/optim/optimizer.h"

namespace hs::optim {

struct SgdOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
    bool maximize = false;
};

/// `torch.optim.SGD` (rule 124): g = grad + weight_decay p; the buffer is g at first, then momentum buffer +
/// (1 - dampening) g; p -= lr buffer, or with nesterov p -= lr (g + momentum buffer).
class Sgd final : public OptimizerOf<SgdOptions> {
  public:
    explicit Sgd(std::vector<Tensor> parameters, SgdOptions options = {});

    std::string type_name() const override { return "SGD"; }

  protected:
    void update(std::size_t index, const Tensor& parameter, const Tensor& gradient) override;

  private:
    std::vector<Tensor> momentum_buffers_;
};

} // namespace hs::optim
