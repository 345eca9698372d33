#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// A function of each element, or of a dimension. Those that take `inplace` write the result into their input then.
class Activation : public Module {
  public:
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return text_; }

  protected:
    using Function = std::function<Tensor(const Tensor&)>;
    /// `text` is what extra_repr() says of the parameters.
    explicit Activation(Function function, std::string text = {})
        : Activation(std::move(function), std::move(text), false) {}
    Activation(Function function, std::string text, bool inplace);

  private:
    Function function_;
    std::string text_;
    bool inplace_;
};

/// max(x, 0).
class ReLU final : public Activation {
  public:
    explicit ReLU(bool inplace = false);
};
/// min(max(x, 0), 6).
class ReLU6 final : public Activation {
  public:
    explicit ReLU6(bool inplace = false);
};
/// x where x > 0, else negative_slope * x.
class LeakyReLU final : public Activation {
  public:
    explicit LeakyReLU(Scalar negative_slope = 0.01, bool inplace = false);
};
/// x where x > 0, else alpha (exp(x) - 1).
class ELU final : public Activation {
  public:
    explicit ELU(Scalar alpha = 1.0, bool inplace = false);
};
/// scale (x where x > 0, else alpha (exp(x) - 1)), with the scale and alpha of Klambauer et al. 2017.
class SELU final : public Activation {
  public:
    explicit SELU(bool inplace = false);
};
/// x where x > 0, else alpha (exp(x / alpha) - 1).
class CELU final : public Activation {
  public:
    explicit CELU(Scalar alpha = 1.0, bool inplace = false);
};
/// x Phi(x); approximate: "none" for the exact error function, or "tanh".
class GELU final : public Activation {
  public:
    explicit GELU(const std::string& approximate = "none");
};
/// x sigmoid(x).
class SiLU final : public Activation {
  public:
    explicit SiLU(bool inplace = false);
};
/// x tanh(softplus(x)).
class Mish final : public Activation {
  public:
    explicit Mish(bool inplace = false);
};
class Tanh final : public Activation {
  public:
    Tanh();
};
/// 1 / (1 + exp(-x)).
class Sigmoid final : public Activation {
  public:
    Sigmoid();
};
/// min(max(x, min_val), max_val).
class Hardtanh final : public Activation {
  public:
    explicit Hardtanh(Scalar min_val = -1.0, Scalar max_val = 1.0, bool inplace = false);
};
/// x min(max(x + 3, 0), 6) / 6.
class Hardswish final : public Activation {
  public:
    explicit Hardswish(bool inplace = false);
};
/// min(max(x + 3, 0), 6) / 6.
class Hardsigmoid final : public Activation {
  public:
    explicit Hardsigmoid(bool inplace = false);
};
/// log(1 + exp(beta x)) / beta, and x where beta x is above the threshold.
class Softplus final : public Activation {
  public:
    explicit Softplus(Scalar beta = 1.0, Scalar threshold = 20.0);
};
/// x / (1 + |x|).
class Softsign final : public Activation {
  public:
    Softsign();
};
/// log(sigmoid(x)).
class LogSigmoid final : public Activation {
  public:
    LogSigmoid();
};
/// x - tanh(x).
class Tanhshrink final : public Activation {
  public:
    Tanhshrink();
};
/// x where |x| > lambd, else 0.
class Hardshrink final : public Activation {
  public:
    explicit Hardshrink(Scalar lambd = 0.5);
};
/// x moved towards 0 by lambd.
class Softshrink final : public Activation {
  public:
    explicit Softshrink(Scalar lambd = 0.5);
};
/// x where x > threshold, else value.
class Threshold final : public Activation {
  public:
    Threshold(Scalar threshold, Scalar value, bool inplace = false);
};
/// a sigmoid(b) for the halves a, b of x along dim.
class GLU final : public Activation {
  public:
    explicit GLU(std::int64_t dim = -1);
};
/// exp(x) over its sum along dim. Without a dim, PyTorch's old choice with its warning: 0 for 0, 1 or 3 dimensions,
/// else 1.
class Softmax final : public Activation {
  public:
    explicit Softmax(std::optional<std::int64_t> dim = std::nullopt);
};
class LogSoftmax final : public Activation {
  public:
    explicit LogSoftmax(std::optional<std::int64_t> dim = std::nullopt);
};
/// Softmax of -x.
class Softmin final : public Activation {
  public:
    explicit Softmin(std::optional<std::int64_t> dim = std::nullopt);
};
/// Softmax over the channels of [n, c, h, w] (or without n).
class Softmax2d final : public Activation {
  public:
    Softmax2d();
};

/// x where x > 0, else weight * x; one learned slope, or one a channel (dimension 1).
class PReLU final : public Module {
  public:
    explicit PReLU(std::int64_t num_parameters = 1, double init = 0.25);
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

    Tensor& weight;
};

/// Leaky ReLU whose slope is, in training, drawn for each element that is not positive, from the default generator,
/// uniformly between lower and upper; in evaluation it is their mean.
class RReLU final : public Module {
  public:
    explicit RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3, bool inplace = false);
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    double lower_, upper_;
    bool inplace_;
};

} // namespace hs::nn
