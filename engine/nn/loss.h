#pragma once

#include "engine/nn/module.h"
#include "engine/ops/neural.h"

#include <string>

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

/// Of class indices. The weight of the classes, if given, is a buffer.
class ClassLoss : public Loss {
  public:
    Tensor& weight;

  protected:
    explicit ClassLoss(const ClassLossOptions& options);
    /// The options with the buffer as it is now.
    ClassLossOptions options() const;

  private:
    std::int64_t ignore_index_;
    std::string reduction_;
    double label_smoothing_;
};

/// Mean over the batch of -log softmax(input)[target]; logits [n, classes, ...] and class indices, or probabilities
/// (rule 121).
class CrossEntropyLoss final : public ClassLoss {
  public:
    explicit CrossEntropyLoss(const ClassLossOptions& options = {}) : ClassLoss(options) {}

  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;
};

/// Mean of -input[target] for log-probabilities.
class NLLLoss final : public ClassLoss {
  public:
    explicit NLLLoss(const ClassLossOptions& options = {}) : ClassLoss(options) {}

  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;
};

/// Mean of (input - target)^2. reduction: "mean", "sum" or "none", here and below.
class MSELoss final : public Loss {
  public:
    explicit MSELoss(std::string reduction = "mean") : reduction_(std::move(reduction)) {}

  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;

  private:
    std::string reduction_;
};

/// Mean of |input - target|.
class L1Loss final : public Loss {
  public:
    explicit L1Loss(std::string reduction = "mean") : reduction_(std::move(reduction)) {}

  protected:
    Tensor loss(const Tensor& input, const Tensor& target) override;

  private:
    std::string reduction_;
};

/// Mean of (log var + (input - target)^2 / var) / 2, where the variance is the third input and at least eps.
class GaussianNLLLoss final : public Module {
  public:
    struct Options {
        bool full = false; ///< adds log(2 pi) / 2
        double eps = 1e-6;
        std::string reduction = "mean";
    };
    GaussianNLLLoss() = default;
    explicit GaussianNLLLoss(Options options) : options_(std::move(options)) {}

    Tensors forward_all(const Tensors& inputs) override;

  private:
    Options options_;
};

} // namespace hs::nn
