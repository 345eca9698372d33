#pragma once

#include "engine/nn/module.h"
#include "engine/ops/neural.h"

#include <optional>
#include <string>

/// Losses. `reduction` is "mean", "sum" or "none" everywhere: over the elements, or over what is said.
namespace hs::nn {

/// A module of several inputs: prediction and target, mostly.
class Loss : public Module {
  public:
    using Module::operator();
    Tensor operator()(const Tensor& input, const Tensor& target);
    Tensor operator()(const Tensor& first, const Tensor& second, const Tensor& third);
    Tensors forward_all(const Tensors& inputs) override;

  protected:
    explicit Loss(std::size_t inputs) : inputs_(inputs) {}
    virtual Tensor loss(const Tensors& inputs) = 0;

  private:
    std::size_t inputs_;
};

/// A loss that needs nothing but its inputs.
class PlainLoss : public Loss {
  protected:
    using Function = std::function<Tensor(const Tensors&)>;
    PlainLoss(std::size_t inputs, Function function) : Loss(inputs), function_(std::move(function)) {}
    Tensor loss(const Tensors& inputs) override { return function_(inputs); }

  private:
    Function function_;
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
    Tensor loss(const Tensors& inputs) override;
};

/// Mean of -input[target] for log-probabilities.
class NLLLoss final : public ClassLoss {
  public:
    explicit NLLLoss(const ClassLossOptions& options = {}) : ClassLoss(options) {}

  protected:
    Tensor loss(const Tensors& inputs) override;
};

/// Mean of -weight (target log(input) + (1 - target) log(1 - input)) for probabilities. The weight, if given, is a
/// buffer that broadcasts to the input.
class BCELoss final : public Loss {
  public:
    explicit BCELoss(const Tensor& weight = {}, std::string reduction = "mean");
    Tensor& weight;

  protected:
    Tensor loss(const Tensors& inputs) override;

  private:
    std::string reduction_;
};

/// The same for logits; pos_weight, if given, multiplies the part of the targets.
class BCEWithLogitsLoss final : public Loss {
  public:
    explicit BCEWithLogitsLoss(const Tensor& weight = {}, std::string reduction = "mean",
                               const Tensor& pos_weight = {});
    Tensor& weight;
    Tensor& pos_weight;

  protected:
    Tensor loss(const Tensors& inputs) override;

  private:
    std::string reduction_;
};

/// Mean over the batch of sum over the other classes of max(0, margin - x[target] + x[j])^p / classes, where the weight
/// of the target's class, if given, is a factor. input [n, classes] or [classes].
class MultiMarginLoss final : public Loss {
  public:
    explicit MultiMarginLoss(std::int64_t p = 1, double margin = 1, const Tensor& weight = {},
                             std::string reduction = "mean");
    Tensor& weight;

  protected:
    Tensor loss(const Tensors& inputs) override;

  private:
    std::int64_t p_;
    double margin_;
    std::string reduction_;
};

/// Mean over the classes of the binary cross entropy of logits, then over the batch.
class MultiLabelSoftMarginLoss final : public Loss {
  public:
    explicit MultiLabelSoftMarginLoss(const Tensor& weight = {}, std::string reduction = "mean");
    Tensor& weight;

  protected:
    Tensor loss(const Tensors& inputs) override;

  private:
    std::string reduction_;
};

/// Mean of (input - target)^2.
class MSELoss final : public PlainLoss {
  public:
    explicit MSELoss(const std::string& reduction = "mean");
};
/// Mean of |input - target|.
class L1Loss final : public PlainLoss {
  public:
    explicit L1Loss(const std::string& reduction = "mean");
};
/// Mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, with d = input - target.
class SmoothL1Loss final : public PlainLoss {
  public:
    explicit SmoothL1Loss(const std::string& reduction = "mean", double beta = 1);
};
/// Mean of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2).
class HuberLoss final : public PlainLoss {
  public:
    explicit HuberLoss(const std::string& reduction = "mean", double delta = 1);
};
/// Mean of target (log target - input) for log-probabilities; reduction may also be "batchmean".
class KLDivLoss final : public PlainLoss {
  public:
    explicit KLDivLoss(const std::string& reduction = "mean", bool log_target = false);
};
/// Mean of exp(input) - target input, or without log_input of input - target log(input + eps); full adds Stirling's
/// term.
class PoissonNLLLoss final : public PlainLoss {
  public:
    explicit PoissonNLLLoss(bool log_input = true, bool full = false, double eps = 1e-8,
                            const std::string& reduction = "mean");
};
/// Mean of (log var + (input - target)^2 / var) / 2, where the variance is the third input and at least eps.
class GaussianNLLLoss final : public PlainLoss {
  public:
    struct Options {
        bool full = false; ///< adds log(2 pi) / 2
        double eps = 1e-6;
        std::string reduction = "mean";
    };
    GaussianNLLLoss() : GaussianNLLLoss(Options{}) {}
    explicit GaussianNLLLoss(const Options& options);
};
/// Mean of the input where the target is 1, and of max(0, margin - input) where it is -1.
class HingeEmbeddingLoss final : public PlainLoss {
  public:
    explicit HingeEmbeddingLoss(double margin = 1, const std::string& reduction = "mean");
};
/// Mean of log(1 + exp(-target input)).
class SoftMarginLoss final : public PlainLoss {
  public:
    explicit SoftMarginLoss(const std::string& reduction = "mean");
};
/// Mean of max(0, -target (input1 - input2) + margin); three inputs.
class MarginRankingLoss final : public PlainLoss {
  public:
    explicit MarginRankingLoss(double margin = 0, const std::string& reduction = "mean");
};
/// Mean of 1 - cos(input1, input2) where the target is 1, of max(0, cos - margin) where it is -1; three inputs.
class CosineEmbeddingLoss final : public PlainLoss {
  public:
    explicit CosineEmbeddingLoss(double margin = 0, const std::string& reduction = "mean");
};
/// Mean of max(0, |anchor - positive| - |anchor - negative| + margin); three inputs.
class TripletMarginLoss final : public PlainLoss {
  public:
    struct Options {
        double margin = 1;
        double p = 2;
        double eps = 1e-6;
        bool swap = false; ///< takes the distance of positive and negative where it is the smaller one
        std::string reduction = "mean";
    };
    TripletMarginLoss() : TripletMarginLoss(Options{}) {}
    explicit TripletMarginLoss(const Options& options);
};
/// Mean over the batch of sum over targets i and others j of max(0, 1 - x[i] + x[j]) / classes; a target's indices end
/// at the first -1.
class MultiLabelMarginLoss final : public PlainLoss {
  public:
    explicit MultiLabelMarginLoss(const std::string& reduction = "mean");
};

} // namespace hs::nn
