#pragma once

#include "engine/graph/autograd_meta.h"

namespace hs {

/// The end of a gradient's way: adds it to the leaf's `.grad` (rules 46 to 49).
class AccumulateGrad final : public Node {
  public:
    explicit AccumulateGrad(const Tensor& leaf);
    ~AccumulateGrad() override;

    std::string_view name() const override { return "AccumulateGrad"; }
    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override;

    const Tensor& variable() const { return variable_; }

  private:
    Tensor variable_;
};

} // namespace hs
