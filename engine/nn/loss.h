#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// A module of two inputs: prediction and target.
class Loss : public Module {
  public:
    using Module::operator();
    Tensor operator()(const Tensor& input, const Tensor& target);
    Tensors forward_all(const Tensors& inputs) override;

  protected:
    virtual Tensor loss(const Tensor& input, const Tensor& target) = 0;
};

/// Mean over the batch of -log softmax(input)[target]; logits [n, classes] and class indices (rule 121).
class CrossEntropyLoss final : public Loss {
  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;
};

/// Mean of -input[target] for log-probabilities.
class NLLLoss final : public Loss {
  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;
};

/// Mean of (input - target)^2.
class MSELoss final : public Loss {
  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;
};

} // namespace hs::nn
